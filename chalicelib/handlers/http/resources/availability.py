"""The views of one member's availability, the favorites' availability and the calendar."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from msgspec import UNSET, UnsetType

from chalicelib.handlers.http import schema_types
from chalicelib.handlers.http.call import Call, EarlyCall, MemberCall
from chalicelib.handlers.http.inputs.field_parsers import minutes
from chalicelib.handlers.http.inputs.input_fields import across
from chalicelib.handlers.http.inputs.requests import PageQuery, RangeQuery
from chalicelib.handlers.http.operations import Ok, begins
from chalicelib.handlers.http.responses import schemas, serializers
from chalicelib.services.begun_reads import Begun
from chalicelib.services.bookings.availability import (
    AvailabilityReads,
    CalendarReads,
    FavoritesReads,
    calendar,
    favorites_availability,
    member_availability,
    read_availability,
    read_calendar,
    read_favorites,
)

LONGEST_CALENDAR = timedelta(weeks=5)

S = TypeVar("S", bound=schemas.Slot)


class CalendarQuery(RangeQuery, kw_only=True):
    """The requested part of the calendar, up to five weeks and of one session length or all."""

    duration: schema_types.Duration | UnsetType = UNSET

    def minutes(self) -> int | None:
        """Return the requested length in minutes, None for all."""
        return None if isinstance(self.duration, UnsetType) else minutes(self.duration, "duration")

    def range_shown(self) -> tuple[datetime, datetime]:
        """Return the range in UTC, at most five weeks. Raises InvalidRequest with the invalid end."""
        return self.range_of_at_most("five weeks", lambda start: start + LONGEST_CALENDAR)

    def scope(self, call: MemberCall) -> str:
        """Return the name of the list for its cursors."""
        return f"{super().scope(call)} {self.minutes()}"

    @across("start", "end")
    def check_range(self, _call: MemberCall) -> None:
        """Raise InvalidRequest with the invalid end of the range."""
        self.range_shown()

    @across("cursor", "start", "end", "duration")
    def check_cursor(self, call: MemberCall) -> None:
        """Raise InvalidCursor for a cursor of another list."""
        super().check_cursor(call)


def _read_availability(call: EarlyCall, userId: str, query: PageQuery) -> AvailabilityReads:  # noqa: ARG001, N803
    return read_availability(call.context, call.member_id, userId)


@begins(_read_availability)
def get_availability(
    call: Call,
    userId: str,  # noqa: N803 - the name in the path
    query: PageQuery,
    begun: Begun[AvailabilityReads],
) -> Ok[schemas.AvailableSlots]:
    """List the slots of the next two weeks in which the caller can lock in with a member, possibly none."""
    views = member_availability(call.context, call.caller.member_id, userId, begun)
    slots = [serializers.available_slot(view) for view in views]
    return Ok(schemas.AvailableSlots(*_page(call, query, slots)))


def _read_favorites(call: EarlyCall, query: PageQuery) -> FavoritesReads:  # noqa: ARG001 - an input of the view
    return read_favorites(call.context, call.member_id)


@begins(_read_favorites)
def get_favorites_availability(call: Call, query: PageQuery, begun: Begun[FavoritesReads]) -> Ok[schemas.SharedSlots]:
    """List the slots of the next two weeks in which the caller can lock in with favorites."""
    slots = [serializers.shared_slot(view) for view in favorites_availability(call.context, call.caller, begun)]
    return Ok(schemas.SharedSlots(*_page(call, query, slots)))


def _read_calendar(call: EarlyCall, query: CalendarQuery) -> CalendarReads:
    return read_calendar(call.context, call.member_id, *query.range_shown())


@begins(_read_calendar)
def get_calendar(call: Call, query: CalendarQuery, begun: Begun[CalendarReads]) -> Ok[schemas.Calendar]:
    """List the caller's sessions, the favorites who are booked, and where members wait, for up to five weeks."""
    start, end = query.range_shown()
    views = calendar(call.context, call.caller, start, end, query.minutes(), begun)
    slots = [serializers.calendar_slot(view) for view in views]
    return Ok(schemas.Calendar(*_page(call, query, slots)))


def _page(call: Call, query: PageQuery, slots: Sequence[S]) -> tuple[list[S], str | UnsetType]:
    """Return the slots of the requested page and the cursor of the next one."""
    scope = query.scope(call)
    position = call.position(scope, query)
    remaining = [slot for slot in slots if position is None or position < _position(slot)]
    if query.size is None or len(remaining) <= query.size:
        return remaining, UNSET
    return remaining[: query.size], call.cursor(scope, _position(remaining[query.size - 1]))


def _position(slot: schemas.Slot) -> str:
    """Return the sort key of a slot in its list. Instants in UTC have one length, so they sort as text."""
    return f"{slot.start_time} {slot.duration:09d}"
