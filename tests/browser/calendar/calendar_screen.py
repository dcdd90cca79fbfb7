"""The Calendar screen in a member's browser, with the members and sessions around it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from infra.local.run_process import LocalRun
from tests.browser.member_browser import MemberBrowser

MINUTES = 60_000
QUARTER = timedelta(minutes=15)
# The cell whose own text is its name, without the names of the buttons in it.
NAMES = "return [...document.querySelectorAll('td[data-at] > .hidden')].map((name) => name.textContent);"
CELL = "return document.getElementById('slot-' + arguments[0])?.parentElement;"
SHOW = "arguments[0].scrollIntoView({ block: 'center' });"
# What a new member of the API becomes in the form of the provider, which lists the demo members only.
BECOME = (
    "const form = document.getElementById('new'), input = form.querySelector('input[name=name]');"
    "input.name = 'userId'; input.maxLength = 100; input.value = arguments[0]; form.submit()"
)


@dataclass(frozen=True)
class ApiMember:
    """A member who uses the API."""

    run: LocalRun
    name: str
    user_id: str
    token: str

    def call(self, method: str, path: str, payload: Any = None, status: int | tuple[int, ...] = (200, 201, 204)) -> Any:
        """Send a request, check the status, and return the body."""
        got, body = self.run.call(method, path, self.token, payload)
        assert got in (status if isinstance(status, tuple) else (status,)), body
        return body

    def book(self, start: datetime, minutes: int = 50, **fields: Any) -> Any:
        """Book a slot and return the session."""
        slot = {"startTime": start.isoformat(), "duration": minutes * MINUTES}
        return self.call("POST", "/v1/sessions", slot | fields)["session"]

    def likes(self, other: "ApiMember") -> None:
        """Make another member a favorite."""
        self.call("PUT", f"/v1/people/{other.user_id}/favorite")

    def sessions(self) -> list[dict[str, Any]]:
        """Return the sessions of the next 13 weeks, the earliest first."""
        now = datetime.now(UTC)
        end = (now + timedelta(weeks=14)).strftime("%Y-%m-%dT%H:%M:%SZ")
        found = self.call("GET", f"/v1/sessions?start={now:%Y-%m-%dT%H:%M:%SZ}&end={end}")["sessions"]
        return sorted(found, key=lambda session: str(session["startTime"]))


def person(run: LocalRun, name: str) -> ApiMember:
    """Return a new member."""
    member = run.call("POST", "/dev/sign-in", payload={"name": name})[1]
    return ApiMember(run, name, member["userId"], member["token"])


def ahead(days: int, hour: int, minute: int = 0) -> datetime:
    """Return a time of day in UTC some days ahead."""
    day = datetime.now(UTC) + timedelta(days=days)
    return day.replace(hour=hour, minute=minute, second=0, microsecond=0)


def wall_name(start: datetime, zone: str = "UTC") -> str:
    """Return the beginning of the name of a cell, such as `Tuesday, December 1, 9:15 AM`."""
    local = start.astimezone(ZoneInfo(zone))
    return f"{wall_day(start, zone)}, {local.hour % 12 or 12}:{local:%M %p}{offset_text(start, zone)}"


def wall_day(start: datetime, zone: str = "UTC") -> str:
    """Return a day in words, such as `Tuesday, December 1`. It has the year unless that is the present one."""
    local = start.astimezone(ZoneInfo(zone))
    year = "" if local.year == datetime.now(ZoneInfo(zone)).year else f", {local.year}"
    return f"{local:%A, %B} {local.day}{year}"


def offset_text(start: datetime, zone: str) -> str:
    """Return an offset such as ` GMT+5:30` on the day of a clock change, and no text on other days."""
    local = start.astimezone(ZoneInfo(zone))
    # The wall clock of a midnight that is skipped counts with the offset before it.
    midnight = local.replace(hour=0, minute=0, fold=0)
    if midnight.utcoffset() == (midnight + timedelta(days=1)).replace(fold=0).utcoffset():
        return ""
    minutes = round((local.utcoffset() or timedelta()).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    return f" GMT{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")


def next_clock_change(zone: str, *, forward: bool) -> datetime:
    """Return the next instant at which the clocks of a zone go forward or back."""
    at = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)

    def offset(instant: datetime) -> timedelta:
        return instant.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()

    while (offset(at) > offset(at - QUARTER)) != forward or offset(at) == offset(at - QUARTER):
        at += QUARTER
    return at


@dataclass
class CalendarScreen:
    """A member's browser on the Calendar screen."""

    browser: MemberBrowser
    me: ApiMember

    def open(self, path: str = "/") -> None:
        """Sign in by clicking, at an address of the calendar, and wait for the slots."""
        self.browser.open(path)
        self.sign_in("Sign in")

    def sign_in(self, button: str) -> None:
        """Sign in by clicking a button, and wait for the slots."""
        self.browser.click("button", button)
        script = self.browser.browser.execute_script
        self.browser.until(lambda: self.browser.browser.find_element(By.CSS_SELECTOR, "#new"), "no provider")
        script(BECOME, self.me.user_id)
        self.is_complete()

    def is_complete(self) -> None:
        """Wait until the calendar shows the response of the service."""
        complete = "return document.querySelector('table[aria-busy=false]') !== null"
        self.browser.until(lambda: self.browser.browser.execute_script(complete), "the calendar is not complete")

    def cell(self, start: datetime) -> WebElement:
        """Wait for the cell of an instant, show it, and return it."""
        script = self.browser.browser.execute_script
        at = int(start.timestamp() * 1000)
        cell: WebElement = self.browser.until(lambda: script(CELL, at), f"no cell for {start}")
        script(SHOW, cell)
        return cell

    def name(self, start: datetime) -> str:
        """Return the name of the cell of an instant as its own text says it."""
        text: str = self.cell(start).find_element(By.CSS_SELECTOR, ".hidden").get_attribute("textContent") or ""
        return text.replace("\u2068", "").replace("\u2069", "")

    def names(self) -> list[str]:
        """Return the names of all cells."""
        names: list[str] = self.browser.browser.execute_script(NAMES)
        return names

    def becomes(self, start: datetime, state: str) -> None:
        """Wait until the name of a cell continues with a state after its day and time."""
        self.browser.until(lambda: self.name(start).endswith(state), f"the cell of {start} does not end in {state!r}")

    def open_slot(self, start: datetime) -> None:
        """Click the cell of an instant and wait for its card."""

        def clicked() -> bool:
            self.cell(start).click()
            return True

        self.browser.until(clicked, "the cell cannot be clicked")
        self.browser.sees("", "dialog[open]")

    def open_panel(self, start: datetime) -> None:
        """Click More in the cell of an instant and wait for the Partner panel."""
        self.browser.click("button", "More", self.cell(start))
        self.browser.sees("Any partner", "dialog[open]")

    def has_lock(self, css: str) -> bool:
        """Return true if an element shows the lock icon."""
        return bool(self.browser.browser.find_elements(By.CSS_SELECTOR, f"{css} svg.lock"))
