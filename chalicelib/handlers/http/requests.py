"""What comes in: bodies, query parameters and headers, checked strictly, the field at fault named."""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, NewType, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chalicelib.domain.model.errors import InvalidRequest, MalformedJson, TooLarge, UnsupportedMediaType
from chalicelib.domain.model.slot import FOOTPRINT_MINUTES
from chalicelib.handlers.http.schema_types import MILLISECONDS, AnyInstant

T = TypeVar("T")
IdempotencyKey = NewType("IdempotencyKey", str)

LARGEST_BODY = 16 * 1024
LARGEST_LIMIT = 500
# The largest integer that every JSON client keeps exactly.
LARGEST_EXACT = 2**53 - 1
# Beyond these years instants can no longer be reckoned with in every time zone.
YEARS = range(1970, 9999)
IDEMPOTENCY_KEY = "Idempotency-Key"
VISIBLE = r"^[!-~]{1,255}$"
HALF_A_PAIR = "Half a surrogate pair is no text."

_AT = re.compile(r" - at `\$\.?(?P<path>[^`]*)`\Z")
_NAMED = re.compile(r"field `(?P<name>[^`]*)`")
_VISIBLE = re.compile(VISIBLE[1:-1] + r"\Z")
_HALF = re.compile("[\ud800-\udfff]")


class Body(msgspec.Struct, rename="camel", forbid_unknown_fields=True, omit_defaults=True):
    """A body whose fields are those declared and no others."""


class PageQuery(msgspec.Struct, kw_only=True):
    """Which part of a list is wanted: all of it where there is no `limit`."""

    limit: Annotated[int, Meta(ge=1, le=LARGEST_LIMIT, description="How many entries a page has.")] | UnsetType = UNSET
    cursor: Annotated[str, Meta(description="The `nextCursor` of the page before.")] | UnsetType = UNSET

    @property
    def size(self) -> int | None:
        """How many entries the page shall have, or None where the whole list is wanted."""
        return None if isinstance(self.limit, UnsetType) else self.limit


class RangeQuery(PageQuery, kw_only=True):
    """Which part of time is wanted, both ends included."""

    start: AnyInstant
    end: AnyInstant

    def range(self) -> tuple[datetime, datetime]:
        """The range in UTC. Raises InvalidRequest naming the end at fault."""
        start, end = _query_instant(self.start, "start"), _query_instant(self.end, "end")
        if end < start:
            raise InvalidRequest("The range ends before it starts.", field="end")
        return start, end

    def range_of_a_year(self) -> tuple[datetime, datetime]:
        """The range in UTC. Raises InvalidRequest also where it is longer than a year, in UTC and as it was sent."""
        start, end = self.range()
        sent = [_sent(_with_plus(text)).replace(tzinfo=None) for text in (self.start, self.end)]
        if end > _a_year_after(start) and sent[1] > _a_year_after(sent[0]):
            raise InvalidRequest("The range is longer than a year.", field="end")
        return start, end


def body(raw: bytes | str, content_type: str | None, shape: type[T]) -> T:
    """The body of a request as `shape`, strictly."""
    raw = raw.encode() if isinstance(raw, str) else raw
    check_body(raw, content_type)
    return decode(raw, shape)


def query(parameters: Mapping[str, str] | None, shape: type[T]) -> T:
    """The query parameters as `shape`; unknown ones are ignored, of one given twice the last counts."""
    return convert(dict(parameters or {}), shape, strict=False)


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
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        value = _beyond_bounds(raw)
    return convert(value, shape)


def _beyond_bounds(raw: bytes) -> object:
    """What is JSON, though it holds halves of surrogate pairs or numbers beyond all bounds. Raises MalformedJson."""
    try:
        return json.loads(raw.decode(), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise MalformedJson from error


def _no_number(name: str) -> float:
    raise ValueError(name)


def convert(value: object, shape: type[T], *, strict: bool = True) -> T:
    """A decoded body, or a part of one, as `shape`. Raises InvalidRequest naming the field at fault.

    Not `strict`, texts are read as the numbers they spell.
    """
    _check_halves(value)
    try:
        return msgspec.convert(value, type=shape, strict=strict)
    except msgspec.ValidationError as error:
        raise _invalid(str(error)) from error


def _check_halves(value: object) -> None:
    """Refuse half a surrogate pair, which JSON can spell and no text can hold, in a value itself or in its fields.

    What is deeper is an item, which is judged by itself, or no text of ours.
    """
    for name, held in value.items() if isinstance(value, dict) else [("body", value)]:
        if _HALF.search(name):
            raise InvalidRequest(HALF_A_PAIR, field="body")
        if isinstance(held, str) and _HALF.search(held):
            raise InvalidRequest(HALF_A_PAIR, field=name)


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
        parsed = _sent(text)
        if parsed.tzinfo is not None and (told := parsed.astimezone(UTC)).year in YEARS:
            return told
    except (ValueError, OverflowError):
        pass
    raise InvalidRequest("Send an ISO 8601 instant with an offset, such as 2026-12-01T09:00:00+00:00.", field=field)


def _sent(text: str) -> datetime:
    return datetime.fromisoformat(text.upper())


def _query_instant(text: str, name: str) -> datetime:
    return instant(_with_plus(text), name)


def _with_plus(text: str) -> str:
    """An instant in a query: a plus sign that was sent as it is arrives as a space."""
    return text.replace(" ", "+")


def _a_year_after(start: datetime) -> datetime:
    leap_day = (start.month, start.day) == (2, 29)
    return start.replace(year=start.year + 1, month=3, day=1) if leap_day else start.replace(year=start.year + 1)


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
    # With the first that is named: it takes long to import, and most requests name none.
    import zoneinfo

    zoneinfo.reset_tzpath(to=())
    # A name of the database's own for "nobody has set it".
    return frozenset(zoneinfo.available_timezones() - {"Factory"})


def idempotency_key(value: str | None) -> IdempotencyKey | None:
    """The idempotency key of a request, if it has one. Raises InvalidRequest for one that cannot be sent again."""
    if value is not None and not _VISIBLE.match(value):
        raise InvalidRequest("An idempotency key has 1 to 255 visible ASCII characters.", field=IDEMPOTENCY_KEY)
    return None if value is None else IdempotencyKey(value)


def digest(route: str, sent: object) -> str:
    """A digest of what was sent that does not depend on spaces or the order of fields."""
    return hashlib.sha256(msgspec.json.encode([route, sent], order="deterministic")).hexdigest()[:32]
