"""The events of a session that the clock alone brings about (R42)."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.event import Event, EventKind, event_id
from chalicelib.domain.model.room_times import SECOND_CHANCE_UNTIL
from chalicelib.domain.model.session_start import STARTING_BEFORE, STARTS_KEPT, AnnouncedStarts, StartRow
from chalicelib.domain.model.slot import GRID, day_start

# A clock that is set back by more than this is no difference between two machines.
_CLOCK_DIFFERENCE = timedelta(minutes=1)
# Runs try again for this time to announce a session that fails.
TRIED_FOR = timedelta(minutes=10)
# The maximum number of failed sessions that a run stores by themselves, with about 200 bytes each.
MOST_FAILED = 100


def scheduled_events(booking: Booking, since: datetime, now: datetime) -> list[Event]:
    """Return the events of a booking that became due after `since`, up to `now`.

    An active session is about to start 10 minutes before its start. One that still waits at its start is unmatched
    (R23), and after a second chance one that still waits 10 minutes after the start (R38). After the start it is too
    late to announce that it will begin.
    """
    start = booking.slot.start
    unmatched_at = start + SECOND_CHANCE_UNTIL if booking.seeks_again else start
    found: list[Event] = []
    if booking.active and since < start - STARTING_BEFORE <= now < start:
        found.append(_event(booking, EventKind.STARTING, start - STARTING_BEFORE))
    if booking.state is State.WAITING and since < unmatched_at <= now:
        found.append(_event(booking, EventKind.UNMATCHED, unmatched_at))
    return found


def _event(booking: Booking, kind: EventKind, due: datetime) -> Event:
    # A session that was booked after the instant has the event with its booking.
    at = max(due, booking.requested_at)
    # Each kind comes once for a booking, so the id needs no version. A second chance can end unmatched once more.
    key = event_id(booking.booking_id, kind, *(["again"] if booking.seeks_again else []))
    return Event(key, kind, booking.member_id, at, booking.slot, booking.booking_id)


def announced_since(until: datetime | None, now: datetime) -> datetime:
    """Return the instant after which a run at `now` has starts to announce. `until` is that of the last run.

    The first run, and one after the clock was set back, begin 10 minutes ago. A run makes up for at most two days.
    """
    if until is None or until > now + _CLOCK_DIFFERENCE:
        return now - STARTING_BEFORE
    return max(until, now - STARTS_KEPT)


def due_starts(since: datetime, now: datetime) -> list[datetime]:
    """Return the starts of slots whose sessions may have an event that became due after `since`, up to `now`."""
    quarters = _quarters(since, now + STARTING_BEFORE)
    return [start for start in quarters if since < start - STARTING_BEFORE <= now or since < start <= now]


def ended_second_chances(since: datetime, now: datetime) -> list[datetime]:
    """Return the starts of slots whose second chances ended after `since`, up to `now` (R38)."""
    quarters = _quarters(since - SECOND_CHANCE_UNTIL, now - SECOND_CHANCE_UNTIL)
    return [start for start in quarters if since < start + SECOND_CHANCE_UNTIL]


def _quarters(first: datetime, last: datetime) -> Iterator[datetime]:
    """Yield the quarter hours between two instants, both included."""
    start = first + (day_start(first.date()) - first) % GRID
    while start <= last:
        yield start
        start += GRID


def after_run(since: datetime, now: datetime, failed: Sequence[StartRow]) -> AnnouncedStarts:
    """Return what a run stores. The next run tries a few failed sessions alone, and after an outage all again."""
    if len(failed) <= MOST_FAILED:
        return AnnouncedStarts(until=now, failed=tuple(failed))
    return AnnouncedStarts(until=max(since, now - TRIED_FOR))
