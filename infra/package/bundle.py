"""The zip of a release: what the functions need at run time, compiled, and the same bytes for the same commit."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

from infra.package.strip_binaries import without_symbols

# Where Lambda unpacks the zip: what tracebacks name.
UNPACKED_AT = "/var/task"
COMPILED = f"-q -b --invalidation-mode unchecked-hash -p {UNPACKED_AT}"

UNNEEDED = re.compile(
    r"""
    (.*/)?__pycache__/.*                            # made anew, all at once
    | [^/]+\.(dist-info|data)/.*                    # for installers
    | .*\.(pyi|c|h) | .*/py\.typed                  # for type checkers and compilers
    | tzdata/zoneinfo/[a-z].*                       # sources of the zones; their names are asked for
    | (cffi|pycparser)/.*                           # only what they once compiled is run
    | (botocore|jmespath|dateutil|urllib3)/.*       # the runtime has them, compiled
    | six\.py
    """,
    re.VERBOSE,
)

# The earliest that a zip can tell.
EPOCH = (1980, 1, 1, 0, 0, 0)
READABLE = 0o100644 << 16
UNIX = 3


def bundle(packaged: Path, bundled: Path, workspace: Path) -> None:
    """Make the zip `bundled` from the one that Chalice packaged, by way of an empty directory."""
    with zipfile.ZipFile(packaged) as source:
        source.extractall(workspace, filter(is_needed, source.namelist()))
    _compile(workspace)
    with zipfile.ZipFile(bundled, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as target:
        for path in sorted(path for path in workspace.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(workspace).as_posix(), EPOCH)
            entry.external_attr, entry.create_system = READABLE, UNIX
            target.writestr(entry, without_symbols(path.read_bytes()), zipfile.ZIP_DEFLATED)


def is_needed(name: str) -> bool:
    """Whether a file that Chalice packaged is needed at run time."""
    return UNNEEDED.fullmatch(name) is None


def _compile(workspace: Path) -> None:
    # Beside the sources, which then go: a zip is half as large without them, and a traceback names the line all the
    # same. Unchecked: nobody changes a module under /var/task, so its time need not be looked at. The order of a set,
    # and with it the bytes of a compiled module, depends on the seed of hashes.
    subprocess.run(
        [sys.executable, "-m", "compileall", *COMPILED.split(), "-s", str(workspace), str(workspace)],
        env=os.environ | {"PYTHONHASHSEED": "0"},
        check=True,
    )
    for source in workspace.rglob("*.py"):
        source.unlink()
