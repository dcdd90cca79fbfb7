"""The announcement of sessions that are about to start, and of those that start without a partner (R42)."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from chalicelib.domain.decisions.scheduled_events import announced_since, due_starts, scheduled_events
from chalicelib.domain.decisions.write_set import Decision, DocumentChange, WriteSet
from chalicelib.domain.model.session_start import STARTING_BEFORE, AnnouncedStarts, StartRow
from chalicelib.metrics import current_metrics
from chalicelib.services.context import Context
from chalicelib.services.notices.event_log import announce
from chalicelib.services.transaction import run_transaction
from chalicelib.storage import reads, start_reads

# Runs try again for this time to announce a session that fails.
TRIED_FOR = timedelta(minutes=10)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def announce_starts(context: Context) -> int | None:
    """Announce what became due since the last run, and return the number of events, None if nothing could be due.

    It is idempotent: the next run repeats one that ended early, with the same ids. A session that fails does not stop
    the others, and the next run tries it again.
    """
    now = context.clock()
    stored = start_reads.announced_starts(context.table)
    since = announced_since(stored.until if stored else None, now)
    starts = due_starts(since, now)
    if not starts:
        return None
    announced, failed = 0, False
    for row in start_reads.sessions_starting_at(context.table, starts):
        try:
            announced += _announce_due(context, row, since, now)
        except Exception as error:  # noqa: BLE001 - logged, and other sessions go on
            current_metrics().error = error
            failed = True
    # Another run may have stored its instant meanwhile. What both announced has the same ids.
    after = AnnouncedStarts(until=max(since, now - TRIED_FOR) if failed else now)
    changes = WriteSet(documents=(DocumentChange(None, after, regardless=True),))
    run_transaction(context, lambda _attempt: Decision(None, changes))
    return announced


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
        announce(context, event.event_id, [event])
    return len(events)
