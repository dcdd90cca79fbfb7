"""The TypeScript client, with types by openapi-typescript and requests by openapi-fetch."""

import json
import shutil
from pathlib import Path

from infra.clients.document import DOCUMENT, release_version
from infra.nodejs import run_node, run_npm

SOURCES = Path(__file__).with_name("typescript")
# A file of each package that it runs.
GENERATOR = "node_modules/openapi-typescript/bin/cli.js"
COMPILER = "node_modules/typescript/bin/tsc"


def make_typescript_client(directory: Path) -> Path:
    """Write the compiled package to `directory`/typescript and return its path.

    Its `node_modules` hold the locked generator and compiler, which `npm publish` leaves out.
    """
    made = directory / "typescript"
    shutil.rmtree(made, ignore_errors=True)
    shutil.copytree(SOURCES, made)
    run_npm("ci", "--ignore-scripts", within=made)
    run_node(GENERATOR, str(DOCUMENT), "--output", "src/schema.ts", within=made)
    run_node(COMPILER, "--project", ".", within=made)
    package = json.loads((made / "package.json").read_text())
    (made / "package.json").write_text(json.dumps(package | {"version": release_version()}, indent=2) + "\n")
    return made
