"""Weekly patterns of a member, and the sessions that they book."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.browser.known_member import KnownMember

NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
CODES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MADE_AHEAD = timedelta(days=14)


def day_ahead(days: int) -> date:
    """Return a date some days ahead in UTC."""
    return datetime.now(UTC).date() + timedelta(days=days)


def name_of(on: date) -> str:
    """Return the name of the weekday of a date."""
    return NAMES[on.weekday()]


def code_of(on: date) -> str:
    """Return the weekday of a date as the API names it."""
    return CODES[on.weekday()]


def make(member: KnownMember, on: date, time: str, **fields: Any) -> Any:
    """Make a repeat on the weekday of a date by a request, and return it."""
    body = {"weekdays": [code_of(on)], "time": time, "timeZone": "UTC", "duration": 3_000_000}
    return member.call("POST", "/v1/repeats", body | fields)["repeat"]


def repeats(member: KnownMember) -> list[Any]:
    """Return the repeats of a member as the API shows them."""
    found: list[Any] = member.read("/v1/repeats")["repeats"]
    return found


def starts(member: KnownMember) -> list[datetime]:
    """Return the starts of a member's sessions from today on."""
    return [datetime.fromisoformat(each["startTime"]) for each in member.sessions()]


def expected(on: date, hour: int) -> list[datetime]:
    """Return the starts of the next 14 days on the weekday of a date, at an hour in UTC."""
    now = datetime.now(UTC)
    days = (now.date() + timedelta(days=days) for days in range(16))
    found = (datetime(day.year, day.month, day.day, hour, tzinfo=UTC) for day in days if day.weekday() == on.weekday())
    return [start for start in found if now < start <= now + MADE_AHEAD]
