"""The strict parsing of bodies, query parameters and headers. A refusal names the invalid field."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, ClassVar, NewType, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chalicelib.domain.model.errors import InvalidRequest, MalformedJson, TooLarge, UnsupportedMediaType
from chalicelib.domain.model.slot import FOOTPRINT_MINUTES
from chalicelib.handlers.http.schema_types import MILLISECONDS, AnyInstant

T = TypeVar("T")
IdempotencyKey = NewType("IdempotencyKey", str)

KIB = 1024
LARGEST_BODY = 16 * KIB
LARGEST_LIMIT = 1000
# The largest integer that every JSON client represents exactly.
LARGEST_EXACT = 2**53 - 1
# The years in which an instant can be converted to every time zone.
YEARS = range(1970, 9999)
IDEMPOTENCY_KEY = "Idempotency-Key"
VISIBLE = r"^[!-~]{1,255}$"
SURROGATE_DETAIL = "Remove unpaired surrogates from the text."

_AT = re.compile(r" - at `\$\.?(?P<path>[^`]*)`\Z")
_NAMED = re.compile(r"field `(?P<name>[^`]*)`")
_VISIBLE = re.compile(VISIBLE[1:-1] + r"\Z")
_SURROGATE = re.compile("[\ud800-\udfff]")


class Body(msgspec.Struct, rename="camel", forbid_unknown_fields=True, omit_defaults=True):
    """A request body that refuses undeclared fields. It has at most `largest` bytes."""

    largest: ClassVar[int] = LARGEST_BODY


B = TypeVar("B", bound=Body)


class PageQuery(msgspec.Struct, kw_only=True):
    """The requested page of a list, the whole list without a `limit`."""

    limit: Annotated[int, Meta(ge=1, le=LARGEST_LIMIT, description="The number of entries per page.")] | UnsetType = (
        UNSET
    )
    cursor: Annotated[str, Meta(description="The `nextCursor` of the previous page.")] | UnsetType = UNSET

    @property
    def size(self) -> int | None:
        """The number of entries per page, None for the whole list."""
        return None if isinstance(self.limit, UnsetType) else self.limit


class RangeQuery(PageQuery, kw_only=True):
    """The requested range of time, both ends included."""

    start: AnyInstant
    end: AnyInstant

    def range(self) -> tuple[datetime, datetime]:
        """Return the range in UTC. Raises InvalidRequest with the invalid end."""
        start, end = _query_instant(self.start, "start"), _query_instant(self.end, "end")
        if end < start:
            raise InvalidRequest("Send an end that is not before the start.", field="end")
        return start, end

    def range_of_a_year(self) -> tuple[datetime, datetime]:
        """Return the range in UTC, at most one calendar year. Raises InvalidRequest with the invalid end."""
        return self.range_of_at_most("one year", _a_year_after)

    def range_of_at_most(self, length: str, latest_end: Callable[[datetime], datetime]) -> tuple[datetime, datetime]:
        """Return the range in UTC, at most of the length. Raises InvalidRequest with the invalid end.

        `latest_end` returns the last end for a start, in UTC or by the caller's clock. By that clock a range over a
        clock change can be an hour longer.
        """
        start, end = self.range()
        local = [_parse(_with_plus(text)).replace(tzinfo=None) for text in (self.start, self.end)]
        if end > latest_end(start) and local[1] > latest_end(local[0]):
            raise InvalidRequest(f"Send a range of at most {length}.", field="end")
        return start, end


def body(raw: bytes | str, content_type: str | None, schema: type[B]) -> B:
    """Parse a body. Raises TooLarge, UnsupportedMediaType, MalformedJson or InvalidRequest."""
    raw = raw.encode() if isinstance(raw, str) else raw
    check_body(raw, content_type, schema.largest)
    return decode(raw, schema)


def query(parameters: Mapping[str, str] | None, schema: type[T]) -> T:
    """Parse query parameters, and ignore unknown ones. Raises InvalidRequest with the invalid parameter."""
    return convert(dict(parameters or {}), schema, strict=False)


def check_body(raw: bytes, content_type: str | None, largest: int) -> None:
    """Raise TooLarge, or UnsupportedMediaType for a body that is declared as another type than JSON."""
    if len(raw) > largest:
        raise TooLarge(f"The body is larger than {largest // KIB} KiB.")
    if content_type and content_type.split(";")[0].strip().lower() != "application/json":
        raise UnsupportedMediaType


def decode(raw: bytes, schema: type[T]) -> T:
    """Parse JSON. Raises MalformedJson, and InvalidRequest with the invalid field."""
    try:
        # The whole text is parsed before any field is checked, so that text that is no JSON is always MalformedJson.
        value = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        value = _decode_leniently(raw)
    return convert(value, schema)


def _decode_leniently(raw: bytes) -> object:
    """Parse JSON with unpaired surrogates or huge numbers, which msgspec refuses. Raises MalformedJson."""
    try:
        return json.loads(raw.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise MalformedJson from error


def _refuse_constant(name: str) -> float:
    """Raise ValueError for `NaN` and `Infinity`, which Python accepts and JSON does not."""
    raise ValueError(name)


def convert(value: object, schema: type[T], *, strict: bool = True) -> T:
    """Convert decoded JSON, a whole body or an item of one. Raises InvalidRequest with the invalid field.

    Without `strict` a string is accepted for the number that it contains.
    """
    _check_surrogates(value)
    try:
        return msgspec.convert(value, type=schema, strict=strict)
    except msgspec.ValidationError as error:
        raise _invalid(str(error)) from error


def _check_surrogates(value: object) -> None:
    """Raise InvalidRequest for an unpaired surrogate in a string or in the fields of an object.

    JSON can contain one, but no encoded text can. Deeper values are the items of a batch, which are checked one by one.
    """
    for name, content in value.items() if isinstance(value, dict) else [("body", value)]:
        if _SURROGATE.search(name):
            raise InvalidRequest(SURROGATE_DETAIL, field="body")
        if isinstance(content, str) and _SURROGATE.search(content):
            raise InvalidRequest(SURROGATE_DETAIL, field=name)


def _invalid(message: str) -> InvalidRequest:
    """Convert a message of msgspec, which has the form "<reason> - at `$.path`".

    For a missing or unknown field the reason contains the field's name.
    """
    at = _AT.search(message)
    named = _NAMED.search(message)
    reason = _AT.sub("", message)
    path = [part for part in (at["path"] if at else "", named["name"] if named else "") if part]
    return InvalidRequest(f"{reason}.", field=".".join(path) or "body")


def instant(text: str, field: str) -> datetime:
    """Parse an ISO 8601 instant with an offset or `Z`, and return it in UTC. Raises InvalidRequest with the field."""
    try:
        parsed = _parse(text)
        if parsed.tzinfo is not None and (in_utc := parsed.astimezone(UTC)).year in YEARS:
            return in_utc
    except (ValueError, OverflowError):
        pass
    raise InvalidRequest("Send an ISO 8601 instant with an offset, such as 2026-12-01T09:00:00+00:00.", field=field)


def _parse(text: str) -> datetime:
    return datetime.fromisoformat(text.upper())


def _query_instant(text: str, name: str) -> datetime:
    return instant(_with_plus(text), name)


def _with_plus(text: str) -> str:
    """Restore the plus sign of an offset, which a query without percent-encoding turns into a space."""
    return text.replace(" ", "+")


def _a_year_after(start: datetime) -> datetime:
    leap_day = (start.month, start.day) == (2, 29)
    return start.replace(year=start.year + 1, month=3, day=1) if leap_day else start.replace(year=start.year + 1)


def minutes(milliseconds: int, field: str) -> int:
    """Convert the length of a session to minutes. Raises InvalidRequest with the field."""
    length, rest = divmod(milliseconds, MILLISECONDS)
    if rest or length not in FOOTPRINT_MINUTES:
        raise InvalidRequest("Send 1500000, 3000000 or 4500000 milliseconds.", field=field)
    return length


def is_time_zone(text: str) -> bool:
    """Return True for an IANA time zone of the pinned database, which does not depend on the host (R30, R31)."""
    return text in _time_zones()


@cache
def _time_zones() -> frozenset[str]:
    # Imported with the first use: the import is slow, and most requests name no time zone.
    import zoneinfo

    zoneinfo.reset_tzpath(to=())
    # The database's entry for a clock that is not set up.
    return frozenset(zoneinfo.available_timezones() - {"Factory"})


def idempotency_key(value: str | None) -> IdempotencyKey | None:
    """Return the idempotency key of a request, None without one. Raises InvalidRequest for a malformed one."""
    if value is not None and not _VISIBLE.match(value):
        raise InvalidRequest("Send an idempotency key of 1 to 255 visible ASCII characters.", field=IDEMPOTENCY_KEY)
    return None if value is None else IdempotencyKey(value)


def digest(route: str, parsed: object) -> str:
    """Return the digest of a parsed request, which does not depend on spaces or the order of fields."""
    return hashlib.sha256(msgspec.json.encode([route, parsed], order="deterministic")).hexdigest()[:32]
