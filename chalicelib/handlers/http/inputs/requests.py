"""The strict parsing of bodies, query parameters and headers. A refusal names every invalid input."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, ClassVar, NewType, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chalicelib.domain.model import input_texts
from chalicelib.domain.model.errors import InvalidRequest, MalformedJson, TooLarge, UnsupportedMediaType
from chalicelib.domain.model.slot import with_room
from chalicelib.handlers.http.inputs.field_parsers import local_instant, query_instant, with_plus
from chalicelib.handlers.http.inputs.input_fields import across, parse_fields
from chalicelib.handlers.http.schema_types import QueryInstant

if TYPE_CHECKING:
    from chalicelib.handlers.http.call import MemberCall

S = TypeVar("S", bound=msgspec.Struct)
IdempotencyKey = NewType("IdempotencyKey", str)

KIB = 1024
LARGEST_BODY = 16 * KIB
LARGEST_LIMIT = 1000
# The largest integer that every JSON client represents exactly.
LARGEST_EXACT = 2**53 - 1
IDEMPOTENCY_KEY = "Idempotency-Key"
VISIBLE = r"^[!-~]{1,255}$"

_VISIBLE = re.compile(VISIBLE[1:-1] + r"\Z")


class Body(msgspec.Struct, rename="camel", forbid_unknown_fields=True, omit_defaults=True):
    """A request body that refuses undeclared fields. It has at most `largest` bytes."""

    largest: ClassVar[int] = LARGEST_BODY


class NoFields(Body):
    """The body of a route that takes no fields. It may be absent."""


B = TypeVar("B", bound=Body)


class PageQuery(msgspec.Struct, kw_only=True):
    """The requested page of a list, the whole list without a `limit`."""

    limit: Annotated[int, Meta(ge=1, le=LARGEST_LIMIT, description="The number of entries per page.")] | UnsetType = (
        UNSET
    )
    cursor: (
        Annotated[
            str,
            # Described and not judged: an empty cursor is refused as one of another list.
            Meta(description="The `nextCursor` of the previous page.", extra_json_schema={"minLength": 1}),
        ]
        | UnsetType
    ) = UNSET

    def scope(self, call: "MemberCall") -> str:
        """Return the name of the list for its cursors."""
        return call.path

    @across("cursor")
    def check_cursor(self, call: "MemberCall") -> None:
        """Raise InvalidCursor for a cursor of another list."""
        call.position(self.scope(call), self)

    @property
    def size(self) -> int | None:
        """The number of entries per page, None for the whole list."""
        return None if isinstance(self.limit, UnsetType) else self.limit


class RangeQuery(PageQuery, kw_only=True):
    """The requested range of time, both ends included."""

    start: QueryInstant
    end: QueryInstant

    def scope(self, call: "MemberCall") -> str:
        """Return the name of the list for its cursors."""
        start, end = self._instants()
        return f"{super().scope(call)} {start.isoformat()} {end.isoformat()}"

    @across("cursor", "start", "end")
    def check_cursor(self, call: "MemberCall") -> None:
        """Raise InvalidCursor for a cursor of another list."""
        super().check_cursor(call)

    def range(self) -> tuple[datetime, datetime]:
        """Return the range in UTC. Raises InvalidRequest with the invalid end."""
        start, end = self._instants()
        if end < start:
            raise InvalidRequest(input_texts.BEFORE_START, field="end")
        return start, end

    def _instants(self) -> tuple[datetime, datetime]:
        return query_instant(self.start, "start"), query_instant(self.end, "end")

    def range_of_a_year(self) -> tuple[datetime, datetime]:
        """Return the range in UTC, at most one calendar year. Raises InvalidRequest with the invalid end."""
        return self.range_of_at_most("one year", _a_year_after)

    def range_of_at_most(self, length: str, latest_end: Callable[[datetime], datetime]) -> tuple[datetime, datetime]:
        """Return the range in UTC, at most of the length and on dates of sessions.

        Raises InvalidRequest with the invalid end.

        `latest_end` returns the last end for a start, in UTC or by the caller's clock. By that clock a range over a
        clock change can be an hour longer.
        """
        start, end = self.range()
        local = [local_instant(with_plus(text)).replace(tzinfo=None) for text in (self.start, self.end)]
        if end > _latest(latest_end, start) and local[1] > _latest(latest_end, local[0]):
            raise InvalidRequest(input_texts.too_late_after_start(length), field="end")
        return with_room(start), with_room(end)


def body(raw: bytes | str, content_type: str | None, schema: type[B], call: "MemberCall") -> B:
    """Parse a body. Raises TooLarge, UnsupportedMediaType, MalformedJson or InvalidRequest."""
    raw = raw.encode() if isinstance(raw, str) else raw
    check_body(raw, content_type, schema.largest)
    return convert(decode(raw), schema, call)


def refuse_fields(raw: bytes | str, call: "MemberCall") -> None:
    """Raise InvalidRequest for a body with fields. A route that takes none needs no body."""
    if not raw.strip():
        return
    try:
        convert(decode(raw.encode() if isinstance(raw, str) else raw), NoFields, call)
    except MalformedJson as error:
        raise InvalidRequest(input_texts.OBJECT, field="body") from error


def query(parameters: Mapping[str, str] | None, schema: type[S], call: "MemberCall") -> S:
    """Parse query parameters, and ignore unknown ones. Raises InvalidRequest or InvalidCursor."""
    return parse_fields(dict(parameters or {}), schema, call, strict=False)


def check_body(raw: bytes, content_type: str | None, largest: int) -> None:
    """Raise TooLarge, or UnsupportedMediaType for a body that is declared as another type than JSON."""
    if len(raw) > largest:
        raise TooLarge(f"The body is larger than {largest // KIB} KiB.")
    if content_type and content_type.split(";")[0].strip().lower() != "application/json":
        raise UnsupportedMediaType


def decode(raw: bytes) -> object:
    """Parse JSON. Raises MalformedJson."""
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _decode_leniently(raw)


def _decode_leniently(raw: bytes) -> object:
    """Parse JSON with unpaired surrogates or huge numbers, which msgspec refuses. Raises MalformedJson."""
    try:
        return json.loads(raw.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise MalformedJson from error


def _refuse_constant(name: str) -> float:
    """Raise ValueError for `NaN` and `Infinity`, which Python accepts and JSON does not."""
    raise ValueError(name)


def convert(value: object, schema: type[S], call: "MemberCall") -> S:
    """Convert decoded JSON, a whole body or an item of one. Raises InvalidRequest with every invalid field."""
    if not isinstance(value, dict):
        raise InvalidRequest(input_texts.OBJECT, field="body")
    return parse_fields(value, schema, call, strict=True)


def _latest(latest_end: Callable[[datetime], datetime], start: datetime) -> datetime:
    """Return the last end for a start, at most the last instant of the calendar."""
    try:
        return latest_end(start)
    except (OverflowError, ValueError):
        return datetime.max.replace(tzinfo=start.tzinfo)


def _a_year_after(start: datetime) -> datetime:
    leap_day = (start.month, start.day) == (2, 29)
    return start.replace(year=start.year + 1, month=3, day=1) if leap_day else start.replace(year=start.year + 1)


def idempotency_key(value: str | None) -> IdempotencyKey | None:
    """Return the idempotency key of a request, None without one. Raises InvalidRequest for a malformed one."""
    if value is not None and not _VISIBLE.match(value):
        raise InvalidRequest(input_texts.IDEMPOTENCY_KEY, field=IDEMPOTENCY_KEY)
    return None if value is None else IdempotencyKey(value)


def digest(route: str, parsed: object) -> str:
    """Return the digest of a parsed request, which does not depend on spaces or the order of fields."""
    return hashlib.sha256(msgspec.json.encode([route, parsed], order="deterministic")).hexdigest()[:32]
