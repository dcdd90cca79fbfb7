"""The parsers of fields that a type alone does not describe. Each raises InvalidRequest with the field."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from chalicelib.domain.model import input_texts
from chalicelib.domain.model.errors import InvalidRequest
from chalicelib.domain.model.event import EventKind
from chalicelib.domain.model.mail_address import is_mail_address
from chalicelib.domain.model.repeat import Weekday
from chalicelib.domain.model.slot import FIRST_DATE, FOOTPRINT_MINUTES, LAST_DATE
from chalicelib.domain.model.time_zone import is_time_zone
from chalicelib.handlers.http.inputs.photo_url import is_photo_url

MILLISECONDS = 60_000
# Offsets of time zones are whole quarters of an hour, so the start is on the quarter hour in UTC too (R30).
LOCAL_TIME = r"^([01]\d|2[0-3]):(00|15|30|45)$"
_LOCAL_TIME = re.compile(LOCAL_TIME[1:-1] + r"\Z", re.ASCII)
_LOCAL_DATE = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
# The key of a field's parser in the metadata of its type.
PARSER = "parser"


class FieldParser(NamedTuple):
    """The parser of a field, and the reason to refuse a value of another JSON type."""

    parse: Callable[[Any, str], object]
    wrong_type: str = input_texts.TEXT


def instant(text: str, field: str) -> datetime:
    """Parse an ISO 8601 instant with an offset or `Z`, and return it in UTC, in the years 1 to 9999."""
    try:
        parsed = local_instant(text)
        if parsed.tzinfo is not None:
            return parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise InvalidRequest(input_texts.INSTANT, field=field)


def local_instant(text: str) -> datetime:
    """Parse an ISO 8601 instant and keep its offset. Raises ValueError."""
    return datetime.fromisoformat(text.upper())


def query_instant(text: str, field: str) -> datetime:
    """Parse an instant of a query."""
    return instant(with_plus(text), field)


def with_plus(text: str) -> str:
    """Restore the plus sign of an offset, which a query without percent-encoding turns into a space."""
    return text.replace(" ", "+")


def minutes(milliseconds: int, field: str) -> int:
    """Convert the length of a session to minutes."""
    length, rest = divmod(milliseconds, MILLISECONDS)
    if rest or length not in FOOTPRINT_MINUTES:
        raise InvalidRequest(input_texts.one_of([most * MILLISECONDS for most in FOOTPRINT_MINUTES]), field=field)
    return length


def time_zone(name: str, field: str) -> str:
    """Return the name of a time zone (R31)."""
    if not is_time_zone(name):
        raise InvalidRequest(input_texts.TIME_ZONE, field=field)
    return name


def mail_address(address: str, field: str) -> str:
    """Return an e-mail address (R43)."""
    if not is_mail_address(address):
        raise InvalidRequest(input_texts.MAIL_ADDRESS, field=field)
    return address


def event_kinds(kinds: list[EventKind], _field: str) -> tuple[EventKind, ...]:
    """Return the kinds of events of a list, each once and in a fixed order."""
    return tuple(kind for kind in EventKind if kind in kinds)


def weekdays(days: list[Weekday], field: str) -> tuple[Weekday, ...]:
    """Return the weekdays of a list, each once and from Monday on. Raises InvalidRequest for an empty list (R40)."""
    if not days:
        raise InvalidRequest(input_texts.WEEKDAYS, field=field)
    return tuple(day for day in Weekday if day in days)


def local_time(text: str, field: str) -> str:
    """Return a local time on the quarter hour (R40)."""
    if not _LOCAL_TIME.match(text):
        raise InvalidRequest(input_texts.LOCAL_TIME, field=field)
    return text


def local_date(text: str, field: str) -> date:
    """Parse a local date on which a session can be (R40)."""
    try:
        if _LOCAL_DATE.match(text) and FIRST_DATE <= (on := date.fromisoformat(text)) <= LAST_DATE:
            return on
    except ValueError:
        pass
    raise InvalidRequest(input_texts.LOCAL_DATE, field=field)


def photo_url(address: str, field: str) -> str:
    """Return the address of a picture (R31)."""
    if not is_photo_url(address):
        raise InvalidRequest(input_texts.PHOTO_URL, field=field)
    return address
