"""Repeats, made, changed and ended by clicking (R40)."""

from datetime import timedelta

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.conftest import PHONE, OpenMember
from tests.browser.known_member import KnownMember, sign_in
from tests.browser.repeats.weekly import code_of, day_ahead, expected, make, name_of, repeats, starts
from tests.browser.test_accessibility import OVERFLOW
from tests.infra.poll import until

# Browsers take seconds for each test.
pytestmark = pytest.mark.long

# A word that is wider than a phone.
LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen"


def test_r40_a_repeat_is_made_by_clicking_and_books_two_weeks(open_member: OpenMember) -> None:
    ada = sign_in(open_member(size=PHONE), "Ada", "/sessions")
    ada.page.click("link", "Repeats")
    ada.page.one("heading", "Repeats")
    assert ada.page.one("link", "Sessions").get_attribute("aria-current") == "page"
    ada.page.sees("You have no repeats.")
    ada.page.click("button", "Book every week")
    ada.page.sees("Please choose at least one day.")
    on = day_ahead(2)
    ada.page.click("checkbox", name_of(on))
    ada.page.select("Start", "10:00 AM")
    ada.page.fill("Title (only you see it)", LONG)
    ada.page.click("button", "Book every week")
    ada.page.sees("The repeat is made.")
    ada.page.one("heading", f"Every {name_of(on)}, 10:00\u201310:50 AM")
    (made,) = repeats(ada)
    assert (made["weekdays"], made["time"], made["timeZone"]) == ([code_of(on)], "10:00", "UTC")
    assert starts(ada) == expected(on, 10)
    assert {(each["title"], each["repeatId"]) for each in ada.sessions()} == {(LONG, made["repeatId"])}
    ada.page.sees("Next sessions")
    ada.page.sees(f"{name_of(on)}, ", ".entries ul")
    assert ada.page.violations() == []
    assert ada.page.browser.execute_script(OVERFLOW) == 0
    # Each of its sessions leads to it.
    ada.page.click("link", "Upcoming")
    ada.page.click("link", "Part of a repeat")
    ada.page.one("heading", f"Every {name_of(on)}, 10:00\u201310:50 AM")


def test_r40_a_change_keeps_the_booked_sessions_and_says_so(open_member: OpenMember) -> None:
    ada, on = sign_in(open_member(), "Ada", "/repeats"), day_ahead(2)
    make(ada, on, "10:00", title="Thesis")
    booked = starts(ada)
    ada.page.browser.refresh()
    ada.page.click("button", f"Change: Every {name_of(on)}, 10:00\u201310:50 AM")
    ada.page.sees("Sessions that are already booked stay.", "dialog[open]")
    assert ada.page.violations() == []
    dialog = ada.page.one("dialog", "Change this repeat")
    ada.page.select("Start", "11:30 AM")
    ada.page.empty("Title (only you see it)")
    last = day_ahead(100)
    ada.page.one("Date", "Last day", dialog).send_keys(f"{last:%m%d%Y}")
    ada.page.click("button", "Save", dialog)
    ada.page.sees("Sessions that were already booked stay.", ".toasts")
    ada.page.one("heading", f"Every {name_of(on)}, 11:30 AM\u201312:20 PM")
    (changed,) = repeats(ada)
    assert (changed["time"], changed["title"], changed["until"]) == ("11:30", None, last.isoformat())
    assert starts(ada) == booked
    assert ada.page.browser.switch_to.active_element.accessible_name.startswith("Change: ")


@pytest.mark.parametrize("choice", ["Keep them", "Cancel them"])
def test_r40_a_repeat_ends_with_or_without_its_unchanged_sessions(open_member: OpenMember, choice: str) -> None:
    ada, on = sign_in(open_member(), "Ada", "/repeats"), day_ahead(3)
    make(ada, on, "10:00")
    first, *others = ada.sessions()
    ada.call("PATCH", f"/v1/sessions/{first['sessionId']}", {"title": "Mine"})
    ada.page.browser.refresh()
    ada.page.click("button", "End: ...")
    dialog = ada.page.one("dialog", "End this repeat?")
    assert ada.page.violations() == []
    label = ada.page.one("radio", choice if choice == "Keep them" else f"{choice}...", dialog)
    label.send_keys(Keys.SPACE)
    ada.page.click("button", "End the repeat", dialog)
    ada.page.sees("You have no repeats.")
    ada.page.sees("The repeat has ended", ".toasts")
    assert repeats(ada) == []
    kept = [first, *others] if choice == "Keep them" else [first]
    assert [each["sessionId"] for each in ada.sessions()] == [each["sessionId"] for each in kept]
    ada.page.until(
        lambda: ada.page.browser.switch_to.active_element.accessible_name == "Your repeats", "the focus is lost"
    )


def test_r40_a_skipped_time_shows_the_reason_in_words(open_member: OpenMember) -> None:
    ada, on = sign_in(open_member(), "Ada", "/repeats"), day_ahead(2)
    first = expected(on, 10)[0]
    ada.book(first + timedelta(minutes=15))
    make(ada, on, "10:00")
    ada.page.browser.refresh()
    ada.page.sees("1 time was skipped", ".entries summary")
    ada.page.browser.find_element(By.CSS_SELECTOR, ".entries summary").send_keys(Keys.ENTER)
    ada.page.sees("10:00 AM: another session of yours was at this time", ".entries details")
    assert ada.page.violations() == []


def test_r40_a_favorite_is_locked_in_and_one_cancel_leaves_the_others(open_member: OpenMember) -> None:
    page, on = open_member(), day_ahead(2)
    ada, ben = sign_in(page, "Ada", "/repeats"), KnownMember(page.run, "Ben")
    ada.add_favorites(ben)
    wanted = expected(on, 10)
    ben.book(wanted[0])
    page.browser.refresh()
    page.click("checkbox", name_of(on))
    page.select("Start", "10:00 AM")
    page.select("Partner", "Ben")
    page.click("button", "Book every week")
    page.sees("With Ben where possible")
    assert list(ada.partners().values()) == ["Ben", *[None] * (len(wanted) - 1)]
    page.open("/sessions")
    page.click("button", "Cancel")
    page.sees("The others of the repeat stay.", "dialog[open]")
    page.click("button", "Cancel the session")
    page.sees("Your session is cancelled.", ".toasts")
    until(lambda: starts(ada) == wanted[1:])
    assert len(repeats(ada)) == 1
