"""A repeat from the card of the calendar, with and without a partner (R40)."""

from datetime import datetime, time

import pytest
from selenium.webdriver.common.keys import Keys

from infra.local.run_process import LocalRun
from tests.browser.calendar.calendar_screen import CalendarScreen
from tests.browser.conftest import PHONE, OpenMember
from tests.browser.known_member import KnownMember, ahead
from tests.browser.repeats.weekly import code_of, day_ahead, expected, name_of, repeats, starts

# Browsers take seconds for each test.
pytestmark = pytest.mark.long


def test_r40_a_free_quarter_hour_is_booked_every_week_on_two_days(run: LocalRun, open_member: OpenMember) -> None:
    calendar = CalendarScreen(open_member(), KnownMember(run, "Ada"))
    first, second = day_ahead(2), day_ahead(4)
    start = ahead(2, 11)
    calendar.open()
    calendar.open_slot(start)
    page = calendar.browser
    page.fill("Title (only you see it)", "Thesis")
    page.click("checkbox", "Repeat every week")
    assert page.one("checkbox", name_of(first)).is_selected()
    page.click("checkbox", name_of(second))
    last = day_ahead(30)
    page.one("Date", "Last day").send_keys(f"{last:%m%d%Y}")
    assert page.violations() == []
    page.click("button", "Book every week")
    page.sees("Your repeat is made: Every ", ".toasts")
    (made,) = repeats(calendar.me)
    assert set(made["weekdays"]) == {code_of(first), code_of(second)}
    assert (made["time"], made["from"], made["until"], made["title"]) == (
        "11:00",
        first.isoformat(),
        last.isoformat(),
        "Thesis",
    )
    assert starts(calendar.me) == sorted(expected(first, 11) + expected(second, 11))
    calendar.becomes(start, "your session, waiting for a partner, 50 minutes")
    calendar.cell(start).click()
    page.click("link", "Part of a repeat")
    page.one("heading", "Repeats")


def test_r40_a_repeat_with_a_partner_locks_in_and_skips_what_is_in_the_way(
    run: LocalRun, open_member: OpenMember
) -> None:
    noor, me = KnownMember(run, "Noor"), KnownMember(run, "Ada")
    calendar = CalendarScreen(open_member(size=PHONE), me)
    me.add_favorites(noor)
    wanted = expected(day_ahead(2), 14)
    noor.book(wanted[0], 25)
    me.book(wanted[1])
    calendar.open(f"/?date={day_ahead(2)}")
    calendar.open_panel(wanted[0])
    page = calendar.browser
    page.click("radio", "Noor 25 minutes")
    page.one("checkbox", "Repeat every week").send_keys(Keys.SPACE)
    page.sees("Noor is locked in where possible.", "dialog[open]")
    page.click("button", "Book every week")
    page.sees("1 time was skipped: see Repeats.", ".toasts")
    (made,) = repeats(me)
    assert (made["partnerId"], made["duration"]) == (noor.user_id, 1_500_000)
    assert [datetime.fromisoformat(each["startTime"]) for each in made["skipped"]] == [wanted[1]]
    assert me.partners()[wanted[0].isoformat()] == "Noor"
    assert [start.time() for start in starts(noor)] == [time(14)]


def test_r40_a_repeat_without_a_day_is_refused_in_words(run: LocalRun, open_member: OpenMember) -> None:
    calendar = CalendarScreen(open_member(), KnownMember(run, "Ada"))
    calendar.open()
    calendar.open_slot(ahead(2, 11))
    page = calendar.browser
    page.click("checkbox", "Repeat every week")
    page.click("checkbox", name_of(day_ahead(2)))
    page.click("button", "Book every week")
    page.sees("Something in this form cannot be used.", "dialog[open] [role=alert]")
    assert (repeats(calendar.me), starts(calendar.me)) == ([], [])
