"""What is installed and shipped: locked by hash, as required, under licenses that allow it, and told in a bill."""

import json
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from infra.licenses import LISTED, PINNED, SHIPPED, licensed, listed, pinned_in
from infra.package.bill import make_bill

ROOT = Path(__file__).parents[2]
REQUIRED = {SHIPPED: ROOT / "requirements.txt", PINNED: ROOT / "requirements-dev.txt"}
# As packages spell them. None of these asks anything of who ships or runs what is built with them.
ALLOWED_TO_SHIP = {
    "Apache-2.0",
    "Apache-2.0 OR BSD-3-Clause",
    "Apache Software License or BSD License",
    "BSD License",
    "BSD-3-Clause",
    "MIT",
    "MIT License",
    "MIT-0",
}
# Development may use more: what is changed of these has to be published, and nothing is.
ALLOWED = ALLOWED_TO_SHIP | {
    "0BSD",
    "Apache License 2.0",
    "Apache Software License",
    "Apache Software License or MIT License",
    "Apache-2.0 AND CNRI-Python",
    "Apache-2.0 OR BSD-2-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause AND 0BSD AND MIT AND Zlib AND CC0-1.0",
    "BSD",
    "ISC License (ISCL)",
    "MIT AND PSF-2.0",
    "MIT OR Apache-2.0",
    "MPL-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)",
    "PSF-2.0",
    "Python Software Foundation License",
}


def required(path: Path) -> dict[str, str]:
    """Names, as locks spell them, and versions in a file of requirements."""
    found = re.findall(r"^([A-Za-z0-9-]+)(?:\[\w+\])?==(\S+)", path.read_text(), re.MULTILINE)
    return {name.lower(): pinned for name, pinned in found}


@pytest.mark.parametrize("lock", REQUIRED, ids=lambda lock: lock.name)
def test_every_requirement_is_locked_as_it_is_pinned_and_everything_locked_has_hashes(lock: Path) -> None:
    text = lock.read_text()
    assert required(REQUIRED[lock]).items() <= pinned_in(text).items()
    assert all("--hash=sha256:" in entry for entry in re.split(r"\n(?=[a-z])", text.strip()))
    assert "://" not in text


def test_what_is_shipped_is_what_is_developed_with() -> None:
    assert pinned_in(SHIPPED.read_text()).items() <= pinned_in(PINNED.read_text()).items()


def test_what_is_installed_is_what_is_locked() -> None:
    text = PINNED.read_text()
    for name in pinned_in(text):
        versions = set(re.findall(rf"^{name}==([^\s;]+)", text, re.MULTILINE))
        try:
            assert version(name) in versions, name
        except PackageNotFoundError:
            assert re.search(rf"^{name}==\S+ ; ", text, re.MULTILINE), f"{name} is not installed"


def test_every_license_is_listed_and_allows_what_is_done() -> None:
    found = list(licensed())
    assert {package for package in found if package.license not in ALLOWED} == set()
    assert {package for package in found if package.shipped and package.license not in ALLOWED_TO_SHIP} == set()
    assert LISTED.read_text() == listed(), "`make licenses` writes the list anew"


def test_the_bill_of_materials_names_what_is_shipped_and_is_the_same_again(tmp_path: Path) -> None:
    for name in ("one", "other"):
        make_bill(tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
    bill = json.loads((tmp_path / "one").read_text())
    assert bill["metadata"]["component"]["name"] == "lockstep"
    assert {part["name"]: part["version"] for part in bill["components"]} == pinned_in(SHIPPED.read_text())
    assert all(part["externalReferences"][0]["hashes"] for part in bill["components"])
