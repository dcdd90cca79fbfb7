"""The build of the web app by the pinned Node.js, repeated only after a change."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import CalledProcessError

from infra.nodejs import run_node, run_npm
from infra.web.shipped_packages import WEB, notices
from infra.web.site import INDEX

BUILT = WEB / "dist"
LICENSES = "licenses.txt"
# The address of the API in the index file.
SAME_ORIGIN = '<meta name="lockstep-api" content=""'
VITE = "node_modules/vite/bin/vite.js"
# The packages and the build are made again if the digest in these files is another.
PACKAGES_DIGEST, BUILD_DIGEST = "node_modules/.digest", "dist/.sources"


def install_packages(*, development: bool) -> None:
    """Install the locked packages of the app, with those for checks and tests if `development`."""
    with _alone():
        _install_packages(development=development)


def _install_packages(*, development: bool) -> None:
    wanted = f"{_digest([WEB / 'package-lock.json'])} {'development' if development else 'build'}"
    marker = WEB / PACKAGES_DIGEST
    present = marker.read_text() if marker.exists() else ""
    # The packages for development include those of the build.
    if present in (wanted, wanted.replace(" build", " development")):
        return
    run_npm("ci", "--ignore-scripts", *([] if development else ["--omit=dev"]), within=WEB)
    marker.write_text(wanted)


def build(*, api: str = "") -> Path:
    """Build the app unless its sources are those of the last build, and return the folder of the files.

    `api` is the address of the API, empty if it has the origin of the app. A failed build leaves no files, so that no
    run serves those of other sources. Raises CalledProcessError.
    """
    with _alone():
        return _build(api)


def _build(api: str) -> Path:
    wanted, marker = f"{_digest(_sources())} {api}", WEB / BUILD_DIGEST
    if marker.exists() and marker.read_text() == wanted:
        return BUILT
    try:
        _install_packages(development=False)
        run_node(VITE, "build", "--logLevel", "error", within=WEB)
    except CalledProcessError:
        shutil.rmtree(BUILT, ignore_errors=True)
        raise
    index = BUILT / INDEX
    index.write_text(index.read_text().replace(SAME_ORIGIN, f'{SAME_ORIGIN[:-1]}{api}"'))
    (BUILT / LICENSES).write_text(notices())
    marker.write_text(wanted)
    return BUILT


@contextmanager
def _alone() -> Iterator[None]:
    """Wait for other processes that install or build, so that two first runs do not write the same files."""
    # The lock is on the folder itself, and ends with this process at the latest.
    folder = os.open(WEB, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _sources() -> Iterator[Path]:
    # The build writes the address of the API and the licenses by itself.
    yield from sorted(Path(__file__).parent.glob("*.py"))
    yield from (WEB / name for name in ("index.html", "package-lock.json", "tsconfig.json", "vite.config.ts"))
    for folder in ("public", "src"):
        yield from (path for path in sorted((WEB / folder).rglob("*")) if path.is_file())


def _digest(paths: Iterator[Path] | list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{os.path.relpath(path, WEB)} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()
