"""Locking in from Favorites Availability and from the Availability page of a member (R9)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By

from infra.local.run_process import LocalRun
from tests.browser.conftest import PHONE, OpenMember
from tests.browser.known_member import KnownMember, ahead
from tests.browser.member_browser import MemberBrowser
from tests.browser.people.keyboard import focused, press, press_until

# A browser takes seconds for each test.
pytestmark = pytest.mark.long

FAILURES = ".toasts [role=alert]"
TEN, TEN_TEXT = ahead(2, 10), "10:00\u201310:50 AM"
GONE = "This time has just gone. Here are the times that are left."


@contextmanager
def stream_held(run: LocalRun) -> Iterator[None]:
    """Deliver no events within the block."""
    assert run.call("PUT", "/dev/stream", payload={"enabled": False})[0] == 200
    try:
        yield
    finally:
        assert run.call("PUT", "/dev/stream", payload={"enabled": True})[0] == 200


def locks(member: MemberBrowser) -> list[str]:
    """Return the texts beside the lock icons of the screen, without those of buttons."""
    icons = member.browser.find_elements(By.CSS_SELECTOR, "main li svg.lock[role=img]")
    beside = [icon.find_element(By.XPATH, "..") for icon in icons if icon.accessible_name == "Locked in"]
    return [element.text for element in beside if element.tag_name != "button"]


def availability_of(account: KnownMember) -> str:
    return f"/people/{account.user_id}/availability"


def test_r9_a_favorite_is_added_and_locked_from_profile_and_availability_page(
    run: LocalRun, open_member: OpenMember
) -> None:
    ben = KnownMember(run, "Ben")
    ada = KnownMember(run, "Ada")
    ben.add_favorites(ada)
    ben.book(TEN)
    clicks = ada.browser(open_member, f"/people/{ben.user_id}")
    clicks.click("button", "Add to favorites: Ben")
    clicks.sees("Ben is a favorite now.")
    clicks.click("link", "See availability")
    clicks.click("button", TEN_TEXT)
    clicks.click("button", "Book and lock in")
    clicks.sees("You are locked in with Ben: ")
    clicks.until(lambda: locks(clicks) == [TEN_TEXT], "no lock icon on the Availability page")
    assert focused(clicks) == TEN_TEXT
    assert ada.people()["favorites"] == [ben.user_id]
    assert ada.partners() == {TEN.isoformat(): "Ben"}
    assert ben.partners() == {TEN.isoformat(): "Ada"}
    # The partner sees the lock on the page of the booker (R2).
    others = ben.browser(open_member, availability_of(ada))
    others.until(lambda: locks(others) == [TEN_TEXT], "no lock icon for the partner")
    assert clicks.violations() == []


def test_r9_favorites_availability_locks_with_the_chosen_partner_of_a_slot(
    run: LocalRun, open_member: OpenMember
) -> None:
    ben, cy = KnownMember(run, "Ben"), KnownMember(run, "Cy")
    ada = KnownMember(run, "Ada", ben, cy)
    for favorite in (ben, cy):
        favorite.book(TEN)
    cy.book(TEN + timedelta(hours=2))
    clicks = ada.browser(open_member, "/favorites", size=PHONE)
    clicks.one("button", "Ben")
    assert len(clicks.found("button", "Cy")) == 2
    assert clicks.found("button", "Book and lock in") == []
    clicks.click("button", "Cy")
    clicks.click("button", "Book and lock in")
    clicks.until(lambda: locks(clicks) == ["C\nCy"], "no lock icon in Favorites Availability")
    assert ada.partners() == {TEN.isoformat(): "Cy"}
    assert clicks.violations() == []


def test_r9_a_member_locks_in_by_keyboard_alone(run: LocalRun, open_member: OpenMember) -> None:
    ben = KnownMember(run, "Ben")
    ada = KnownMember(run, "Ada", ben)
    ben.book(TEN)
    keys = ada.browser(open_member, "/favorites")
    keys.one("button", "Ben")
    press_until(keys, Keys.TAB, "Ben")
    press(keys, Keys.SPACE)
    keys.one("button", "Book and lock in")
    press(keys, Keys.TAB)
    assert focused(keys).startswith("Book")
    press(keys, Keys.ENTER)
    keys.until(lambda: locks(keys) == ["B\nBen"], "no lock icon")
    # The next Tab continues at the row that was booked.
    assert "Ben" in focused(keys)
    assert ada.partners() == {TEN.isoformat(): "Ben"}


def test_r14_a_lost_race_says_so_and_shows_the_times_that_are_left(run: LocalRun, open_member: OpenMember) -> None:
    ben = KnownMember(run, "Ben")
    ada, cy = KnownMember(run, "Ada", ben), KnownMember(run, "Cy", ben)
    ben.book(TEN)
    ben.book(TEN + timedelta(hours=2))
    clicks = ada.browser(open_member, availability_of(ben))
    clicks.click("button", TEN_TEXT)
    clicks.one("button", "Book and lock in")
    cy.book(TEN, partner=ben)
    clicks.click("button", "Book and lock in")
    clicks.sees(GONE, FAILURES)
    clicks.until(lambda: clicks.found("button", TEN_TEXT) == [], "the lost time is still shown")
    clicks.one("button", "12:00\u201312:50 PM")
    assert focused(clicks) == "Choose a time of the next two weeks to lock in."
    assert ada.partners() == {}


@pytest.mark.parametrize("answer", ["Keep it", "Cancel it and book"])
def test_r16_another_session_is_replaced_only_after_a_question(
    run: LocalRun, open_member: OpenMember, answer: str
) -> None:
    ben = KnownMember(run, "Ben")
    ada = KnownMember(run, "Ada", ben)
    ben.book(TEN)
    half_past = TEN + timedelta(minutes=30)
    clicks = ada.browser(open_member, availability_of(ben))
    clicks.click("button", TEN_TEXT)
    clicks.one("button", "Book and lock in")
    # Another window of the member books meanwhile, before this one gets the event of it.
    with stream_held(run):
        ada.book(half_past, 25)
        clicks.click("button", "Book and lock in")
        clicks.one("dialog", "Replace your other session?")
        assert clicks.violations() == []
        clicks.click("button", answer)
        clicks.until(lambda: clicks.found("dialog", "Replace your other session?") == [], "the dialog is open")
    if answer == "Keep it":
        assert ada.partners() == {half_past.isoformat(): None}
        assert clicks.text(FAILURES) == ""
    else:
        clicks.until(lambda: locks(clicks) == [TEN_TEXT], "no lock icon")
        assert ada.partners() == {TEN.isoformat(): "Ben"}


def test_r16_a_locked_in_session_is_never_replaced(run: LocalRun, open_member: OpenMember) -> None:
    ben, cy = KnownMember(run, "Ben"), KnownMember(run, "Cy")
    ada = KnownMember(run, "Ada", ben, cy)
    ben.book(TEN)
    half_past = TEN + timedelta(minutes=30)
    cy.book(half_past)
    clicks = ada.browser(open_member, availability_of(ben))
    clicks.click("button", TEN_TEXT)
    clicks.one("button", "Book and lock in")
    with stream_held(run):
        ada.book(half_past, partner=cy)
        clicks.click("button", "Book and lock in")
        clicks.click("button", "Cancel it and book")
        clicks.sees("You are locked in with another partner at this time. Cancel that session first.", FAILURES)
    assert ada.partners() == {half_past.isoformat(): "Cy"}


def test_r12_a_double_click_books_once(run: LocalRun, open_member: OpenMember) -> None:
    ben = KnownMember(run, "Ben")
    ada = KnownMember(run, "Ada", ben)
    ben.book(TEN)
    clicks = ada.browser(open_member, availability_of(ben))
    clicks.click("button", TEN_TEXT)
    ActionChains(clicks.browser).double_click(clicks.one("button", "Book and lock in")).perform()
    clicks.until(lambda: locks(clicks) == [TEN_TEXT], "no lock icon")
    assert ada.partners() == {TEN.isoformat(): "Ben"}
    assert clicks.text(FAILURES) == ""


def test_r11_an_empty_availability_page_reads_the_same_for_every_reason(run: LocalRun, open_member: OpenMember) -> None:
    names = ("without bookings", "setting", "block", "snooze")
    favorites = {name: KnownMember(run, "Ben") for name in names}
    ada = KnownMember(run, "Ada", *favorites.values())
    for name in names[1:]:
        favorites[name].book(TEN)
    favorites["setting"].call("PATCH", "/v1/me", {"availability": "no_one"})
    favorites["block"].call("PUT", f"/v1/people/{ada.user_id}/block")
    until = (TEN + timedelta(days=20)).isoformat()
    favorites["snooze"].call("PUT", f"/v1/people/{ada.user_id}/snooze", {"until": until})
    clicks = ada.browser(open_member)
    read = {}
    for name, favorite in favorites.items():
        clicks.open(availability_of(favorite))
        clicks.sees("No times to book right now.")
        read[name] = clicks.text().split("\n\n")
    assert list(read.values()) == [["Availability of Ben", "Profile of Ben", "No times to book right now."]] * 4


def test_r7_a_member_who_is_no_favorite_can_be_added_on_the_availability_page(
    run: LocalRun, open_member: OpenMember
) -> None:
    ben = KnownMember(run, "Ben")
    ada = KnownMember(run, "Ada")
    ben.book(TEN)
    clicks = ada.browser(open_member, availability_of(ben))
    clicks.sees("You can lock in with your favorites. Ben is not one of them.")
    clicks.click("button", "Add to favorites: Ben")
    clicks.one("button", TEN_TEXT)
    clicks.sees_no_more("Ben is not one of them.")
    # The button is gone, and the keyboard continues at the content of the page.
    assert clicks.browser.switch_to.active_element.get_attribute("id") == "content"


def test_r9_an_empty_view_of_favorites_explains_what_to_do(run: LocalRun, open_member: OpenMember) -> None:
    ben, cy = KnownMember(run, "Ben"), KnownMember(run, "Cy")
    ada = KnownMember(run, "Ada")
    clicks = ada.browser(open_member, "/favorites")
    clicks.sees("You have no favorites yet.")
    for favorite in (ben, cy):
        ada.add_favorites(favorite)
    clicks.click("link", "Go to People")
    clicks.open("/favorites")
    clicks.sees("None of your favorites has times to book right now.")
    ben.book(TEN)
    clicks.open("/favorites")
    clicks.one("button", "Ben")
    clicks.one("combobox", "Show").send_keys("Cy")
    clicks.sees("Cy has no times to book right now.")
    assert clicks.found("button", "Ben") == []
