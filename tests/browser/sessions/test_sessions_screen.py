"""The sessions of a member, and what the member changes in them (R17, R26, R30)."""

from datetime import UTC, datetime, timedelta

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.browser.conftest import OpenMember
from tests.browser.known_member import KnownMember, ahead, sign_in

# Browsers take seconds for each test.
pytestmark = pytest.mark.long

FOCUSED = "return document.activeElement.textContent"


def next_start() -> datetime:
    """Return the quarter hour after the next one, which is within half an hour."""
    now = datetime.now(UTC)
    return now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0) + 2 * timedelta(minutes=15)


def test_r30_a_session_shows_in_the_zone_of_the_browser_with_its_partner(open_member: OpenMember) -> None:
    ada, ben = sign_in(open_member(zone="Asia/Kolkata"), "Ada", "/sessions"), sign_in(open_member(), "Ben", "/people")
    at = ahead(10, 20, 30)
    session_id = ada.book(at, title="Thesis")["sessionId"]
    ben.book(at, quietMode=True)
    ada.await_partner(session_id, "Ben")
    ada.page.sees("2:00", ".session h3")
    ada.page.sees("India Standard Time", ".sessions")
    ada.page.sees("Matched", ".session .state")
    ada.page.sees("Quiet mode", ".session .partner")
    ada.page.sees("Thesis", ".session .session-title")
    assert ada.page.found("link", "Join") == []
    ada.page.click("button", "Add to favorites: Ben")
    ada.page.sees("Favorite", ".session .favorite")
    assert [each["name"] for each in ada.read("/v1/people")["favorites"]] == ["Ben"]
    ada.page.click("button", "Remove from favorites: Ben")
    ada.page.until(lambda: ada.read("/v1/people")["favorites"] == [], "Ben stays a favorite")
    ada.page.click("link", "Ben")
    ada.page.one("heading", "Ben")


def test_a_title_is_edited_in_place_with_the_keyboard(open_member: OpenMember) -> None:
    ada = sign_in(open_member(size=(320, 640)), "Ada", "/sessions")
    session_id = ada.book(ahead(10, 6, 30))["sessionId"]
    ada.page.one("button", "Add a title").send_keys(Keys.ENTER)
    field = ada.page.one("textbox", "Title")
    assert field == ada.page.browser.switch_to.active_element
    field.send_keys("Thesis, chapter 2", Keys.ENTER)
    ada.page.sees("The title is saved.", ".toasts")
    ada.page.sees("Thesis, chapter 2", ".session .session-title")
    ada.page.until(lambda: ada.page.browser.execute_script(FOCUSED) == "Edit the title", "the focus is lost")
    assert ada.session(session_id)["title"] == "Thesis, chapter 2"
    ada.page.click("button", "Edit the title")
    ada.page.one("textbox", "Title").send_keys("X", Keys.ESCAPE)
    ada.page.sees("Thesis, chapter 2", ".session .session-title")
    assert ada.session(session_id)["title"] == "Thesis, chapter 2"


def test_activity_quiet_mode_and_preference_change_until_the_start(open_member: OpenMember) -> None:
    ada = sign_in(open_member(), "Ada", "/sessions")
    session_id = ada.book(ahead(10, 7, 30))["sessionId"]
    _open_mode(ada)
    ada.page.click("radio", "Moving")
    ada.page.click("checkbox", "Quiet mode")
    ada.page.click("checkbox", "Prefer favorites")

    def mode() -> tuple[str, bool, bool]:
        read = ada.session(session_id)
        return read["users"][0]["activityType"], read["users"][0]["quietMode"], read["preferFavorites"]

    ada.page.until(lambda: mode() == ("moving", True, True), "the mode stays")
    ada.page.sees("Activity and quiet mode: Moving · Quiet mode", ".session .mode summary")
    assert ada.page.violations() == []


def test_r17_a_double_click_cancels_once_and_the_slot_can_be_booked_again(open_member: OpenMember) -> None:
    ada = sign_in(open_member(), "Ada", "/sessions")
    first = ada.book(ahead(10, 8, 30), title="Thesis", quietMode=True)["sessionId"]
    ada.page.click("button", "Cancel")
    ada.page.sees("You have no partner in it yet.", "dialog")
    ActionChains(ada.page.browser).double_click(ada.page.one("button", "Cancel the session")).perform()
    ada.page.sees("Your session is cancelled.", ".toasts")
    ada.page.sees("Cancelled", ".session .state")
    assert ada.page.text(".toasts [role=alert]") == ""
    assert ada.session(first)["cancelledLate"] is False
    ada.page.until(lambda: ada.page.browser.execute_script(FOCUSED) == "Book again", "the focus is lost")
    ada.page.click("button", "Book again")
    ada.page.sees("Waiting for a partner", ".session .state")
    (again,) = ada.sessions()
    assert again["sessionId"] != first
    assert (again["title"], again["users"][0]["quietMode"]) == ("Thesis", True)


def test_r17_a_cancel_in_the_last_hour_says_that_it_is_late(open_member: OpenMember) -> None:
    ada = sign_in(open_member(), "Ada", "/sessions")
    session_id = ada.book(next_start(), 25)["sessionId"]
    ada.page.click("button", "Cancel")
    ada.page.sees("It starts in less than an hour, so this is a late cancel.", "dialog")
    assert ada.page.violations() == []
    ada.page.click("button", "Keep it")
    assert ada.session(session_id)["state"] != "cancelled"
    ada.page.click("button", "Cancel")
    ada.page.click("button", "Cancel the session")
    ada.page.sees("Cancelled late", ".session .state")
    assert ada.session(session_id)["cancelledLate"] is True


def test_a_session_is_saved_as_a_calendar_file(open_member: OpenMember) -> None:
    ada = sign_in(open_member(), "Ada", "/sessions")
    session_id = ada.book(ahead(10, 10, 30), title="Thesis")["sessionId"]
    ada.page.click("button", "Add to calendar")

    def complete_file() -> bytes:
        text = b"".join(file.read_bytes() for file in ada.page.downloads.glob("session-*.ics"))
        return text if text.endswith(b"END:VCALENDAR\r\n") else b""

    file = ada.page.until(complete_file, "no calendar file")
    assert f"UID:{session_id}@lockstep".encode() in file.replace(b"\r\n ", b"")


def test_past_sessions_are_shown_by_month_and_the_back_button_returns(open_member: OpenMember) -> None:
    ada = sign_in(open_member(), "Ada", "/sessions")
    ada.page.sees("You have no sessions ahead.")
    ada.page.click("link", "Past")
    ada.page.sees("No sessions in")
    ada.page.click("link", "Older...")
    ada.page.one("link", "Newer...")
    ada.page.browser.back()
    ada.page.until(lambda: not ada.page.found("link", "Newer..."), "the month stays")
    ada.page.browser.back()
    ada.page.sees("You have no sessions ahead.")
    ada.page.click("link", "Book one in the calendar")
    ada.page.one("heading", "Calendar")


def _open_mode(member: KnownMember) -> None:
    member.page.until(lambda: member.page.text(".session .mode summary"), "no mode")
    member.page.browser.execute_script("document.querySelector('.session .mode summary').click()")
