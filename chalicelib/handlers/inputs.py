"""What comes in: bodies, query parameters and headers, checked strictly, the field at fault named."""

import hashlib
import json
import re
import zoneinfo
from datetime import UTC, datetime
from functools import cache
from typing import TypeVar

import msgspec

from chalicelib.domain.errors import InvalidRequest, MalformedJson, TooLarge, UnsupportedMediaType
from chalicelib.domain.slot import FOOTPRINT_MINUTES

T = TypeVar("T")

LARGEST_BODY = 16 * 1024
LARGEST_LIMIT = 500
# The largest integer that every JSON client keeps exactly.
LARGEST_EXACT = 2**53 - 1
MILLISECONDS = 60_000
# Beyond these years instants can no longer be reckoned with in every time zone.
YEARS = range(1970, 9999)
IDEMPOTENCY_KEY = "Idempotency-Key"

_AT = re.compile(r" - at `\$\.?(?P<path>[^`]*)`\Z")
_NAMED = re.compile(r"field `(?P<name>[^`]*)`")
_VISIBLE = re.compile(r"[\x21-\x7e]{1,255}\Z")


class Body(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """A body whose fields are those declared and no others."""


def check_body(raw: bytes, content_type: str | None) -> None:
    """Refuse a body that is too large or declared as something other than JSON."""
    if len(raw) > LARGEST_BODY:
        raise TooLarge
    if content_type and content_type.split(";")[0].strip().lower() != "application/json":
        raise UnsupportedMediaType


def decode(raw: bytes, shape: type[T]) -> T:
    """The body as `shape`. Raises MalformedJson, and InvalidRequest naming the field at fault."""
    try:
        # Parsed whole before it is judged: what is not JSON is not JSON, whatever stands before the mistake.
        value = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedJson from error
    return convert(value, shape)


def convert(value: object, shape: type[T]) -> T:
    """A decoded body, or a part of one, as `shape`. Raises InvalidRequest naming the field at fault."""
    try:
        return msgspec.convert(value, type=shape)
    except msgspec.ValidationError as error:
        raise _invalid(str(error)) from error


def _invalid(message: str) -> InvalidRequest:
    """The refusal for what msgspec found wrong: "<what> - at `$.path`", a missing or unknown field by its name."""
    at = _AT.search(message)
    named = _NAMED.search(message)
    what = _AT.sub("", message)
    path = [part for part in (at["path"] if at else "", named["name"] if named else "") if part]
    return InvalidRequest(f"{what}.", field=".".join(path) or "body")


def instant(text: str, field: str) -> datetime:
    """An ISO 8601 instant with an offset or `Z`, in UTC. Raises InvalidRequest naming the field."""
    try:
        parsed = datetime.fromisoformat(text.upper())
        if parsed.tzinfo is not None and (told := parsed.astimezone(UTC)).year in YEARS:
            return told
    except (ValueError, OverflowError):
        pass
    raise InvalidRequest("Send an ISO 8601 instant with an offset, such as 2026-12-01T09:00:00+00:00.", field=field)


def query_instant(query: dict[str, str], name: str) -> datetime:
    """A query parameter that is an instant; a plus sign that was sent as it is arrives as a space."""
    return instant(query.get(name, "").replace(" ", "+"), name)


def query_limit(query: dict[str, str]) -> int | None:
    """How many entries a page shall have, or None where the whole list is wanted."""
    text = query.get("limit")
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,4}", text) or not 1 <= int(text) <= LARGEST_LIMIT:
        raise InvalidRequest(f"A page has 1 to {LARGEST_LIMIT} entries.", field="limit")
    return int(text)


def query_range(query: dict[str, str]) -> tuple[datetime, datetime]:
    """The range that `start` and `end` name. Raises InvalidRequest naming the one at fault."""
    start, end = query_instant(query, "start"), query_instant(query, "end")
    if end < start:
        raise InvalidRequest("The range ends before it starts.", field="end")
    return start, end


def check_year(start: datetime, end: datetime) -> None:
    """Refuse a range that is longer than a calendar year."""
    leap_day = (start.month, start.day) == (2, 29)
    year_later = start.replace(year=start.year + 1, month=3, day=1) if leap_day else start.replace(year=start.year + 1)
    if end > year_later:
        raise InvalidRequest("The range is longer than a year.", field="end")


def query_minutes(query: dict[str, str], name: str) -> int | None:
    """A query parameter that is a session's length in milliseconds, in minutes; None where it was left out."""
    text = query.get(name)
    return None if text is None else minutes(int(text) if re.fullmatch(r"[0-9]{1,9}", text) else 0, name)


def minutes(milliseconds: int, field: str) -> int:
    """A session's length in minutes. Raises InvalidRequest naming the field."""
    found, rest = divmod(milliseconds, MILLISECONDS)
    if rest or found not in FOOTPRINT_MINUTES:
        raise InvalidRequest("A session takes 1500000, 3000000 or 4500000 milliseconds.", field=field)
    return found


def is_time_zone(text: str) -> bool:
    """Whether the text names an IANA time zone, by the one pinned database whatever the host has (R30, R31)."""
    return text in _time_zones()


@cache
def _time_zones() -> frozenset[str]:
    zoneinfo.reset_tzpath(to=())
    # A name of the database's own for "nobody has set it".
    return frozenset(zoneinfo.available_timezones() - {"Factory"})


def idempotency_key(value: str | None) -> str | None:
    """The idempotency key of a request, if it has one. Raises InvalidRequest for one that cannot be sent again."""
    if value is not None and not _VISIBLE.match(value):
        raise InvalidRequest("An idempotency key has 1 to 255 visible ASCII characters.", field=IDEMPOTENCY_KEY)
    return value


def digest(route: str, value: object) -> str:
    """A digest of a decoded body that does not depend on spaces or the order of fields."""
    canonical = json.dumps([route, value], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]
