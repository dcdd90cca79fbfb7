"""The zip of a release with the compiled files that the functions need. The same commit gives the same bytes."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

from infra.package.strip_binaries import without_symbols

# The directory in which Lambda unpacks the zip, which tracebacks name.
UNPACKED_AT = "/var/task"
COMPILED = f"-q -b --invalidation-mode unchecked-hash -p {UNPACKED_AT}"

UNNEEDED = re.compile(
    r"""
    (.*/)?__pycache__/.*                            # all modules are compiled again
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


def bundle(packaged: Path, bundled: Path, workspace: Path) -> None:
    """Write the zip `bundled` from Chalice's zip, with an empty directory as workspace."""
    with zipfile.ZipFile(packaged) as source:
        source.extractall(workspace, filter(is_needed, source.namelist()))
    _compile(workspace)
    with zipfile.ZipFile(bundled, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as target:
        for path in sorted(path for path in workspace.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(workspace).as_posix(), EPOCH)
            entry.external_attr, entry.create_system = READABLE, UNIX
            target.writestr(entry, without_symbols(path.read_bytes()), zipfile.ZIP_DEFLATED)


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
