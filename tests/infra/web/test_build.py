"""The build of the web app in a copy of the project."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from infra.local.engine import ROOT
from infra.web.build import build as build_here
from infra.web.build import install_packages
from infra.web.shipped_packages import shipped_packages
from infra.web.site import SiteFile, site_files

# Node.js installs packages and builds.
pytestmark = pytest.mark.long

COPIED = ("chalicelib", "infra", "web/src", "web/public")
FILES = ("index.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts", ".npmrc")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what the build needs."""
    install_packages(development=False)
    for name in COPIED:
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in FILES:
        shutil.copy(ROOT / "web" / name, tmp_path / "web" / name)
    (tmp_path / "web/node_modules").symlink_to(ROOT / "web/node_modules")
    return tmp_path


def build(project: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "infra.web", *options]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)


def test_the_app_is_built_only_after_a_change_and_a_failed_build_leaves_no_old_files(project: Path) -> None:
    index, main = project / "web/dist/index.html", project / "web/src/main.tsx"
    first = build(project)
    assert (first.stderr, index.exists()) == ("", True)
    built = index.stat().st_mtime_ns
    assert (build(project).returncode, index.stat().st_mtime_ns) == (0, built)

    whole = main.read_text()
    main.write_text(whole + "\nconst =")
    failed = build(project)
    assert (failed.returncode, index.exists()) == (1, False)
    assert "main.tsx" in failed.stderr
    assert failed.stderr.endswith("The build of the web app failed, as described above.\n")

    main.write_text(whole)
    assert (build(project).returncode, index.exists()) == (0, True)


# It needs a second, notes that it ran, and writes the index file.
SLOW_VITE = """
const { appendFileSync, mkdirSync, writeFileSync } = require("node:fs");
appendFileSync("runs", "1");
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
mkdirSync("dist", { recursive: true });
writeFileSync("dist/index.html", "");
"""


def test_two_first_runs_at_once_build_once(project: Path) -> None:
    packages = project / "web/node_modules"
    installed = packages.resolve()
    packages.unlink()
    packages.mkdir()
    for package in installed.iterdir():
        if package.name != "vite":
            (packages / package.name).symlink_to(package)
    (packages / "vite/bin").mkdir(parents=True)
    (packages / "vite/bin/vite.js").write_text(SLOW_VITE)
    (packages / "vite/LICENSE.md").symlink_to(installed / "vite/LICENSE.md")
    (packages / "vite/package.json").write_text('{"type": "commonjs"}')
    with ThreadPoolExecutor() as threads:
        finished = list(threads.map(build, [project, project]))
    assert [each.stderr for each in finished] == ["", ""]
    assert (project / "web/runs").read_text() == "1"


def contents(files: Mapping[str, SiteFile]) -> dict[str, bytes]:
    return {name: file.content for name, file in files.items()}


def test_the_same_sources_give_the_same_files_in_another_directory(project: Path) -> None:
    assert build(project).returncode == 0
    ours, copied = contents(site_files(build_here())), contents(site_files(project / "web/dist"))
    assert ours == copied
    notices = copied["licenses.txt"].decode()
    assert [
        package.name for package in shipped_packages() if f"\n{package.name} {package.version}\n" not in notices
    ] == []
    assert notices.count("Copyright") >= len(shipped_packages())
    # The license of Vite, without those of its dependencies.
    assert ("VoidZero" in notices, "rolldown" in notices) == (True, False)


def test_an_app_for_an_api_at_another_origin_names_its_address(project: Path) -> None:
    index = project / "web/dist/index.html"
    for options, named in ((("--api", "https://api.example/v"), "https://api.example/v"), ((), "")):
        assert build(project, *options).returncode == 0
        assert f'<meta name="lockstep-api" content="{named}" />' in index.read_text()
    refused = build(project, "--api", 'https://api.example/"><script>')
    assert (refused.returncode, "is no address" in refused.stderr) == (2, True)
