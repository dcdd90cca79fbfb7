"""The events of a member's log (R42)."""

from collections.abc import Iterator
from itertools import islice

from msgspec import Struct

from chalicelib.domain.model.event import BEGINNING, Event, Place
from chalicelib.domain.model.member import Profile
from chalicelib.services.context import Context
from chalicelib.services.notices.event_details import EventDetails, details_of
from chalicelib.storage import notice_reads

# The events of a page, at most. Each has the day of its session and the profile of a partner to read (R36).
MOST_EVENTS = 50


class EventPage(Struct, frozen=True):
    """A page of events, and the place of its last event in the log."""

    events: list[EventDetails]
    last: Place


def list_events(context: Context, caller: Profile, *, after: Place, limit: int | None) -> EventPage:
    """Return the caller's events that follow the place `after` in the log, oldest first.

    A page has at most `limit` events, and never more than 50.
    """
    found = dict(islice(_events_after(context, caller, after), min(limit or MOST_EVENTS, MOST_EVENTS)))
    return EventPage(details_of(context, caller, list(found.values())), next(reversed(found), after))


def _events_after(context: Context, caller: Profile, after: Place) -> Iterator[tuple[Place, Event]]:
    """Yield the events that follow a place, each with its own. The table deletes expired rows at some later time."""
    log = notice_reads.event_log(context.table, caller.member_id)
    if after.sequence > log.sequence:
        # The place is in the log of an account that the caller deleted (R33).
        after = BEGINNING
    now = context.clock()
    for row in notice_reads.event_rows(context.table, log, first=after.sequence, page=MOST_EVENTS):
        for number, event in enumerate(row.events):
            place = Place(row.sequence, number)
            if place > after and not row.is_expired(now):
                yield place, event
