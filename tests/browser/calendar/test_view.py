"""The days, times and keys of the calendar, on a desktop and on a phone."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from infra.local.run_process import LocalRun
from tests.browser.calendar.calendar_screen import CalendarScreen
from tests.browser.conftest import PHONE, OpenMember
from tests.browser.known_member import KnownMember, ahead
from tests.browser.wall_clock import QUARTER, next_clock_change, wall_day, wall_name

# A browser takes seconds for each test.
pytestmark = pytest.mark.long

OVERFLOW = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
HEADINGS = "return [...document.querySelectorAll('thead th b')].map((day) => day.textContent)"


def headings(calendar: CalendarScreen) -> list[str]:
    """Return the dates of the shown days."""
    found: list[str] = calendar.browser.browser.execute_script(HEADINGS)
    return found


def heading(start: datetime, zone: str = "UTC") -> str:
    local = start.astimezone(ZoneInfo(zone))
    return f"{local:%b} {local.day}"


# Each on a day of its own, so that the members of the cases do not meet.
@pytest.mark.parametrize(("zone", "days"), [("Asia/Kolkata", 3), ("Australia/Lord_Howe", 4), ("Pacific/Apia", 5)])
def test_r30_a_session_shows_and_is_booked_at_the_wall_clock_of_the_device(
    run: LocalRun, open_member: OpenMember, zone: str, days: int
) -> None:
    calendar = CalendarScreen(open_member(zone=zone), KnownMember(run, "Ada"))
    booked, free = ahead(days, 11, 45), ahead(days, 21, 30)
    calendar.me.book(booked)
    calendar.open()
    assert headings(calendar)[0] == heading(datetime.now(UTC), zone)
    assert calendar.name(booked) == f"{wall_name(booked, zone)}, your session, waiting for a partner, 50 minutes"
    calendar.open_slot(free)
    calendar.browser.sees(re.split(" [AP]M", wall_name(free, zone))[0], "dialog[open] .chosen")
    calendar.browser.click("button", "Book", calendar.browser.one("dialog", "Book a session"))
    calendar.becomes(free, "your session, waiting for a partner, 50 minutes")
    assert [session["startTime"] for session in calendar.me.sessions()] == [
        f"{start:%Y-%m-%dT%H:%M:%S+00:00}" for start in (booked, free)
    ]


def test_the_day_of_a_clock_change_has_its_offsets_and_skips_an_hour(run: LocalRun, open_member: OpenMember) -> None:
    zone = "Africa/Cairo"
    calendar, change = (
        CalendarScreen(open_member(zone=zone), KnownMember(run, "Ada")),
        next_clock_change(zone, forward=True),
    )
    days = [change - timedelta(days=2), change - timedelta(days=1), change]
    calendar.open(f"/?date={days[0].astimezone(ZoneInfo(zone)):%Y-%m-%d}")
    assert headings(calendar)[:3] == [heading(day, zone) for day in days]
    assert calendar.browser.text("thead th:nth-child(4)").endswith("Clocks change")
    names = [name for name in calendar.names() if name.startswith(f"{wall_day(change, zone)}, ")]
    assert len(names) == 92
    assert names[0].startswith(f"{wall_day(change, zone)}, 1:00 AM GMT+3, ")
    assert len(calendar.names()) == 6 * 96 + 92
    assert len(calendar.browser.browser.find_elements(By.CSS_SELECTOR, "td.blank")) == 4
    before = change - QUARTER
    assert f"{wall_day(before, zone)}, 11:45 PM," in str(calendar.cell(before).get_attribute("textContent"))


def test_an_hour_that_comes_twice_has_cells_for_both(run: LocalRun, open_member: OpenMember) -> None:
    zone = "America/New_York"
    calendar, change = (
        CalendarScreen(open_member(zone=zone), KnownMember(run, "Ada")),
        next_clock_change(zone, forward=False),
    )
    calendar.open(f"/?date={change.astimezone(ZoneInfo(zone)):%Y-%m-%d}")
    day = f"{wall_day(change, zone)}, "
    names = [name.removeprefix(day) for name in calendar.names() if name.startswith(day)]
    assert len(names) == 100
    assert [name.split(", ")[0] for name in names if name.startswith("1:30 AM")] == ["1:30 AM GMT-4", "1:30 AM GMT-5"]


def test_a_phone_shows_a_day_and_the_back_button_returns_to_it(run: LocalRun, open_member: OpenMember) -> None:
    calendar = CalendarScreen(open_member(size=PHONE), KnownMember(run, "Ada"))
    noor = KnownMember(run, "Noor")
    calendar.me.add_favorites(noor)
    start = ahead(2, 15, 45)
    noor.book(start, 25)
    calendar.open()
    assert headings(calendar) == [heading(ahead(0, 0))]
    calendar.browser.click("link", "Next")
    calendar.browser.until(lambda: headings(calendar) == [heading(ahead(1, 0))], "not the next day")
    # The focus stays at the link, so that the next press leads on.
    assert calendar.browser.browser.switch_to.active_element.text == "Next"
    calendar.browser.click("link", "Next")
    calendar.browser.until(lambda: headings(calendar) == [heading(ahead(2, 0))], "not the day after")
    assert calendar.browser.browser.current_url.endswith(f"/?date={ahead(2, 0):%Y-%m-%d}")
    assert calendar.browser.browser.execute_script(OVERFLOW) <= 0
    calendar.becomes(start, "free, favorites: Noor")
    more = calendar.browser.one("button", "More", calendar.cell(start))
    # The button shows three dots and keeps its name.
    assert more.find_element(By.CSS_SELECTOR, ".dots").is_displayed()
    calendar.open_panel(start)
    calendar.browser.click("radio", "Noor 25 minutes")
    assert calendar.browser.browser.execute_script(OVERFLOW) <= 0
    assert calendar.browser.violations() == []
    calendar.browser.click("button", "Book and lock in")
    calendar.becomes(start, "your session with Noor, locked in, 25 minutes, favorites: Noor")
    calendar.browser.browser.back()
    calendar.browser.until(lambda: headings(calendar) == [heading(ahead(1, 0))], "not back at the next day")
    calendar.browser.browser.back()
    calendar.browser.until(lambda: headings(calendar) == [heading(ahead(0, 0))], "not back at today")


def test_keys_lead_through_the_grid_and_enter_opens_a_slot(run: LocalRun, open_member: OpenMember) -> None:
    calendar = CalendarScreen(open_member(), KnownMember(run, "Ada"))
    calendar.open()
    browser = calendar.browser.browser
    start = ahead(2, 12, 0)
    stops = browser.find_elements(By.CSS_SELECTOR, "td[tabindex='0']")
    assert len(stops) == 1

    def press(key: str) -> None:
        browser.switch_to.active_element.send_keys(key)

    browser.execute_script("arguments[0].focus()", stops[0])
    press(Keys.HOME)
    while not focused_name(calendar).startswith(wall_name(ahead(0, 12))):
        press(Keys.ARROW_UP if focused_at(calendar) > ahead(0, 12).timestamp() else Keys.ARROW_DOWN)
    press(Keys.ARROW_RIGHT)
    press(Keys.ARROW_RIGHT)
    assert focused_name(calendar) == f"{wall_name(start)}, free"
    assert len(browser.find_elements(By.CSS_SELECTOR, "td[tabindex='0']")) == 1
    press(Keys.ENTER)
    calendar.browser.sees(f"{wall_name(start)[:-3]}", "dialog[open] .chosen")
    press(Keys.ESCAPE)
    calendar.browser.until(lambda: not browser.find_elements(By.CSS_SELECTOR, "dialog"), "the card is not closed")
    assert focused_name(calendar) == f"{wall_name(start)}, free"


def focused_name(calendar: CalendarScreen) -> str:
    """Return the name of the cell that has the focus."""
    text = "return document.activeElement.querySelector('.hidden')?.textContent ?? ''"
    return str(calendar.browser.browser.execute_script(text))


def focused_at(calendar: CalendarScreen) -> float:
    """Return the instant of the cell that has the focus, in seconds."""
    at: float = calendar.browser.browser.execute_script("return Number(document.activeElement.dataset.at) / 1000")
    return at


def test_r30_the_past_and_times_beyond_13_weeks_cannot_be_chosen(run: LocalRun, open_member: OpenMember) -> None:
    calendar = CalendarScreen(open_member(), KnownMember(run, "Ada"))
    yesterday, far = ahead(-1, 12), ahead(92, 12)
    calendar.open(f"/?date={yesterday:%Y-%m-%d}")
    assert calendar.name(yesterday).endswith(", past")
    calendar.cell(yesterday).click()
    assert calendar.browser.browser.find_elements(By.CSS_SELECTOR, "dialog") == []
    calendar.browser.click("link", "Today")
    calendar.browser.until(lambda: headings(calendar)[0] == heading(ahead(0, 0)), "not today")
    calendar.browser.browser.execute_script(
        "const date = document.querySelector('.bar input[type=date]'); date.value = arguments[0];"
        "date.dispatchEvent(new Event('change', { bubbles: true }))",
        f"{far:%Y-%m-%d}",
    )
    calendar.browser.until(lambda: headings(calendar)[0] == heading(far), "not the far day")
    assert calendar.name(far).endswith(", too far ahead to book")
    calendar.cell(far).click()
    assert calendar.browser.browser.find_elements(By.CSS_SELECTOR, "dialog") == []
    calendar.browser.click("button", "Book")
    assert (
        calendar.browser.one("dialog", "Book a session")
        .find_element(By.CSS_SELECTOR, "input[type=date]")
        .get_attribute("max")
        == f"{ahead(91, 0):%Y-%m-%d}"
    )


def test_r43_the_link_of_a_mail_opens_the_session_on_its_day(run: LocalRun, open_member: OpenMember) -> None:
    calendar = CalendarScreen(open_member(), KnownMember(run, "Ada"))
    start = ahead(20, 11, 15)
    session = calendar.me.book(start, title="Thesis")
    calendar.open(f"/?session={session['sessionId']}")
    calendar.browser.sees("Thesis", "dialog[open]")
    assert headings(calendar)[0] == heading(start)
    calendar.browser.click("button", "Close")
    calendar.browser.until(lambda: calendar.browser.browser.current_url.endswith(f"/?date={start:%Y-%m-%d}"), "open")
    assert calendar.name(start).endswith("your session, waiting for a partner, 50 minutes")
    calendar.browser.open("/?session=unknown")
    calendar.browser.sees("This session does not exist any more.", "dialog[open]")


def test_back_closes_a_dialog_and_stays_on_the_day(run: LocalRun, open_member: OpenMember) -> None:
    calendar = CalendarScreen(open_member(), KnownMember(run, "Ada"))
    browser = calendar.browser.browser
    later = ahead(10, 8)
    calendar.open()
    calendar.browser.open(f"/?date={later:%Y-%m-%d}")
    calendar.is_complete()
    calendar.browser.click("button", "Book")
    # The Book button proposes the morning of the shown day.
    calendar.browser.sees(wall_name(later)[:-3], "dialog[open] .chosen")
    browser.back()
    calendar.browser.until(lambda: not browser.find_elements(By.CSS_SELECTOR, "dialog"), "the card is not closed")
    assert headings(calendar)[0] == heading(later)
    calendar.browser.click("button", "Book")
    calendar.browser.fill("Title (only you see it)", "x" * 200)
    calendar.browser.click("button", "Book", calendar.browser.one("dialog", "Book a session"))
    calendar.becomes(later, "your session, waiting for a partner, 50 minutes")
    calendar.cell(later).click()
    card = calendar.browser.one("dialog", "Your session")
    assert browser.execute_script("return arguments[0].scrollWidth - arguments[0].clientWidth", card) <= 0


def test_times_are_not_free_before_the_calendar_is_read(run: LocalRun, open_member: OpenMember) -> None:
    calendar = CalendarScreen(open_member(), KnownMember(run, "Ada"))
    calendar.browser.allowed_messages += ["ERR_BLOCKED_BY_CLIENT"]
    calendar.browser.command("Network.enable")
    calendar.browser.command("Network.setBlockedURLs", urls=["*/v1/calendar*"])
    calendar.me.sign_in(calendar.browser, "/?date=0001-01-01")
    calendar.browser.sees("The calendar could not be loaded.")
    # A date that no booking can have shows today.
    assert headings(calendar)[0] == heading(datetime.now(UTC))
    assert [name for name in calendar.names() if name.endswith("free")] == []
    assert calendar.cell(ahead(2, 12)).get_attribute("aria-disabled") == "true"
    calendar.browser.command("Network.setBlockedURLs", urls=[])
    calendar.browser.click("button", "Try again")
    calendar.becomes(ahead(2, 12), "free")
