"""`python -m bench.page_scores` prints what Lighthouse says of each screen of the built web app.

Lighthouse simulates a phone with a fourth of the processor's speed and a slow network. Run it on an idle machine: other
work lowers the score for performance.
"""

import sys
import tempfile
from pathlib import Path

from infra.local.run_process import LocalRun
from infra.web.build import build
from tests.browser.conftest import start_browser
from tests.browser.lighthouse.report import install_lighthouse, report_of, scores_of
from tests.browser.member_browser import MemberBrowser

PHONE = (412, 823)
SCREENS = ("/", "/favorites", "/sessions", "/people", "/invite-links", "/settings")


def main() -> int:
    """Print the scores of the first page and of each screen, with the bytes that it loaded."""
    install_lighthouse()
    build()
    print(f"{'page':24}{'performance':>14}{'accessibility':>16}{'KB loaded':>12}")
    with LocalRun() as run, tempfile.TemporaryDirectory() as folder:
        member = MemberBrowser(start_browser(Path(folder, "profile")), run, Path(folder))
        try:
            member.emulate(size=PHONE)
            _print_scores(member, "/", "first page", Path(folder))
            member.sign_in_as("Mara")
            for path in SCREENS:
                _print_scores(member, path, path, Path(folder))
        finally:
            member.browser.quit()
    return 0


def _print_scores(member: MemberBrowser, path: str, name: str, folder: Path) -> None:
    report = report_of(member, path, folder / "report.json")
    scores = scores_of(report)
    loaded = sum(each["transferSize"] for each in report["audits"]["network-requests"]["details"]["items"])
    print(f"{name:24}{scores['performance']:>14}{scores['accessibility']:>16}{loaded / 1024:>12.1f}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
