"""The events of a member's log (R42)."""

from msgspec import Struct

from chalicelib.domain.model.member import Profile
from chalicelib.services.context import Context
from chalicelib.services.notices.event_details import EventDetails, details_of
from chalicelib.storage import notice_reads

# A page has the events of at most this number of rows, so that reading their sessions costs a bounded number of units.
MOST_ROWS = 50


class EventPage(Struct, frozen=True):
    """A page of events, and the place of its last row in the log."""

    events: list[EventDetails]
    last: int


def list_events(context: Context, caller: Profile, *, after: int, limit: int | None) -> EventPage:
    """Return the caller's events that follow the place `after` in the log, oldest first.

    A page has the events of at most 50 changes. `limit` is the requested number of changes.
    """
    most = min(limit or MOST_ROWS, MOST_ROWS)
    rows = notice_reads.event_rows(context.table, caller.member_id, after=after, most=most)
    # The table deletes expired rows at some later time.
    current = [event for row in rows if not row.is_expired(context.clock()) for event in row.events]
    return EventPage(details_of(context, caller, current), rows[-1].sequence if rows else after)
