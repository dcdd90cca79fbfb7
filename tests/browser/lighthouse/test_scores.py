"""The scores of the built web app for performance and accessibility, and the size of its first load."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from infra.nodejs import NODE, run_npm
from tests.browser.conftest import OpenMember
from tests.browser.member_browser import MemberBrowser

# Lighthouse takes half a minute for a page.
pytestmark = pytest.mark.long

FOLDER = Path(__file__).parent
CLI = "node_modules/lighthouse/cli/index.js"
LEAST = 95
MOST_FIRST_LOAD_BYTES = 120 * 1024
CATEGORIES = "performance,accessibility"


@pytest.fixture(scope="module")
def lighthouse() -> Path:
    """The program, installed with its locked packages."""
    if not (FOLDER / CLI).exists():
        run_npm("ci", "--ignore-scripts", within=FOLDER)
    return FOLDER / CLI


def judged(lighthouse: Path, member: MemberBrowser, path: str, report: Path) -> dict[str, object]:
    """Return the report of a path, read with the member's own browser."""
    port = member.browser.capabilities["goog:chromeOptions"]["debuggerAddress"].rpartition(":")[2]
    options = ["--output=json", f"--output-path={report}", f"--only-categories={CATEGORIES}", f"--port={port}"]
    # The member stays signed in.
    command = [NODE, lighthouse, member.run.url + path, *options, "--disable-storage-reset", "--quiet"]
    subprocess.run(command, cwd=FOLDER, env=os.environ | {"CI": "true"}, check=True)
    return json.loads(report.read_text())


@pytest.mark.parametrize("path", ["/", "/sessions", "/people", "/favorites", "/settings"])
def test_every_screen_scores_95_for_performance_and_accessibility(
    open_member: OpenMember, lighthouse: Path, path: str, tmp_path: Path
) -> None:
    member = open_member(size=(412, 823))
    member.sign_in_as("Mara", path)
    report = judged(lighthouse, member, path, tmp_path / "report.json")
    scores = {name: round(100 * category["score"]) for name, category in report["categories"].items()}
    print(path, scores)
    assert {name: score for name, score in scores.items() if score < LEAST} == {}


def test_the_first_load_has_at_most_120_kb_compressed(
    open_member: OpenMember, lighthouse: Path, tmp_path: Path
) -> None:
    report = judged(lighthouse, open_member(size=(412, 823)), "/", tmp_path / "report.json")
    requests = report["audits"]["network-requests"]["details"]["items"]
    loaded = {each["url"].rpartition("/")[2]: each["transferSize"] for each in requests}
    print(loaded)
    assert sum(loaded.values()) <= MOST_FIRST_LOAD_BYTES
