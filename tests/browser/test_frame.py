"""The frame around all screens of the web app, in a browser."""

from typing import Any

import pytest

from infra.local.run_process import LocalRun
from tests.browser.conftest import OpenMember
from tests.browser.known_member import KnownMember
from tests.browser.member_browser import MemberBrowser

# A browser takes seconds for each test. The app is built before the run starts that serves it.
pytestmark = pytest.mark.long

# What Chrome 111, Firefox 115 or Safari 16.4 lack.
OLD = "delete URL.canParse; delete Intl.Segmenter;"
BREAK_DATES = "Object.defineProperty(Intl.DateTimeFormat.prototype, 'format', { value() { throw Error('no dates') } })"


def test_the_oldest_supported_browsers_show_the_app(run: LocalRun, open_member: OpenMember) -> None:
    def open_old(**emulated: Any) -> MemberBrowser:
        member = open_member(**emulated)
        member.command("Page.addScriptToEvaluateOnNewDocument", source=OLD)
        return member

    clicks = KnownMember(run, "Ada", KnownMember(run, "Ben")).browser(open_old, "/people")
    clicks.one("button", "More about Ben")
    assert clicks.browser.execute_script("return ['canParse' in URL, 'Segmenter' in Intl]") == [False, False]
    assert clicks.text(".face") == "B"


def test_the_title_follows_the_heading_also_after_late_data(run: LocalRun, open_member: OpenMember) -> None:
    clicks = KnownMember(run, "Ada", KnownMember(run, "Ben")).browser(open_member, "/people")

    def is_titled(title: str) -> None:
        clicks.until(lambda: clicks.browser.title == title, f"the title is not {title!r}")

    is_titled("People · Lockstep")
    clicks.click("link", "Ben")
    is_titled("Ben · Lockstep")
    clicks.click("link", "See availability")
    clicks.sees("Availability of Ben", "h1")
    is_titled("Availability of Ben · Lockstep")


def test_a_screen_that_cannot_be_drawn_has_words_and_the_others_open(run: LocalRun, open_member: OpenMember) -> None:
    clicks = KnownMember(run, "Ada", KnownMember(run, "Ben")).browser(open_member, "/people")
    clicks.allowed_messages.append("no dates")
    clicks.one("link", "Ben")
    clicks.browser.execute_script(BREAK_DATES)
    clicks.click("link", "Ben")
    clicks.sees("This page could not be loaded", "main [role=alert]")
    clicks.click("link", "People")
    clicks.one("button", "More about Ben")


def test_a_linked_session_that_is_not_read_is_not_said_to_be_gone(run: LocalRun, open_member: OpenMember) -> None:
    clicks = KnownMember(run, "Ada").browser(open_member, "/people")
    clicks.allowed_messages.append("net::ERR_")
    clicks.command("Network.enable")
    clicks.command("Network.setBlockedURLs", urls=["*/v1/sessions/lost"])
    clicks.open("/?session=lost")
    clicks.sees("connection", "dialog[open]")
    assert "does not exist" not in clicks.text("dialog[open]")
    clicks.command("Network.setBlockedURLs", urls=[])
    clicks.open("/?session=lost")
    clicks.sees("does not exist", "dialog[open]")
