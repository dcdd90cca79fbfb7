"""The build of the web app in a copy of the project."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local.engine import ROOT
from infra.web.build import install_packages

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
    shutil.copytree(ROOT / "web/node_modules", tmp_path / "web/node_modules", symlinks=True, copy_function=os.link)
    return tmp_path


def build(project: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "infra.web"]
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
