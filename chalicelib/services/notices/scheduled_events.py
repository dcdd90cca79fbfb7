"""The announcement of sessions that are about to start, and of those that start without a partner (R42)."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import chain

from chalicelib.domain.decisions.scheduled_events import (
    TRIED_FOR,
    after_run,
    announced_since,
    due_starts,
    ended_second_chances,
    scheduled_events,
)
from chalicelib.domain.decisions.start_rows import start_row
from chalicelib.domain.decisions.write_set import Decision, DocumentChange, WriteSet
from chalicelib.domain.model.event import Event
from chalicelib.domain.model.session_start import STARTING_BEFORE, StartRow
from chalicelib.domain.model.slot import FOOTPRINT_MINUTES, Slot
from chalicelib.metrics import current_metrics
from chalicelib.services.context import Context
from chalicelib.services.notices.event_log import announce
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import queue_reads, reads, start_reads

# The sessions that a run announces at once. One after the other, a run would reach 19,000 sessions in its time.
PARALLEL_STARTS = 16
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def announce_starts(context: Context) -> int | None:
    """Announce what became due since the last run, and return the number of events, None if nothing could be due.

    It is idempotent: the next run repeats one that ended early, with the same ids. A session that fails does not stop
    the others, and the next run tries it again.
    """
    now = context.clock()
    stored = start_reads.announced_starts(context.table)
    since = announced_since(stored.until if stored else None, now)
    starts, ended = due_starts(since, now), ended_second_chances(since, now)
    failed_before = stored.failed if stored else ()
    if not starts and not ended and not failed_before:
        return None
    due = chain(
        ((row, now - TRIED_FOR) for row in failed_before),
        ((row, since) for row in start_reads.sessions_starting_at(context.table, starts)),
        ((row, since) for start in ended for row in _still_seeking(context, start)),
    )

    # The sessions that were found are announced even if the search for further ones fails.
    with context.table.parallel(PARALLEL_STARTS) as threads:
        announced = list(threads.map(lambda one: (one[0], _events_announced(context, one[0], one[1], now)), due))
    failed = [row for row, events in announced if events is None]
    stored_after = after_run(since, now, failed)
    # Another run may have stored its instant meanwhile. What both announced has the same ids.
    changes = WriteSet(documents=(DocumentChange(None, stored_after, regardless=True),))
    run_transaction(context, lambda _attempt: Decision(None, changes))
    return sum(events or 0 for _, events in announced)


def _events_announced(context: Context, row: StartRow, since: datetime, now: datetime) -> int | None:
    """Announce what is due for the session of a row, and return the number of events, None if it fails."""
    try:
        return _announce_due(context, row, since, now)
    except Exception as error:  # noqa: BLE001 - logged, and other sessions go on
        current_metrics().error = error
        return None


def _still_seeking(context: Context, start: datetime) -> Iterator[StartRow]:
    """Yield the start rows of the sessions that still wait after a second chance (R38)."""
    for slot in (Slot(start, minutes) for minutes in FOOTPRINT_MINUTES):
        for row in queue_reads.seeking_in_slot(context.table, slot):
            booking = reads.days(context.table, [(row.member_id, slot.date)]).holding(row.member_id, slot)
            if booking:
                yield start_row(row.member_id, booking.booking_id, slot)


def announce_missed_starts(context: Context, rows: Iterable[StartRow]) -> None:
    """Announce what is already due for sessions whose booking the stream has just reported.

    The schedule may have looked for them before their rows were stored. It announces what becomes due from now on.
    """
    now = context.clock()
    for row in rows:
        if row.slot.start - STARTING_BEFORE <= now:
            _announce_due(context, row, _EPOCH, now)


def _announce_due(context: Context, row: StartRow, since: datetime, now: datetime) -> int:
    """Announce what is due for the session of a row, and return the number of events.

    The row says nothing about the session's state. A session that its day has dropped was cancelled.
    """
    key = row.member_id, row.slot.date
    booking = reads.days(context.table, [key])[key].find(row.booking_id)
    events = scheduled_events(booking, since, now) if booking else []
    for event in events:
        announce(context, event.event_id, [event], claim=partial(_still_due, context, event, since, now))
    return len(events)


def _still_due(
    context: Context, event: Event, since: datetime, now: datetime, _attempt: Attempt
) -> tuple[DocumentChange, ...] | None:
    """Return no further change, or None if the event is not due any more.

    The log was read before. A cancel that the log holds later than this event is then also announced later, and one
    that it holds earlier makes the transaction conflict (R42).
    """
    key = event.member_id, event.slot.date
    booking = reads.days(context.table, [key])[key].find(event.booking_id or "")
    return () if booking and event in scheduled_events(booking, since, now) else None
