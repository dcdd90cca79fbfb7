"""Booking in the calendar, alone and with a favorite from the Partner panel (R9, R10, R16)."""

from datetime import UTC, datetime, timedelta
from time import time

import pytest
from selenium.webdriver import Keys
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By

from infra.local.run_process import LocalRun
from tests.browser.calendar.calendar_screen import CalendarScreen
from tests.browser.conftest import OpenMember
from tests.browser.known_member import KnownMember, ahead
from tests.browser.wall_clock import wall_name

# A browser takes seconds for each test.
pytestmark = pytest.mark.long

# Keeps the names of a cell from then on. A double click may return after the booking.
KEEP_NAMES = """
const name = document.getElementById('slot-' + arguments[0]);
window.names = [];
new MutationObserver(() => window.names.push(name.textContent)).observe(name,
  { subtree: true, characterData: true, childList: true });
"""
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}


@pytest.fixture
def calendar(run: LocalRun, open_member: OpenMember) -> CalendarScreen:
    """The calendar of a new member, whose favorite is not made yet."""
    return CalendarScreen(open_member(), KnownMember(run, "Ada"))


def test_r20_a_free_quarter_hour_is_booked_and_its_partner_appears(run: LocalRun, calendar: CalendarScreen) -> None:
    start = ahead(2, 11, 30)
    calendar.open()
    assert calendar.name(start) == f"{wall_name(start)}, free"
    calendar.open_slot(start)
    calendar.browser.click("radio", "75 minutes", calendar.browser.one("dialog", "Book a session"))
    calendar.browser.fill("Title (only you see it)", "Thesis")
    calendar.browser.click("button", "Book", calendar.browser.one("dialog", "Book a session"))
    calendar.browser.sees("Booked:", ".toasts")
    calendar.becomes(start, "your session, waiting for a partner, 75 minutes")
    (session,) = calendar.me.sessions()
    assert (session["title"], session["duration"]) == ("Thesis", 75 * 60_000)
    # Without a reload: the page gets the event.
    KnownMember(run, "Ben").book(start, 75)
    calendar.becomes(start, "your session with Ben, partner found, 75 minutes")
    calendar.cell(start).click()
    assert "Ben" in calendar.browser.text("dialog[open]")
    assert not calendar.has_lock("dialog[open]")


def test_r9_a_favorite_of_the_partner_panel_is_locked_in(run: LocalRun, calendar: CalendarScreen) -> None:
    noor, start = KnownMember(run, "Noor"), ahead(3, 14, 30)
    calendar.me.add_favorites(noor)
    noor.book(start, 25)
    calendar.open()
    assert calendar.name(start) == f"{wall_name(start)}, free, favorites: Noor"
    calendar.open_panel(start)
    assert not calendar.has_lock("dialog[open] button[type=submit]")
    calendar.browser.click("radio", "Noor 25 minutes")
    assert calendar.has_lock("dialog[open] button[type=submit]")
    calendar.browser.sees("You and Noor stay partners", "dialog[open]")
    calendar.browser.click("button", "Book and lock in")
    calendar.browser.sees("Locked in with Noor", ".toasts")
    calendar.becomes(start, "your session with Noor, locked in, 25 minutes, favorites: Noor")
    assert calendar.has_lock("td .block.locked_in")
    assert [(session["state"], session["duration"]) for session in noor.sessions()] == [("locked_in", 1_500_000)]
    calendar.open_panel(start)
    calendar.browser.sees("Locked in with you", "dialog[open]")
    assert calendar.browser.found("radio", "Noor 25 minutes") == []


def test_r10_a_favorite_who_shares_no_availability_is_preferred(run: LocalRun, calendar: CalendarScreen) -> None:
    noor, start = KnownMember(run, "Noor"), ahead(4, 14, 30)
    calendar.me.add_favorites(noor)
    noor.call("PATCH", "/v1/me", {"availability": "no_one"})
    noor.book(start)
    calendar.open()
    calendar.open_panel(start)
    calendar.browser.click("radio", "Noor 50 minutes")
    calendar.browser.sees("Noor has not shared their Availability", "dialog[open]")
    assert not calendar.has_lock("dialog[open] button[type=submit]")
    calendar.browser.click("button", "Book", calendar.browser.one("dialog", "Book a session"))
    calendar.becomes(start, "your session with Noor, partner found, 50 minutes, favorites: Noor")
    assert [session["locked"] for session in noor.sessions()] == [False]


