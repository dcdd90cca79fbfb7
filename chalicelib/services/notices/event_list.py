"""The events of a member's log (R42)."""

from collections.abc import Iterator
from itertools import islice

from msgspec import Struct

from chalicelib.domain.model.event import BEGINNING, Event, Place
from chalicelib.domain.model.member import Profile
from chalicelib.services.begun_reads import Begun
from chalicelib.services.context import Context
from chalicelib.services.notices.event_details import EventDetails, details_of
from chalicelib.storage import notice_reads

# The events of a page, at most. Each has the day of its session and the profile of a partner to read (R36).
MOST_EVENTS = 50


class EventPage(Struct, frozen=True):
    """A page of events, and the place of its last event in the log."""

    events: list[EventDetails]
    last: Place


def read_events(context: Context, member_id: str, after: Place, limit: int | None) -> dict[Place, Event]:
    """Return the events of a page by their places, oldest first.

    They follow the place `after` in the log. A page has at most `limit` events, and never more than 50.
    """
    return dict(islice(_events_after(context, member_id, after), min(limit or MOST_EVENTS, MOST_EVENTS)))


def list_events(
    context: Context,
    caller: Profile,
    *,
    after: Place,
    limit: int | None,
    begun: Begun[dict[Place, Event]] | None = None,
) -> EventPage:
    """Return the caller's events that follow the place `after` in the log, oldest first.

    `begun` is the read of `read_events`, for the same page.
    """
    found = begun() if begun else read_events(context, caller.member_id, after, limit)
    return EventPage(details_of(context, caller, list(found.values())), next(reversed(found), after))


def _events_after(context: Context, member_id: str, after: Place) -> Iterator[tuple[Place, Event]]:
    """Yield the events that follow a place, each with its own. The table deletes expired rows at some later time."""
    # Read before the rows: a query at the same time could see a later row without an earlier one.
    log = notice_reads.event_log(context.table, member_id)
    if after.sequence > log.sequence:
        # The place is in the log of an account that the caller deleted (R33).
        after = BEGINNING
    now = context.clock()
    for row in notice_reads.event_rows(context.table, log, first=after.sequence, page=MOST_EVENTS):
        for number, event in enumerate(row.events):
            place = Place(row.sequence, number)
            if place > after and not row.is_expired(now):
                yield place, event
