"""Availability of a member and of all favorites, and the calendar with its partner panel."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar

from msgspec import UNSET, UnsetType

from chalicelib.domain.model.errors import InvalidRequest
from chalicelib.handlers.http import requests, schema_types, schemas, serializers
from chalicelib.handlers.http.api import Call
from chalicelib.handlers.http.operations import Ok
from chalicelib.handlers.http.requests import PageQuery, RangeQuery
from chalicelib.services.bookings.availability import calendar, favorites_availability, member_availability

LONGEST_CALENDAR = timedelta(weeks=2)
FAVORITES = "/v1/availability/favorites"

S = TypeVar("S", bound=schemas.Slot)


class CalendarQuery(RangeQuery, kw_only=True):
    """Which part of the calendar is wanted: up to two weeks, slots of one length or of all."""

    duration: schema_types.Duration | UnsetType = UNSET

    def minutes(self) -> int | None:
        """The one length that is wanted, in minutes. Raises InvalidRequest where it is none of a session."""
        return None if isinstance(self.duration, UnsetType) else requests.minutes(self.duration, "duration")


def get_availability(
    call: Call,
    userId: str,  # noqa: N803 - the name in the path
    query: PageQuery,
) -> Ok[schemas.AvailableSlots]:
    """See when a member can be locked in with, over the next two weeks; nothing for whoever may see nothing."""
    views = member_availability(call.context, call.caller.member_id, userId)
    slots = [serializers.available_slot(view) for view in views]
    return Ok(schemas.AvailableSlots(*_page(call, query, f"availability {userId}", slots)))


def get_favorites_availability(call: Call, query: PageQuery) -> Ok[schemas.SharedSlots]:
    """See when favorites can be locked in with, all in one view, over the next two weeks."""
    slots = [serializers.shared_slot(view) for view in favorites_availability(call.context, call.caller)]
    return Ok(schemas.SharedSlots(*_page(call, query, FAVORITES, slots)))


def get_calendar(call: Call, query: CalendarQuery) -> Ok[schemas.Calendar]:
    """See one's own sessions and which favorites are booked beside them, up to two weeks."""
    start, end = query.range()
    if end > start + LONGEST_CALENDAR:
        raise InvalidRequest("The calendar shows up to two weeks.", field="end")
    minutes = query.minutes()
    views = calendar(call.context, call.caller, start, end, minutes)
    slots = [serializers.calendar_slot(view, call.context.settings.room_url) for view in views]
    return Ok(schemas.Calendar(*_page(call, query, f"calendar {start} {end} {minutes}", slots)))


def _page(call: Call, query: PageQuery, scope: str, slots: Sequence[S]) -> tuple[list[S], str | UnsetType]:
    """The slots behind the cursor, so many as the caller asked for, or all; and the cursor of the next page."""
    position = call.position(scope, query)
    left = [slot for slot in slots if position is None or position < _position(slot)]
    if query.size is None or len(left) <= query.size:
        return left, UNSET
    return left[: query.size], call.cursor(scope, _position(left[query.size - 1]))


def _position(slot: schemas.Slot) -> str:
    """Where a slot stands in its list: texts sort as slots do, since instants are all UTC and of one length."""
    return f"{slot.start_time} {slot.duration:09d}"