def test_r14_a_lost_race_says_so_and_shows_what_is_there_now(run: LocalRun, calendar: CalendarScreen) -> None:
    noor, otto, start = KnownMember(run, "Noor"), KnownMember(run, "Otto"), ahead(5, 14, 30)
    for favorite in (noor, otto):
        calendar.me.add_favorites(favorite)
        favorite.book(start)
    calendar.open()
    calendar.open_panel(start)
    calendar.browser.click("radio", "Noor 50 minutes")
    ben = KnownMember(run, "Ben")
    ben.add_favorites(noor)
    ben.book(start, partner=noor)
    calendar.browser.click("button", "Book and lock in")
    calendar.browser.sees("the availability has changed", "dialog[open] [role=alert]")
    # The panel is drawn again meanwhile.
    calendar.browser.until(lambda: not calendar.browser.found("radio", "Noor 50 minutes"), "Noor is still shown")
    calendar.browser.until(lambda: calendar.browser.one("radio", "Any partner").is_selected(), "Noor is still chosen")
    assert calendar.me.sessions() == []
    calendar.browser.click("radio", "Otto 50 minutes")
    calendar.browser.click("button", "Book and lock in")
    calendar.becomes(start, "your session with Otto, locked in, 50 minutes, favorites: Otto")


def test_r16_another_session_is_replaced_after_a_question_and_a_locked_one_is_not(
    run: LocalRun, calendar: CalendarScreen
) -> None:
    first, later = ahead(6, 9, 0), ahead(6, 9, 30)
    calendar.me.book(first)
    calendar.open()
    # The card begins with a free start, and its start is changed to one within the session.
    calendar.open_slot(ahead(6, 10, 0))
    select = calendar.browser.one("combobox", "Start")
    select.find_element(By.XPATH, "./option[.='9:30 AM']").click()
    calendar.browser.click("button", "Book", calendar.browser.one("dialog", "Book a session"))
    calendar.browser.sees("Do you want to replace it?", "dialog[open]")
    assert "9:00\u20139:50 AM" in calendar.browser.text("dialog[open]")
    calendar.browser.click("button", "Replace and book")
    calendar.becomes(later, "your session, waiting for a partner, 50 minutes")
    assert len(calendar.me.sessions()) == 1
    noor = KnownMember(run, "Noor")
    calendar.me.add_favorites(noor)
    noor.book(later)
    calendar.me.book(later, partner=noor)
    calendar.open_slot(ahead(6, 11, 0))
    calendar.browser.one("combobox", "Start").find_element(By.XPATH, "./option[.='9:45 AM']").click()
    calendar.browser.click("button", "Book", calendar.browser.one("dialog", "Book a session"))
    calendar.browser.sees("A locked-in session is not replaced", "dialog[open]")
    assert calendar.browser.found("button", "Replace and book") == []
    assert calendar.browser.browser.switch_to.active_element.tag_name == "h3"
    calendar.browser.click("button", "Keep it")
    # The focus is at the button that asked.
    focused = calendar.browser.browser.switch_to
    calendar.browser.until(lambda: focused.active_element.text == "Book", "the Book button is not focused")
    assert calendar.browser.one("combobox", "Start").get_attribute("value") == str(
        int(ahead(6, 9, 45).timestamp() * 1000)
    )
    assert [session["state"] for session in calendar.me.sessions()] == ["locked_in"]


def test_a_double_click_books_once_and_the_slot_shows_that_it_is_being_booked(calendar: CalendarScreen) -> None:
    start = ahead(7, 9, 0)
    calendar.open()
    calendar.browser.command("Network.emulateNetworkConditions", **SLOW)
    browser = calendar.browser.browser
    calendar.browser.until(lambda: calendar.browser.found("link", "Next"), "no bar")
    calendar.browser.click("link", "Next")
    calendar.is_complete()
    calendar.open_slot(start)
    button = browser.find_element(By.CSS_SELECTOR, "dialog[open] button[type=submit]")
    browser.execute_script(KEEP_NAMES, int(start.timestamp() * 1000))
    ActionChains(browser).double_click(button).perform()
    calendar.becomes(start, "your session, waiting for a partner, 50 minutes")
    assert browser.execute_script("return window.names[0]").endswith("being booked")
    assert len(calendar.me.sessions()) == 1


