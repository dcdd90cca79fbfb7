"""What is installed and shipped: locked by hash, as required, under licenses that allow it, and listed in a bill."""

import json
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from infra.package.sbom import write_sbom

ROOT = Path(__file__).parents[2]
SHIPPED, PINNED = ROOT / "requirements.lock", ROOT / "requirements/all.lock"
INSTALLER = ROOT / "requirements/uv.lock"
GROUPS = sorted((ROOT / "requirements").glob("*.txt"))
REQUIRED = {
    SHIPPED: [ROOT / "requirements.txt"],
    PINNED: [ROOT / "requirements.txt", *GROUPS],
    INSTALLER: [ROOT / "requirements/uv.txt"],
}
# Reads the metadata of every package, those of the long commands included.
takes_every_package = pytest.mark.long
# As packages spell them. None of these licenses asks anything of the operator or the user of a product.
ALLOWED_TO_SHIP = "Apache-2.0;Apache-2.0 OR BSD-3-Clause;BSD License;BSD-3-Clause;MIT;MIT License;MIT-0"


def pinned_in(lock: str) -> dict[str, str]:
    """Return names and versions in a file of locked requirements; of several versions of one package the last."""
    return dict(re.findall(r"^([a-z0-9-]+)==([^\s;]+)", lock, re.MULTILINE))


def licenses(*options: str) -> str:
    """Return the list of licenses, as pyproject.toml sets it. Raises where one of them is not allowed."""
    command = [sys.executable, "-m", "piplicenses", *options]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def required(paths: list[Path]) -> list[tuple[str, str]]:
    """Return the names, as locks spell them, and the versions in files of requirements."""
    text = "".join(path.read_text() for path in paths)
    found = re.findall(r"^([A-Za-z0-9-]+)(?:\[[\w,]+\])?==(\S+)", text, re.MULTILINE)
    return [(name.lower(), pinned) for name, pinned in found]


@pytest.mark.parametrize("lock", REQUIRED, ids=lambda lock: lock.name)
def test_every_requirement_is_locked_as_it_is_pinned_and_everything_locked_has_hashes(lock: Path) -> None:
    text = lock.read_text()
    assert set(required(REQUIRED[lock])) <= pinned_in(text).items()
    assert all("--hash=sha256:" in entry for entry in re.split(r"\n(?=[a-z])", text.strip()))
    assert "://" not in text


def test_every_version_is_stated_once() -> None:
    names = [name for name, _ in required(REQUIRED[PINNED])]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("lock", [SHIPPED, INSTALLER], ids=lambda lock: lock.name)
def test_what_is_shipped_and_what_installs_is_what_is_developed_with(lock: Path) -> None:
    assert pinned_in(lock.read_text()).items() <= pinned_in(PINNED.read_text()).items()


@takes_every_package
def test_what_is_installed_is_what_is_locked() -> None:
    text = PINNED.read_text()
    for name in pinned_in(text):
        versions = set(re.findall(rf"^{name}==([^\s;]+)", text, re.MULTILINE))
        try:
            assert version(name) in versions, name
        except PackageNotFoundError:
            assert re.search(rf"^{name}==\S+ ; ", text, re.MULTILINE), f"{name} is not installed"


@takes_every_package
def test_every_license_is_allowed_and_listed() -> None:
    assert (ROOT / "docs/licenses.md").read_text() == licenses(), "`make licenses` writes the list"


@takes_every_package
def test_the_licenses_of_what_is_shipped_ask_nothing() -> None:
    licenses("--packages", *pinned_in(SHIPPED.read_text()), "--allow-only", ALLOWED_TO_SHIP)


@pytest.mark.long  # Makes the bill twice.
def test_the_bill_of_materials_names_what_is_shipped_and_is_the_same_again(tmp_path: Path) -> None:
    for name in ("one", "other"):
        write_sbom(tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
    bill = json.loads((tmp_path / "one").read_text())
    assert bill["metadata"]["component"]["name"] == "lockstep"
    assert {part["name"]: part["version"] for part in bill["components"]} == pinned_in(SHIPPED.read_text())
    assert all(part["externalReferences"][0]["hashes"] for part in bill["components"])
