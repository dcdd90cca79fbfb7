"""The zip of a release with the compiled files that the functions need. The same commit gives the same bytes."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from chalicelib.storage.service_description import SHIPPED
from infra.local.engine import ROOT
from infra.package.service_description import write_service_description
from infra.package.strip_binaries import without_symbols
from infra.package.target import THIS_MACHINE, PackageTarget

# The directory in which Lambda unpacks the zip, which tracebacks name.
UNPACKED_AT = "/var/task"
COMPILED = f"-q -b --invalidation-mode unchecked-hash -p {UNPACKED_AT}"

DESCRIPTIONS = SHIPPED.relative_to(ROOT)

UNNEEDED = re.compile(
    r"""
    bin/.* | \.lock                                 # programs of packages
    | (.*/)?__pycache__/.*                            # all modules are compiled again
    | [^/]+\.(dist-info|data)/.*                    # for installers
    | .*\.(pyi|c|h) | .*/py\.typed                  # for type checkers and compilers
    | tzdata/zoneinfo/[a-z].*                       # sources of the zones
    | icalendar/(tests|fuzzing)/.*                  # its own tests
    | (cffi|pycparser)/.*                           # needed only to compile extensions
    | (botocore|jmespath|dateutil|urllib3)/.*       # part of the Lambda runtime
    | (six|typing_extensions)\.py
    """,
    re.VERBOSE,
)

# The earliest time in the zip format.
EPOCH = (1980, 1, 1, 0, 0, 0)
READABLE = 0o100644 << 16
UNIX = 3


def bundle(packaged: Path, bundled: Path, workspace: Path, target: PackageTarget) -> None:
    """Write the zip `bundled` for a target from Chalice's zip, with an empty directory as workspace.

    Another version of Python than this one cannot read what this one compiles, so its zip has the sources.
    """
    with zipfile.ZipFile(packaged) as source:
        source.extractall(workspace, filter(is_needed, source.namelist()))
    if target != THIS_MACHINE:
        _replace_packages(workspace, target)
    write_service_description(workspace / DESCRIPTIONS)
    if target.is_of_this_python:
        _compile(workspace)
    paths = sorted(path for path in workspace.rglob("*") if path.is_file())
    files = {path.relative_to(workspace).as_posix(): without_symbols(path.read_bytes()) for path in paths}
    write_zip(bundled, files)


def write_zip(path: Path, files: Mapping[str, bytes]) -> None:
    """Write a zip of files in their order. The same files give the same bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as target:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr, entry.create_system = READABLE, UNIX
            target.writestr(entry, content, zipfile.ZIP_DEFLATED)


def _replace_packages(workspace: Path, target: PackageTarget) -> None:
    """Replace the packages, which Chalice took for this machine, by those of the target."""
    with tempfile.TemporaryDirectory() as scratch:
        installed = Path(scratch)
        target.install(installed)
        for package in installed.iterdir():
            # A module of one file may have another name there, such as that of an extension.
            for former in workspace.glob(f"{package.name.partition('.')[0]}*"):
                if former.name.partition(".")[0] == package.name.partition(".")[0]:
                    shutil.rmtree(former) if former.is_dir() else former.unlink()
        for path in installed.rglob("*"):
            name = path.relative_to(installed).as_posix()
            if path.is_file() and is_needed(name):
                (workspace / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, workspace / name)


def is_needed(name: str) -> bool:
    """Return whether a file of Chalice's zip is needed at run time."""
    return UNNEEDED.fullmatch(name) is None


def _compile(workspace: Path) -> None:
    # Without the sources the zip is half as large, and tracebacks still name lines. Python does not check the times of
    # the sources, since files under /var/task never change. A fixed hash seed gives sets, and so the bytes of compiled
    # modules, the same order.
    subprocess.run(
        [sys.executable, "-m", "compileall", *COMPILED.split(), "-s", str(workspace), str(workspace)],
        env=os.environ | {"PYTHONHASHSEED": "0"},
        check=True,
    )
    for source in workspace.rglob("*.py"):
        source.unlink()
