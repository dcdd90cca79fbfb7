"""The score of the built web app for accessibility, and what a page loads.

The score for performance depends on the other work of the machine, so `python -m bench.page_scores` measures it.
"""

from pathlib import Path

import pytest

from tests.browser.conftest import OpenMember
from tests.browser.lighthouse.report import install_lighthouse, report_of, scores_of

# Lighthouse takes half a minute for a page.
pytestmark = pytest.mark.long

LEAST = 95
MOST_FIRST_LOAD_BYTES = 120 * 1024
MOST_LAYOUT_SHIFT = 0.1


@pytest.mark.parametrize("path", ["/", "/sessions", "/people", "/settings"])
def test_a_screen_scores_95_for_accessibility_and_keeps_its_layout(
    open_member: OpenMember, path: str, tmp_path: Path
) -> None:
    install_lighthouse()
    member = open_member(size=(412, 823))
    member.sign_in_as("Mara", path)
    report = report_of(member, path, tmp_path / "report.json")
    assert scores_of(report)["accessibility"] >= LEAST
    assert report["audits"]["cumulative-layout-shift"]["numericValue"] <= MOST_LAYOUT_SHIFT


def test_the_first_load_has_at_most_120_kb_compressed(open_member: OpenMember, tmp_path: Path) -> None:
    install_lighthouse()
    member = open_member(size=(412, 823))
    member.sign_in_as("Mara", "/")
    report = report_of(member, "/", tmp_path / "report.json")
    requests = report["audits"]["network-requests"]["details"]["items"]
    assert sum(each["transferSize"] for each in requests) <= MOST_FIRST_LOAD_BYTES
