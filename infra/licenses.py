"""`python -m infra.licenses`: what everything that is pinned is licensed under, as docs/licenses.md."""

import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from typing import NamedTuple

from infra.local.engine import ROOT

SHIPPED, PINNED = ROOT / "requirements.lock", ROOT / "requirements-dev.lock"
LISTED = ROOT / "docs/licenses.md"
HEAD = """\
# Licenses

Lockstep is licensed under MIT. This is what it needs, as that tells itself (`make licenses` writes it anew). Shipped is
what the deployed functions need; everything else is for development.

| package | version | license | shipped |
|---|---|---|---|
"""


class Licensed(NamedTuple):
    """A pinned package and what it says of its license."""

    name: str
    version: str
    license: str
    shipped: bool


def licensed() -> Iterator[Licensed]:
    """Every pinned package that this machine has, by name: some are for other systems only."""
    shipped = pinned_in(SHIPPED.read_text())
    for name in sorted(pinned_in(PINNED.read_text())):
        try:
            told = metadata(name)
        except PackageNotFoundError:
            continue
        yield Licensed(name, told["Version"], _license(told), name in shipped)


def pinned_in(lock: str) -> dict[str, str]:
    """Names and versions in a file of locked requirements; of several versions of one package the last."""
    return dict(re.findall(r"^([a-z0-9-]+)==([^\s;]+)", lock, re.MULTILINE))


def listed() -> str:
    """The file as it should be."""
    rows = (f"| {one.name} | {one.version} | {one.license} | {'yes' if one.shipped else ''} |\n" for one in licensed())
    return HEAD + "".join(rows)


def _license(told: PackageMetadata) -> str:
    """The license by the newest of the fields that tell it."""
    classifiers = [text for text in told.get_all("Classifier", []) if text.startswith("License :: OSI")]
    named = [text.rpartition(" :: ")[2] for text in classifiers]
    first_line = (told.get("License") or "").strip().partition("\n")[0].strip()
    return told.get("License-Expression") or " or ".join(sorted(named)) or first_line or "unknown"


if __name__ == "__main__":
    LISTED.write_text(listed())
    sys.exit(0)