def test_r10_a_partner_is_added_to_the_own_session_of_the_slot(run: LocalRun, calendar: CalendarScreen) -> None:
    noor, start = KnownMember(run, "Noor"), ahead(6, 16, 30)
    calendar.me.add_favorites(noor)
    booked = calendar.me.book(start, title="Mine", quietMode=True)
    noor.book(start)
    calendar.open()
    calendar.open_panel(start)
    calendar.browser.sees("You have booked this time", "dialog[open]")
    calendar.browser.click("radio", "Noor 50 minutes")
    calendar.browser.click("button", "Book and lock in")
    calendar.becomes(start, "your session with Noor, locked in, 50 minutes, favorites: Noor")
    (session,) = calendar.me.sessions()
    own = session["users"][0]
    assert (session["sessionId"], session["title"], own["quietMode"]) == (booked["sessionId"], "Mine", True)


def test_r14_a_chosen_partner_who_is_lost_is_named_and_not_replaced_by_any_partner(
    run: LocalRun, calendar: CalendarScreen
) -> None:
    noor, start = KnownMember(run, "Noor"), ahead(5, 15, 30)
    calendar.me.add_favorites(noor)
    session = noor.book(start)
    calendar.open()
    calendar.open_panel(start)
    calendar.browser.click("radio", "Noor 50 minutes")
    noor.call("DELETE", f"/v1/sessions/{session['sessionId']}")
    # Another booking of the member makes the page read the calendar.
    calendar.me.book(ahead(5, 9, 0))
    calendar.browser.sees("the availability has changed", "dialog[open] [role=alert]")
    assert not calendar.browser.one("radio", "Any partner").is_selected()
    calendar.browser.click("button", "Book", calendar.browser.one("dialog", "Book a session"))
    # The browser asks for a choice, and the card stays.
    focused = calendar.browser.browser.switch_to
    calendar.browser.until(lambda: focused.active_element.get_attribute("name") == "partner", "no question")
    calendar.browser.click("radio", "Any partner")
    calendar.browser.click("button", "Book", calendar.browser.one("dialog", "Book a session"))
    calendar.becomes(start, "your session, waiting for a partner, 50 minutes")
    assert len(calendar.me.sessions()) == 2


def test_r16_a_double_click_on_a_refused_booking_keeps_the_card_and_its_question(calendar: CalendarScreen) -> None:
    calendar.me.book(ahead(6, 9, 0))
    calendar.open()
    calendar.open_slot(ahead(6, 10, 0))
    browser = calendar.browser.browser
    calendar.browser.one("combobox", "Start").find_element(By.XPATH, "./option[.='9:30 AM']").click()
    calendar.browser.command("Network.emulateNetworkConditions", **SLOW)
    button = browser.find_element(By.CSS_SELECTOR, "dialog[open] button[type=submit]")
    ActionChains(browser).double_click(button).perform()
    calendar.browser.sees("Do you want to replace it?", "dialog[open]")
    assert len(calendar.me.sessions()) == 1


def test_the_lengths_of_the_card_are_one_group_for_the_arrow_keys(calendar: CalendarScreen) -> None:
    calendar.open()
    calendar.open_slot(ahead(3, 9, 0))
    card = calendar.browser.one("dialog", "Book a session")
    calendar.browser.one("radio", "50 minutes", card).send_keys(Keys.ARROW_DOWN)
    calendar.browser.until(lambda: calendar.browser.one("radio", "75 minutes", card).is_selected(), "no other length")


def test_r16_book_proposes_the_next_free_start_while_past_days_are_shown(calendar: CalendarScreen) -> None:
    start = datetime.fromtimestamp((time() // 900 + 2) * 900, UTC)
    calendar.me.book(start)
    calendar.open(f"/?date={ahead(-30, 0):%Y-%m-%d}")
    calendar.browser.click("button", "Book")
    assert_proposed(calendar, start + timedelta(hours=1))


def test_r16_book_proposes_a_free_start_of_the_shown_day(calendar: CalendarScreen) -> None:
    morning = ahead(30, 8)
    calendar.me.book(morning)
    calendar.open(f"/?date={morning:%Y-%m-%d}")
    calendar.browser.click("button", "Book")
    assert_proposed(calendar, morning + timedelta(hours=1))


def assert_proposed(calendar: CalendarScreen, start: datetime) -> None:
    """Wait until the card proposes a start."""
    value = calendar.browser.one("combobox", "Start").get_attribute
    proposed = str(int(start.timestamp() * 1000))
    calendar.browser.until(lambda: value("value") == proposed, "the proposed start is not free")
