"""Waiting rows and pair rows, which follow from the days.

Each waiting or matched booking has exactly one row. So the changes of days determine the rows to put and to delete,
by their exact keys (R19).
"""

from collections.abc import Iterable
from datetime import timedelta

from msgspec import Struct

from chalicelib.domain.decisions.day_editor import DayChange
from chalicelib.domain.model.booking import Booking, ChangeKind, QueuePosition, State
from chalicelib.domain.model.slot import Slot

# A row has no use after its slot. The table deletes it at the earliest this time after the start.
ROWS_KEPT = timedelta(days=2)


class WaitingRow(Struct, frozen=True):
    """The row of a waiting booking. It is the queue entry, and its stream record is the request to match it."""

    slot: Slot
    queue_position: QueuePosition
    member_id: str
    queue_shard: int = 0


class PairRow(Struct, frozen=True):
    """The row of a random pair, which finalizing may still move."""

    slot: Slot
    pair_id: str
    members: frozenset[str]
    queue_shard: int = 0


Row = WaitingRow | PairRow


class RowChanges(Struct, frozen=True):
    """The rows to put and the rows to delete.

    `by_locks` are the new rows of pairs that locks made of two displaced members (R12). The stream record of such a row
    is a request, because no waiting row shows that the slot has one pair less to match (R21).
    """

    put: frozenset[Row]
    delete: frozenset[Row]
    by_locks: frozenset[Row] = frozenset()


def row_of(booking: Booking) -> Row | None:
    """Return the row of a booking in its state, or None."""
    if booking.state is State.WAITING and booking.queue_position:
        return WaitingRow(booking.slot, booking.queue_position, booking.member_id, booking.queue_shard)
    if booking.state is State.MATCHED and booking.partner:
        pair = booking.partner
        return PairRow(booking.slot, pair.pair_id, frozenset((booking.member_id, pair.member_id)), booking.queue_shard)
    return None


def row_changes(changes: Iterable[DayChange]) -> RowChanges:
    """Return the changes of rows that the changes of days require."""
    before: set[Row] = set()
    after: dict[Row, Booking] = {}
    for change in changes:
        before.update(row for booking in change.before.bookings if (row := row_of(booking)))
        after |= {row: booking for booking in change.after.bookings if (row := row_of(booking))}
    put = frozenset(after.keys() - before)
    by_locks = frozenset(row for row in put if _is_paired_by_lock(after[row]))
    return RowChanges(put=put, delete=frozenset(before - after.keys()), by_locks=by_locks)


def _is_paired_by_lock(booking: Booking) -> bool:
    """Return whether a lock displaced the member and paired the booking in the same write."""
    change = booking.last_change
    return booking.state is State.MATCHED and change is not None and change.kind is ChangeKind.DISPLACED
