"""Availability of a member and of all favorites, and the calendar with its partner panel."""

from datetime import timedelta
from typing import Any

from chalice.app import Blueprint, Response

from chalicelib.domain.errors import InvalidRequest
from chalicelib.handlers import inputs, presenting
from chalicelib.handlers.http import Api, Call, ok
from chalicelib.services.availability import calendar, favorites_availability, member_availability

LONGEST_CALENDAR = timedelta(weeks=2)
FAVORITES = "/v1/availability/favorites"


def routes(api: Api) -> Blueprint:
    """The routes that show when others can be locked in with."""
    blueprint = Blueprint(__name__)

    @api.route(blueprint, "/v1/users/{userId}/availability", "GET")
    def get_availability(call: Call, userId: str) -> Response:  # noqa: N803 - the name in the path
        views = member_availability(call.lockstep, call.caller.member_id, userId)
        return ok(_page(call, f"availability {userId}", [presenting.available_slot(view) for view in views]))

    @api.route(blueprint, FAVORITES, "GET")
    def get_favorites_availability(call: Call) -> Response:
        views = favorites_availability(call.lockstep, call.caller)
        return ok(_page(call, FAVORITES, [presenting.shared_slot(view) for view in views]))

    @api.route(blueprint, "/v1/calendar", "GET")
    def get_calendar(call: Call) -> Response:
        start, end = inputs.query_range(call.query)
        if end > start + LONGEST_CALENDAR:
            raise InvalidRequest("The calendar shows up to two weeks.", field="end")
        minutes = inputs.query_minutes(call.query, "duration")
        room_url = call.lockstep.settings.room_url
        views = calendar(call.lockstep, call.caller, start, end, minutes)
        slots = [presenting.calendar_slot(view, room_url) for view in views]
        return ok(_page(call, f"calendar {start} {end} {minutes}", slots))

    return blueprint


def _page(call: Call, scope: str, slots: list[dict[str, Any]]) -> dict[str, Any]:
    """The slots behind the cursor, so many as the caller asked for; all of them where no limit was asked for."""
    limit, position = inputs.query_limit(call.query), call.position(scope)
    left = [slot for slot in slots if position is None or position < _position(slot)]
    if limit is None or len(left) <= limit:
        return {"slots": left}
    return {"slots": left[:limit], "nextCursor": call.cursor(scope, _position(left[limit - 1]))}


def _position(slot: dict[str, Any]) -> str:
    """Where a slot stands in its list: texts sort as slots do, since instants are all UTC and of one length."""
    return f"{slot['startTime']} {slot['duration']:09d}"
