"""The screenshots of the README. With `--record` the test takes them, and otherwise it fails if they are old."""

import hashlib
import json
import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from selenium.common.exceptions import TimeoutException

from infra.local.engine import ROOT
from infra.local.run_process import LocalRun
from tests.browser.conftest import DESKTOP, PHONE, OpenMember
from tests.browser.member_browser import MemberBrowser

# A browser takes seconds for each screen.
pytestmark = pytest.mark.long

SCREENS = ROOT / "docs/screens"
SHOWN = SCREENS / "shown.json"
# The path and the size of each screenshot. Noor is a favorite of Mara.
PATHS = {
    "calendar": ("/", DESKTOP),
    "calendar-phone": ("/", PHONE),
    "favorites": ("/favorites", DESKTOP),
    "sessions": ("/sessions", DESKTOP),
    "people": ("/people", DESKTOP),
    "settings-phone": ("/settings", PHONE),
}
# The looks at a screen, each after 50 milliseconds, after which a recording takes it as complete.
LOOKS = 40
IS_COMPLETE = "return document.querySelector('main h1') !== null && !document.querySelector('[aria-busy=true]')"
# The grid of the calendar shows other days each week.
TEXT = "return [...document.querySelectorAll('header.top, main *:not(table *)')].map((each) => each.childNodes)"
TEXT += ".flatMap((nodes) => [...nodes]).filter((node) => node.nodeType === 3).map((node) => node.data.trim())"
# A date may have a year, and a time a half of the day and an offset, which depends on the day of the test.
DATES = r"\d+:\d+(\s[AP]M)?(\sGMT([-+][\d:]+)?)?|\d+(, \d{4}\b)?|(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
DATES += r"|January|February|March|April|May|June|July|August|September|October|November|December"


@pytest.fixture(scope="module")
def run(built_app: None) -> Iterator[LocalRun]:
    """A run of its own, in which no other test has changed what the demo members see."""
    with LocalRun() as run:
        yield run


def shown(member: MemberBrowser) -> list[str]:
    """Return the texts of a screen without dates and times, each once."""
    texts: list[str] = member.browser.execute_script(TEXT)
    return sorted({re.sub(DATES, "#", text) for text in texts if text})


def styles() -> str:
    """Return a digest of the styles of the app."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "web/src").rglob("*.css")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def picture(member: MemberBrowser) -> bytes:
    """Return the visible part of the page as PNG."""
    return b64decode(member.command("Page.captureScreenshot", format="png")["data"])


def is_complete(member: MemberBrowser) -> bool:
    """Return True if the screen has its heading and waits for no response."""
    return bool(member.browser.execute_script(IS_COMPLETE)) and "Loading" not in member.text("main")


def _is_settled(member: MemberBrowser, wanted: list[str] | None) -> Callable[[], bool]:
    """Return the check that a screen shows the wanted texts, or without them the same ones in many looks."""
    looks: list[list[str]] = []

    def check() -> bool:
        looks.append(shown(member))
        if wanted is None:
            return len(looks) >= LOOKS and all(look == looks[-1] for look in looks[-LOOKS:])
        return looks[-1] == wanted

    return check


def test_the_screenshots_show_the_present_screens(open_member: OpenMember, pytestconfig: pytest.Config) -> None:
    recording = pytestconfig.getoption("--record")
    recorded: dict[str, Any] = {"screens": {}} if recording else json.loads(SHOWN.read_text())
    member = open_member(zone="Europe/Berlin")
    member.sign_in_as("Mara")
    found: dict[str, Any] = {"styles": styles(), "screens": {}}
    for name, (path, size) in PATHS.items():
        member.emulate(zone="Europe/Berlin", size=size)
        member.open(path)
        member.until(lambda: is_complete(member), "the screen is not complete")
        # Some parts of a screen have a response of their own. A screen that never shows them fails below.
        with suppress(TimeoutException):
            member.until(_is_settled(member, recorded["screens"].get(name)), "the screen shows other texts")
        found["screens"][name] = shown(member)
        if recording:
            SCREENS.mkdir(exist_ok=True)
            (SCREENS / f"{name}.png").write_bytes(picture(member))
    if recording:
        SHOWN.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    assert found == json.loads(SHOWN.read_text())
    assert {f"{name}.png" for name in PATHS} == {path.name for path in SCREENS.glob("*.png")}
