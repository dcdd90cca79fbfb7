"""The Python client, made by openapi-python-client and checked by mypy."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from infra.clients.document import DOCUMENT, release_version

PROJECT, PACKAGE = "lockstep-client", "lockstep_client"
BIN = Path(sys.executable).parent
MYPY = (str(BIN / "mypy"), "--strict", "--cache-dir", os.devnull)


def make_python_client(directory: Path) -> Path:
    """Write the project to `directory`/python and return its path.

    Raises CalledProcessError for a warning, such as one about an operation that is left out, and for a type error.
    """
    made = directory / "python"
    shutil.rmtree(made, ignore_errors=True)
    directory.mkdir(parents=True, exist_ok=True)
    options = {
        "project_name_override": PROJECT,
        "package_name_override": PACKAGE,
        "package_version_override": release_version(),
    }
    with tempfile.NamedTemporaryFile("w", suffix=".json") as config:
        config.write(json.dumps(options))
        config.flush()
        arguments = ["--path", str(DOCUMENT), "--config", config.name, "--output-path", str(made), "--meta", "uv"]
        generator = str(BIN / "openapi-python-client")
        subprocess.run([generator, "generate", *arguments, "--fail-on-warning"], env=_tools(), check=True)
    subprocess.run([*MYPY, PACKAGE], cwd=made, check=True)
    return made


def _tools() -> dict[str, str]:
    """Return the environment in which the generator finds the pinned formatter, which leaves no cache."""
    return os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "RUFF_NO_CACHE": "true"}
