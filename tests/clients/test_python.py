"""The Python client, checked strictly by mypy and played against a runner."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.clients.python_client import make_python_client
from tests.contract.client import Runner
from tests.contract.described_responses import checked_in

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]
STORY = Path(__file__).with_name("python") / "story.py"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of the client."""
    return make_python_client(tmp_path_factory.mktemp("clients"))


def test_the_client_has_a_module_for_every_operation_of_the_document(made: Path) -> None:
    modules = {path.stem.replace("_", "") for path in (made / "lockstep_client/api").glob("*/[a-z]*.py")}
    methods = [operation for path in checked_in().document["paths"].values() for operation in path.values()]
    assert modules == {operation["operationId"].lower() for operation in methods}


def test_the_project_has_the_version_of_the_release(made: Path) -> None:
    assert 'version = "0.2.0"' in (made / "pyproject.toml").read_text()


def test_the_story_has_the_types_of_the_client(made: Path) -> None:
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", os.devnull, "--config-file=", STORY]
    environment = os.environ | {"MYPYPATH": str(made)}
    checked = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_client_plays_the_story(made: Path, runner: Runner) -> None:
    environment = os.environ | {"PYTHONPATH": str(made)}
    played = subprocess.run([sys.executable, STORY, runner.base], env=environment, capture_output=True, text=True)
    assert (played.returncode, played.stdout) == (0, "played\n"), played.stderr
