"""The dependencies, which are locked by hash, under allowed licenses and listed in the bill of materials."""

import json
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from infra.package.sbom import write_sbom
from infra.web.shipped_packages import license_table, shipped_packages

ROOT = Path(__file__).parents[2]
SHIPPED, PINNED = ROOT / "requirements.lock", ROOT / "requirements/all.lock"
INSTALLER = ROOT / "requirements/uv.lock"
GROUPS = sorted((ROOT / "requirements").glob("*.txt"))
REQUIRED = {
    SHIPPED: [ROOT / "requirements.txt"],
    PINNED: [ROOT / "requirements.txt", *GROUPS],
    INSTALLER: [ROOT / "requirements/uv.txt"],
}
# Reads the metadata of all packages, including those of the long commands.
needs_every_package = pytest.mark.long
# As packages spell them. None of these licenses asks anything of the operator or the user of a product.
ALLOWED_TO_SHIP = (
    "Apache-2.0;Apache-2.0 OR BSD-3-Clause;BSD License;BSD-2-Clause;BSD-3-Clause;MIT;MIT License;MIT-0;PSF-2.0"
)


def pinned_in(lock: str) -> dict[str, str]:
    """Return names and versions in a lock, the last of several versions of one package."""
    return dict(re.findall(r"^([a-z0-9-]+)==([^\s;]+)", lock, re.MULTILINE))


def licenses(*options: str) -> str:
    """Return the list of licenses with the options of pyproject.toml. Raises CalledProcessError for a refused one."""
    command = [sys.executable, "-m", "piplicenses", *options]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def required(paths: list[Path]) -> list[tuple[str, str]]:
    """Return the names in lower case and the versions in files of requirements."""
    text = "".join(path.read_text() for path in paths)
    found = re.findall(r"^([A-Za-z0-9-]+)(?:\[[\w,]+\])?==(\S+)", text, re.MULTILINE)
    return [(name.lower(), pinned) for name, pinned in found]


@pytest.mark.parametrize("lock", REQUIRED, ids=lambda lock: lock.name)
def test_every_requirement_is_locked_at_its_pinned_version_with_hashes(lock: Path) -> None:
    text = lock.read_text()
    assert set(required(REQUIRED[lock])) <= pinned_in(text).items()
    assert all("--hash=sha256:" in entry for entry in re.split(r"\n(?=[a-z])", text.strip()))
    assert "://" not in text


def test_every_requirement_is_pinned_once() -> None:
    names = [name for name, _ in required(REQUIRED[PINNED])]
    assert sorted(names) == sorted(set(names))


def test_every_package_of_the_typescript_client_is_locked_with_a_hash_and_without_a_registry() -> None:
    lock = json.loads((ROOT / "infra/clients/typescript/package-lock.json").read_text())
    (made, *locked) = lock["packages"].values()
    assert made["devDependencies"].keys() == {"openapi-typescript", "typescript"}
    assert [package for package in locked if not package["integrity"].startswith("sha512-")] == []
    assert [package for package in locked if "resolved" in package] == []


def test_every_package_of_the_web_app_is_locked_with_a_hash_and_without_a_registry() -> None:
    lock = json.loads((ROOT / "web/package-lock.json").read_text())
    (app, *locked) = lock["packages"].values()
    versions = [*app["dependencies"].values(), *app["devDependencies"].values()]
    assert [version for version in versions if not re.fullmatch(r"[0-9.]+", version)] == []
    assert [package for package in locked if not package["integrity"].startswith("sha512-")] == []
    assert [package for package in locked if "resolved" in package] == []


def test_the_packages_in_the_web_app_have_licenses_without_obligations_and_are_listed() -> None:
    packages = shipped_packages()
    # The dependencies of the dependencies, and the build tool, whose code loads a screen. Its dependencies only build.
    names = {package.name for package in packages}
    assert names >= {"preact", "@preact/signals-core", "@tanstack/query-core", "vite"}
    assert names.isdisjoint({"rolldown", "typescript"})
    assert {package.license for package in packages} <= set(ALLOWED_TO_SHIP.split(";"))
    assert (ROOT / "docs/web-licenses.md").read_text() == license_table(), "`make licenses` writes the list"


@pytest.mark.parametrize("lock", [SHIPPED, INSTALLER], ids=lambda lock: lock.name)
def test_the_release_and_the_installer_have_the_versions_of_the_development_lock(lock: Path) -> None:
    assert pinned_in(lock.read_text()).items() <= pinned_in(PINNED.read_text()).items()


@needs_every_package
def test_the_installed_versions_are_the_locked_ones() -> None:
    text = PINNED.read_text()
    for name in pinned_in(text):
        versions = set(re.findall(rf"^{name}==([^\s;]+)", text, re.MULTILINE))
        try:
            assert version(name) in versions, name
        except PackageNotFoundError:
            assert re.search(rf"^{name}==\S+ ; ", text, re.MULTILINE), f"{name} is not installed"


@needs_every_package
def test_every_license_is_allowed_and_listed() -> None:
    assert (ROOT / "docs/licenses.md").read_text() == licenses(), "`make licenses` writes the list"


@needs_every_package
def test_the_release_has_only_licenses_without_obligations() -> None:
    licenses("--packages", *pinned_in(SHIPPED.read_text()), "--allow-only", ALLOWED_TO_SHIP)


@pytest.mark.long  # Writes the bill twice.
def test_the_bill_of_materials_lists_the_packages_of_the_release_and_is_reproducible(tmp_path: Path) -> None:
    for name in ("one", "other"):
        write_sbom(tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
    bill = json.loads((tmp_path / "one").read_text())
    assert bill["metadata"]["component"]["name"] == "lockstep"
    parts = {part["purl"]: part for part in bill["components"]}
    shipped = {f"pkg:pypi/{name}@{pinned}" for name, pinned in pinned_in(SHIPPED.read_text()).items()}
    web = {package.address: package.digest for package in shipped_packages()}
    assert set(parts) == shipped | set(web)
    assert all(parts[name]["externalReferences"][0]["hashes"] for name in shipped)
    assert {name: parts[name]["hashes"] for name in web} == {
        name: [{"alg": "SHA-512", "content": digest}] for name, digest in web.items()
    }
    assert {each["ref"] for each in bill["dependencies"]} >= {part["bom-ref"] for part in bill["components"]}
