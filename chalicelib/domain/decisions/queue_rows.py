"""The rows of the pool. They follow from the days: what a day says is waiting or matched has a row, nothing else has.

So a change of days says by itself which rows to put and which to take away, by their exact keys (R19).
"""

from collections.abc import Iterable
from datetime import timedelta

from msgspec import Struct

from chalicelib.domain.decisions.day_editor import DayChange
from chalicelib.domain.model.booking import Booking, QueuePosition, State
from chalicelib.domain.model.slot import Slot

# A row is of no use once its slot is over; so long after the start the table may forget it by itself.
ROWS_KEPT = timedelta(days=2)


class WaitingRow(Struct, frozen=True):
    """Somebody waits in a slot: pool entry, request to be matched and outbox in one."""

    slot: Slot
    queue_position: QueuePosition
    member_id: str
    queue_shard: int = 0


class PairRow(Struct, frozen=True):
    """Two are matched at random in a slot: what the finalizer may still move."""

    slot: Slot
    pair_id: str
    members: frozenset[str]
    queue_shard: int = 0


Row = WaitingRow | PairRow


class RowChanges(Struct, frozen=True):
    """Rows to put and rows to take away."""

    put: frozenset[Row]
    take: frozenset[Row]


def row_of(booking: Booking) -> Row | None:
    """The row that goes with a booking in its state."""
    if booking.state is State.WAITING and booking.queue_position:
        return WaitingRow(booking.slot, booking.queue_position, booking.member_id, booking.queue_shard)
    if booking.state is State.MATCHED and booking.partner:
        pair = booking.partner
        return PairRow(booking.slot, pair.pair_id, frozenset((booking.member_id, pair.member_id)), booking.queue_shard)
    return None


def row_changes(changes: Iterable[DayChange]) -> RowChanges:
    """What the changes of days mean for the pool."""
    before: set[Row] = set()
    after: set[Row] = set()
    for change in changes:
        before.update(row for booking in change.before.bookings if (row := row_of(booking)))
        after.update(row for booking in change.after.bookings if (row := row_of(booking)))
    return RowChanges(put=frozenset(after - before), take=frozenset(before - after))
