"""What the runtime of Lambda has of its own, and a process as Lambda starts one: that and the zip, and nothing else."""

import site
import zipfile
from pathlib import Path

RUNTIME = ("botocore", "dateutil", "jmespath", "six.py", "urllib3")


def link_runtime(directory: Path) -> Path:
    """Make `directory` hold what the runtime has, taken from what is installed here."""
    directory.mkdir(parents=True, exist_ok=True)
    installed, *_ = site.getsitepackages()
    for name in RUNTIME:
        (directory / name).symlink_to(Path(installed, name))
    return directory


def unpack(code: Path, directory: Path) -> Path:
    """Unpack the zip of a release as Lambda does."""
    with zipfile.ZipFile(code) as archive:
        archive.extractall(directory)
    return directory
