"""Count of the members without a partner at the start of a slot (R23)."""

from datetime import datetime, timedelta

from chalicelib.domain.model.slot import FOOTPRINT_MINUTES, GRID, Slot, day_start
from chalicelib.services.context import Context
from chalicelib.storage import queue_reads

# The interval of the schedule. Each start falls into one of its runs.
MINUTE = timedelta(minutes=1)


def count_unmatched(context: Context, now: datetime) -> list[int] | None:
    """Return the number of waiting members in each slot that started within this minute, None if none did."""
    since_start = (now - day_start(now.date())) % GRID
    if since_start >= MINUTE:
        return None
    return [_waiting(context, Slot(now - since_start, minutes)) for minutes in FOOTPRINT_MINUTES]


def _waiting(context: Context, slot: Slot) -> int:
    """Return the number of waiting members in all queue shards of the slot."""
    first, *others = queue_reads.waiting_in(context.table, slot, page=queue_reads.ROWS_PER_PAGE)
    queue_shards = (
        queue_reads.waiting_in(context.table, slot, queue_shard, page=queue_reads.ROWS_PER_PAGE)
        for queue_shard in range(1, first.queue_shards)
    )
    return sum(len(page.rows) for pages in ([first, *others], *queue_shards) for page in pages)
