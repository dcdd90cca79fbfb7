"""The TypeScript client, installed as from a registry, compiled strictly and played against a runner."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.contract.client import Runner
from tests.contract.described_responses import checked_in

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]
SOURCES = Path(__file__).with_name("typescript")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of the client."""
    # Node.js is installed with the requirements of `make clients`, which the short tests do without.
    from infra.clients.typescript_client import make_typescript_client

    return make_typescript_client(tmp_path_factory.mktemp("clients"))


@pytest.fixture(scope="module")
def compiled(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the packed client, compiled by its compiler."""
    from infra.clients.typescript_client import COMPILER
    from infra.nodejs import run_node, run_npm

    project = tmp_path_factory.mktemp("typescript") / "story"
    shutil.copytree(SOURCES, project)
    run_npm("pack", "--pack-destination", str(project), within=made)
    (packed,) = project.glob("*.tgz")
    run_npm("install", "--ignore-scripts", "--prefer-offline", str(packed), within=project)
    run_node(str(made / COMPILER), "--project", ".", within=project)
    return project


def test_the_types_have_every_operation_of_the_document(made: Path) -> None:
    types = (made / "dist/schema.d.ts").read_text()
    methods = [operation for path in checked_in().document["paths"].values() for operation in path.values()]
    assert sorted(re.findall(r'operations\["(\w+)"\]', types)) == sorted(each["operationId"] for each in methods)


def test_the_package_has_the_version_of_the_release_and_nothing_of_the_generators(compiled: Path) -> None:
    package = json.loads((compiled / "node_modules/lockstep-client/package.json").read_text())
    assert package["version"] == "0.2.0"
    assert {path.name for path in (compiled / "node_modules").iterdir() if path.name[0] != "."} == {
        "lockstep-client", "openapi-fetch", "openapi-typescript-helpers",
    }  # fmt: skip


def test_the_client_plays_the_story(compiled: Path, runner: Runner) -> None:
    from infra.nodejs import NODE

    played = subprocess.run([NODE, compiled / "story.js", runner.base], capture_output=True, text=True)
    assert (played.returncode, played.stdout) == (0, "played\n"), played.stderr
