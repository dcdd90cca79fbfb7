"""Count who has no partner when a slot starts (R23)."""

from datetime import datetime, timedelta

from chalicelib.domain.slot import FOOTPRINT_MINUTES, GRID, Slot, day_start
from chalicelib.services.lockstep import Lockstep
from chalicelib.storage import reads

ROWS_AT_ONCE = 1000
# How often the schedule looks: each start falls into one of its runs.
MINUTE = timedelta(minutes=1)


def unmatched(lockstep: Lockstep, now: datetime) -> list[int] | None:
    """How many were left waiting in each slot that has started within this minute; None where none starts."""
    since_start = (now - day_start(now.date())) % GRID
    if since_start >= MINUTE:
        return None
    return [_waiting(lockstep, Slot(now - since_start, minutes)) for minutes in FOOTPRINT_MINUTES]


def _waiting(lockstep: Lockstep, slot: Slot) -> int:
    """How many wait in all lanes of the slot."""
    first, *others = reads.waiting_in(lockstep.table, slot, page=ROWS_AT_ONCE)
    lanes = (reads.waiting_in(lockstep.table, slot, lane, page=ROWS_AT_ONCE) for lane in range(1, first.lanes))
    return sum(len(page.rows) for pages in ([first, *others], *lanes) for page in pages)
