"""The reports of Lighthouse, read with the browser of a member."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.nodejs import NODE, run_npm
from tests.browser.member_browser import MemberBrowser

FOLDER = Path(__file__).parent
CLI = "node_modules/lighthouse/cli/index.js"
CATEGORIES = "performance,accessibility"


def install_lighthouse() -> None:
    """Install the program with its locked packages, unless it is there."""
    if not (FOLDER / CLI).exists():
        run_npm("ci", "--ignore-scripts", within=FOLDER)


def report_of(member: MemberBrowser, path: str, file: Path) -> Mapping[str, Any]:
    """Write the report of a path to a file and return it. The member stays signed in."""
    port = member.browser.capabilities["goog:chromeOptions"]["debuggerAddress"].rpartition(":")[2]
    options = ["--output=json", f"--output-path={file}", f"--only-categories={CATEGORIES}", f"--port={port}"]
    command = [NODE, CLI, member.run.url + path, *options, "--disable-storage-reset", "--quiet"]
    subprocess.run(command, cwd=FOLDER, env=os.environ | {"CI": "true"}, check=True)
    report: Mapping[str, Any] = json.loads(file.read_text())
    return report


def scores_of(report: Mapping[str, Any]) -> dict[str, int]:
    """Return the scores of a report, from 0 to 100."""
    return {name: round(100 * category["score"]) for name, category in report["categories"].items()}
