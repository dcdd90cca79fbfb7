"""`python -m bench.page_scores` prints what Lighthouse says of each screen of the built web app.

Lighthouse simulates a phone with a fourth of the processor's speed and a slow network. Run it on an idle machine: other
work lowers the score for performance.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from infra.local.run_process import LocalRun
from infra.web.build import build
from tests.browser.conftest import start_browser
from tests.browser.lighthouse.report import install_lighthouse, report_of, scores_of
from tests.browser.member_browser import MemberBrowser

PHONE = (412, 823)
SCREENS = ("/", "/favorites", "/sessions", "/people", "/invite-links", "/settings")


class PageScore(NamedTuple):
    """The scores of a screen, from 0 to 100, and the KB that it loaded."""

    performance: int
    accessibility: int
    kilobytes: float


def scores() -> Iterator[tuple[str, PageScore]]:
    """Yield the scores of the first page and of each screen."""
    install_lighthouse()
    build()
    with LocalRun() as run, tempfile.TemporaryDirectory() as folder:
        member = MemberBrowser(start_browser(Path(folder, "profile")), run, Path(folder))
        try:
            member.emulate(size=PHONE)
            yield "first page", _score(member, "/", Path(folder))
            member.sign_in_as("Mara")
            for path in SCREENS:
                yield path, _score(member, path, Path(folder))
        finally:
            member.browser.quit()


def _score(member: MemberBrowser, path: str, folder: Path) -> PageScore:
    report = report_of(member, path, folder / "report.json")
    found = scores_of(report)
    loaded = sum(each["transferSize"] for each in report["audits"]["network-requests"]["details"]["items"])
    return PageScore(found["performance"], found["accessibility"], loaded / 1024)


def main(arguments: Sequence[str]) -> int:
    """Print the scores of each screen as a table or as JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.page_scores", description=__doc__)
    parser.add_argument("--json", action="store_true")
    if parser.parse_args(arguments).json:
        found = [(name, score._asdict()) for name, score in scores()]
        print(json.dumps({f"{name}.{unit}": number for name, each in found for unit, number in each.items()}))
        return 0
    print(f"{'page':24}{'performance':>14}{'accessibility':>16}{'KB loaded':>12}")
    for name, score in scores():
        print(f"{name:24}{score.performance:>14}{score.accessibility:>16}{score.kilobytes:>12.1f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
