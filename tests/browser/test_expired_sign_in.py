"""Booking while the token ends, and after the provider has ended the sign-in."""

from collections.abc import Iterator

import pytest

from infra.local.run_process import LocalRun
from tests.browser.calendar.calendar_screen import CalendarScreen
from tests.browser.conftest import OpenMember
from tests.browser.known_member import KnownMember, ahead

# A browser takes seconds for each test.
pytestmark = pytest.mark.long

# A page renews such a token after 3 seconds.
SECONDS = 4
RENEWALS = "return performance.getEntriesByType('resource').filter(each => /[/]token$/.test(each.name)).length - 1"
# The end of the browser's session at the provider, as by a sign-out in another app.
END_SESSION = "fetch('/dev/sign-out', {method: 'POST', credentials: 'same-origin'}).then(arguments[0])"


@pytest.fixture(scope="module")
def run(built_app: None) -> Iterator[LocalRun]:
    """A local run whose tokens end after seconds."""
    with LocalRun(LOCKSTEP_LOCAL_TOKEN_SECONDS=str(SECONDS)) as run:
        yield run


def calendar_of(run: LocalRun, open_member: OpenMember, name: str) -> CalendarScreen:
    calendar = CalendarScreen(open_member(), KnownMember(run, name))
    calendar.open()
    return calendar


def fill_card(calendar: CalendarScreen, day: int) -> None:
    """Open the card of a slot and write a title."""
    calendar.open_slot(ahead(day, 11, 30))
    calendar.browser.fill("Title (only you see it)", "Thesis")


def test_a_booking_goes_on_when_its_token_ends_in_the_middle(run: LocalRun, open_member: OpenMember) -> None:
    calendar = calendar_of(run, open_member, "Ada")
    fill_card(calendar, 2)
    browser = calendar.browser
    # The token with which the card was opened has ended after two renewals.
    browser.until(lambda: browser.browser.execute_script(RENEWALS) >= 2, "the token was not renewed")
    browser.click("button", "Book", browser.one("dialog", "Book a session"))
    calendar.becomes(ahead(2, 11, 30), "your session, waiting for a partner, 50 minutes")
    assert [session["title"] for session in calendar.me.sessions()] == ["Thesis"]


def test_an_ended_sign_in_leaves_what_was_typed_and_leads_back(run: LocalRun, open_member: OpenMember) -> None:
    calendar = calendar_of(run, open_member, "Ben")
    fill_card(calendar, 3)
    browser = calendar.browser
    at = browser.browser.current_url
    browser.browser.execute_async_script(END_SESSION)
    browser.sees("Your sign-in has expired", "dialog[open]:last-of-type")
    assert browser.violations() == []
    browser.click("button", "Close", browser.one("dialog", "Your sign-in has expired..."))
    assert browser.one("textbox", "Title (only you see it)").get_attribute("value") == "Thesis"
    # The refusal is in words, and nothing is booked.
    browser.click("button", "Book", browser.one("dialog", "Book a session"))
    browser.sees("Your sign-in has expired", "dialog[open]")
    assert calendar.me.sessions() == []
    browser.click("button", "Close", browser.one("dialog", "Book a session"))
    calendar.me.sign_in_by(browser, "Sign in again")
    assert browser.browser.current_url == at
