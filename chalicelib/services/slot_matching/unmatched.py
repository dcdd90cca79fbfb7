"""Count who has no partner when a slot starts (R23)."""

from datetime import datetime, timedelta

from chalicelib.domain.model.slot import FOOTPRINT_MINUTES, GRID, Slot, day_start
from chalicelib.services.context import Context
from chalicelib.storage import queue_reads

ROWS_AT_ONCE = 1000
# How often the schedule looks: each start falls into one of its runs.
MINUTE = timedelta(minutes=1)


def unmatched(context: Context, now: datetime) -> list[int] | None:
    """How many were left waiting in each slot that has started within this minute; None where none starts."""
    since_start = (now - day_start(now.date())) % GRID
    if since_start >= MINUTE:
        return None
    return [_waiting(context, Slot(now - since_start, minutes)) for minutes in FOOTPRINT_MINUTES]


def _waiting(context: Context, slot: Slot) -> int:
    """How many wait in all lanes of the slot."""
    first, *others = queue_reads.waiting_in(context.table, slot, page=ROWS_AT_ONCE)
    queue_shards = (
        queue_reads.waiting_in(context.table, slot, queue_shard, page=ROWS_AT_ONCE)
        for queue_shard in range(1, first.queue_shards)
    )
    return sum(len(page.rows) for pages in ([first, *others], *queue_shards) for page in pages)
