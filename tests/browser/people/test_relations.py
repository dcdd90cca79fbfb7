"""Favorites, watches, snoozes and blocks on the People page and the profile."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from selenium.webdriver import Keys

from infra.local.run_process import LocalRun
from tests.browser.conftest import PHONE, OpenMember
from tests.browser.known_member import KnownMember, ahead
from tests.browser.member_browser import MemberBrowser
from tests.browser.people.keyboard import focused, press, press_until
from tests.browser.wall_clock import wall_name

# A browser takes seconds for each test.
pytestmark = pytest.mark.long

TEN = ahead(2, 10)
BLOCK_TEXTS = (
    "Sessions that you two share from now on are parted.",
    "You are not matched any more",
    "Only you see the block.",
)
WITHIN = "return document.documentElement.scrollWidth <= innerWidth"
MENU_START = "return document.querySelector('.menu ul').getBoundingClientRect().left"


def facts_of(page: MemberBrowser, name: str) -> str:
    """Return all that a profile says and offers, without the time of day."""
    page.sees("Sessions so far")
    page.one("link", "See availability")
    page.one("button", f"More about {name}")
    return re.sub(r"\d+:\d+", "", page.text())


def test_r45_a_watch_is_switched_on_and_off(run: LocalRun, open_member: OpenMember) -> None:
    ben = KnownMember(run, "Ben")
    ada = KnownMember(run, "Ada", ben)

    def is_watched() -> bool:
        return bool(ada.read("/v1/people")["favorites"][0]["isWatched"])

    clicks = ada.browser(open_member, "/people")
    label = "Message me about new times of Ben"
    clicks.click("checkbox", label)
    clicks.sees("You get a message when Ben has new times.")
    assert is_watched()
    clicks.open("/people")
    clicks.until(lambda: clicks.one("checkbox", label).is_selected(), "the watch is off after a reload")
    clicks.click("checkbox", label)
    clicks.sees("You get no more messages about new times of Ben.")
    assert not is_watched()


def test_r32_a_favorite_is_removed_by_the_context_menu(run: LocalRun, open_member: OpenMember) -> None:
    ben, cy = KnownMember(run, "Ben"), KnownMember(run, "Cy")
    ada = KnownMember(run, "Ada", ben, cy)
    clicks = ada.browser(open_member, "/people")
    clicks.click("button", "More about Ben")
    clicks.click("button", "Remove from favorites")
    clicks.sees("Ben is no favorite any more.")
    clicks.until(lambda: clicks.found("button", "More about Ben") == [], "Ben is still shown")
    assert ada.people()["favorites"] == [cy.user_id]
    # The focus goes to the heading of the list, because its button is gone.
    clicks.until(lambda: focused(clicks) == "Favorites", "the focus is lost")


def test_r6_a_snooze_hides_the_two_from_each_other_until_it_ends(run: LocalRun, open_member: OpenMember) -> None:
    ben = KnownMember(run, "Ben")
    ada = KnownMember(run, "Ada", ben)
    ben.book(TEN)
    clicks = ada.browser(open_member, "/people")
    clicks.click("button", "More about Ben")
    clicks.click("button", "Snooze ...")
    clicks.one("dialog", "Snooze Ben")
    assert clicks.violations() == []
    clicks.click("radio", "1 month")
    clicks.click("button", "Snooze")
    clicks.one("button", "End the snooze of Ben")
    (snoozed,) = ada.read("/v1/people")["snoozed"]
    days = (datetime.fromisoformat(snoozed["until"]) - datetime.now(UTC)).days
    assert days in range(27, 31)
    clicks.click("link", "Favorites Availability")
    clicks.sees("None of your favorites has times to book right now.")
    clicks.click("link", "People")
    clicks.click("button", "End the snooze of Ben")
    clicks.sees("You have snoozed no person.")
    assert focused(clicks) == "Snoozed"
    assert ada.people() == {"favorites": [ben.user_id], "snoozed": [], "blocked": []}
    clicks.click("link", "Favorites Availability")
    clicks.one("button", "Ben")


def test_r6_a_snooze_ends_at_the_beginning_of_a_chosen_date_here(run: LocalRun, open_member: OpenMember) -> None:
    ben = KnownMember(run, "Ben")
    ada = KnownMember(run, "Ada", ben)
    zone = ZoneInfo("Asia/Kolkata")
    end = datetime.now(zone).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=47)
    clicks = ada.browser(open_member, f"/people/{ben.user_id}", zone=zone.key)
    clicks.click("button", "More about Ben")
    clicks.click("button", "Snooze ...")
    clicks.click("radio", "Until a date")
    clicks.sees("Choose a date after today.")
    clicks.click("button", "Snooze")
    assert ada.people()["snoozed"] == []
    field = clicks.browser.find_element("css selector", "input[type=date]")
    field.send_keys(f"{end:%m%d%Y}")
    clicks.sees(f"The snooze ends {wall_name(end, zone.key)}.")
    clicks.click("button", "Snooze")
    clicks.sees("Ben is snoozed.")
    (snoozed,) = ada.read("/v1/people")["snoozed"]
    assert snoozed["until"] == end.astimezone(UTC).isoformat()


def test_r1_a_block_parts_the_two_and_shows_the_other_nothing_special(run: LocalRun, open_member: OpenMember) -> None:
    ben = KnownMember(run, "Ben")
    ada = KnownMember(run, "Ada", ben)
    ben.add_favorites(ada)
    ben.book(TEN)
    ada.book(TEN, partner=ben)
    later = TEN + timedelta(hours=3)
    ada.book(later)
    bens = ben.browser(open_member, f"/people/{ada.user_id}")
    before = facts_of(bens, "Ada")
    clicks = ada.browser(open_member, "/people", size=PHONE)
    clicks.click("button", "More about Ben")
    clicks.click("button", "Block ...")
    dialog = clicks.one("dialog", "Block Ben?")
    assert all(text in dialog.text for text in BLOCK_TEXTS)
    assert clicks.violations() == []
    clicks.click("button", "Block", dialog)
    clicks.one("button", "Unblock Ben")
    # Both keep their own bookings without each other.
    assert ada.partners() == {TEN.isoformat(): None, later.isoformat(): None}
    assert ben.partners() == {TEN.isoformat(): None}
    # The profile reads as before, and the Availability page as that of a member without bookings.
    bens.open(f"/people/{ada.user_id}")
    assert facts_of(bens, "Ada") == before
    bens.click("link", "See availability")
    bens.sees("No times to book right now.")
    assert bens.text().split("\n\n") == ["Availability of Ada", "Profile of Ada", "No times to book right now."]
    clicks.click("button", "Unblock Ben")
    clicks.sees("You have blocked no person.")
    assert ada.people()["blocked"] == []


def test_the_context_menu_and_its_dialogs_work_by_keyboard(run: LocalRun, open_member: OpenMember) -> None:
    ben = KnownMember(run, "Ben")
    ada = KnownMember(run, "Ada", ben)
    keys = ada.browser(open_member, "/people")
    opener = keys.one("button", "More about Ben")
    opener.send_keys(Keys.ENTER)
    keys.one("button", "Snooze ...")
    assert opener.get_attribute("aria-expanded") == "true"
    press(keys, Keys.ARROW_UP)
    assert focused(keys) == "Block ..."
    press(keys, Keys.ARROW_DOWN)
    assert focused(keys) == "See availability"
    press(keys, Keys.ESCAPE)
    keys.until(lambda: keys.found("button", "Snooze ...") == [], "Escape does not close the menu")
    assert keys.browser.switch_to.active_element == opener
    press(keys, Keys.ENTER)
    press_until(keys, Keys.END, "Block ...")
    press(keys, Keys.ENTER)
    keys.one("dialog", "Block Ben?")
    press(keys, Keys.ESCAPE)
    keys.until(lambda: keys.found("dialog", "Block Ben?") == [], "Escape does not close the dialog")
    assert keys.browser.switch_to.active_element == opener
    assert ada.people()["blocked"] == []


def test_a_click_elsewhere_closes_the_menu_and_the_page_stays_within_a_phone(
    run: LocalRun, open_member: OpenMember
) -> None:
    ben = KnownMember(run, "Wolfeschlegelsteinhausenbergerdorff the Younger, of an unusually long name")
    ada = KnownMember(run, "Ada", ben)
    until = (datetime.now(UTC) + timedelta(days=9)).isoformat()
    ada.call("PUT", f"/v1/people/{ben.user_id}/snooze", {"until": until})
    ada.call("PUT", f"/v1/people/{ben.user_id}/block")
    ben.add_favorites(ada)
    clicks = ada.browser(open_member, "/people", size=PHONE)
    for path in ("/people", f"/people/{ben.user_id}", f"/people/{ben.user_id}/availability", "/favorites"):
        clicks.open(path)
        clicks.sees(ben.name if path != "/favorites" else "Favorites Availability", "main")
        for opener in clicks.found("button", f"More about {ben.name}"):
            opener.click()
            clicks.one("button", "Unblock")
            assert clicks.browser.execute_script(WITHIN)
            assert clicks.browser.execute_script(MENU_START) >= 0
            assert clicks.violations() == []
            clicks.browser.find_element("css selector", "h1").click()
            clicks.until(lambda: clicks.found("button", "Unblock") == [], "the menu stays open")
        assert clicks.browser.execute_script(WITHIN)
        assert clicks.violations() == []


def test_an_unknown_member_has_no_profile(open_member: OpenMember) -> None:
    clicks = open_member()
    clicks.sign_in_as_new("Ada")
    for path in ("/people/pb70a2q9nf6znwmb7vcy86h7", "/people/nothing/availability"):
        clicks.open(path)
        clicks.sees("There is nothing at this address.", "main h1")
        # A second try cannot help.
        assert clicks.found("button", "Try again") == []
        assert clicks.violations() == []
    clicks.click("link", "Go to the calendar")
    clicks.one("heading", "Calendar")


def test_r6_a_favorite_who_is_blocked_or_snoozed_is_marked_among_the_favorites(
    run: LocalRun, open_member: OpenMember
) -> None:
    ben, cy, dee = KnownMember(run, "Ben"), KnownMember(run, "Cy"), KnownMember(run, "Dee")
    ada = KnownMember(run, "Ada", ben, cy, dee)
    ada.call("PUT", f"/v1/people/{ben.user_id}/block")
    ada.call("PUT", f"/v1/people/{cy.user_id}/snooze", {"until": ahead(20, 9).isoformat()})
    clicks = ada.browser(open_member, "/people")
    clicks.one("checkbox", "Message me about new times of Dee")
    rows = [each.text for each in clicks.browser.find_elements("css selector", ".people:first-of-type li")]
    marks = [
        [mark in row for mark in ("Blocked", "Snoozed until")]
        for name in ("Ben", "Cy", "Dee")
        for row in rows
        if name in row
    ]
    assert marks == [[True, False], [False, True], [False, False]]
