"""The events of the table's stream (R42)."""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.decisions.day_events import day_events
from chalicelib.domain.decisions.start_rows import booked_row
from chalicelib.services.context import Context
from chalicelib.services.notices.event_log import announce
from chalicelib.services.notices.scheduled_events import announce_missed_starts
from chalicelib.services.notices.watch_rounds import announce_available
from chalicelib.storage.stream_images import DayWrite, day_write

Record = Mapping[str, Any]


def reported_write(record: Record) -> DayWrite | None:
    """Return the write of a day that a record reports, or None for any other record.

    Raises KeyError, TypeError or ValueError for a record of unknown form.
    """
    return day_write(record)


def announce_write(context: Context, write: DayWrite) -> None:
    """Announce the events of one write of a day to its owner, and the sessions that became lockable to watchers.

    Of a session that was booked shortly before its start they include the start.
    """
    day = write.after
    events = day_events(write.before, day, write.at)
    announce(context, f"{day.date:%Y%m%d}.{day.version}", events)
    announce_missed_starts(context, filter(None, map(booked_row, events)))
    announce_available(context, write)
