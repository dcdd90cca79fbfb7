"""Waiting rows and pair rows, which follow from the days."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from chalicelib.domain.decisions.day_editor import DayChange, DayEditor
from chalicelib.domain.decisions.queue_rows import (
    ROWS_KEPT,
    PairRow,
    Row,
    RowChanges,
    WaitingRow,
    row_changes,
    row_of,
)
from chalicelib.domain.model.booking import Booking, ChangeKind, QueuePosition, State
from chalicelib.domain.model.day import Days
from tests.domain.samples import NOON, SLOT, days_of, pair, waiting

ADA, BEN, CY = waiting("ada", queue_shard=2), waiting("ben", queue_shard=2), waiting("cy")
POSITION = QueuePosition(displaced=False, since=ADA.requested_at)
MATCHED = pair(ADA, BEN)
ADA_WAITS, BEN_WAITS = (WaitingRow(SLOT, POSITION, member_id, 2) for member_id in ("ada", "ben"))
IS_PAIRED = PairRow(SLOT, "pair", frozenset({"ada", "ben"}), 2)
NO_CHANGES = RowChanges(put=frozenset(), delete=frozenset())


def changed(days: Days, *edited: Booking) -> RowChanges:
    """Return the changes of rows after the bookings replace those with their ids."""
    return row_changes(
        DayChange(days[key], days[key].with_booking(booking))
        for booking in edited
        if (key := (booking.member_id, booking.slot.date))
    )


@pytest.mark.parametrize(
    ("booking", "row"),
    [
        (ADA, ADA_WAITS),
        (MATCHED[0], IS_PAIRED),
        (MATCHED[1], IS_PAIRED),
        (pair(ADA, BEN, State.LOCKED_IN)[0], None),
        (ADA.cancelled(NOON), None),
    ],
)
def test_r19_a_waiting_booking_and_a_random_pair_have_one_row_each(booking: Booking, row: Row | None) -> None:
    assert row_of(booking) == row


def test_r19_a_row_is_in_the_first_queue_shard_by_default_and_kept_for_two_days() -> None:
    assert WaitingRow(SLOT, POSITION, "ada") == WaitingRow(SLOT, POSITION, "ada", queue_shard=0)
    assert PairRow(SLOT, "pair", frozenset()) == PairRow(SLOT, "pair", frozenset(), queue_shard=0)
    assert timedelta(days=2) == ROWS_KEPT


def test_r19_a_match_puts_the_pair_row_and_takes_both_waiting_rows() -> None:
    editor = DayEditor(days_of(ADA, BEN), "operation", NOON)
    editor.match(ADA, BEN, "pair")
    assert row_changes(editor.changes()) == RowChanges(
        put=frozenset({IS_PAIRED}), delete=frozenset({ADA_WAITS, BEN_WAITS})
    )


def test_r12_a_lock_takes_the_pair_row_of_the_displaced_member_who_gets_a_waiting_row() -> None:
    one, other = MATCHED
    editor = DayEditor(days_of(one, other, CY), "operation", NOON)
    editor.displace_partner_of(other)
    editor.lock(CY, other, "locked")
    displaced = WaitingRow(SLOT, QueuePosition(displaced=True, since=one.requested_at), "ada", 2)
    assert row_changes(editor.changes()) == RowChanges(
        put=frozenset({displaced}), delete=frozenset({IS_PAIRED, WaitingRow(SLOT, POSITION, "cy", 0)})
    )


@pytest.mark.parametrize(("kind", "by_lock"), [(ChangeKind.DISPLACED, True), (ChangeKind.MATCHED, False)])
def test_r21_only_the_pair_row_of_two_displaced_members_is_by_a_lock(kind: ChangeKind, by_lock: bool) -> None:
    editor = DayEditor(days_of(ADA, BEN), "operation", NOON)
    editor.match(ADA, BEN, "pair", kind=kind)
    assert row_changes(editor.changes()).by_locks == (frozenset({IS_PAIRED}) if by_lock else frozenset())


def test_r21_a_later_change_of_a_pair_that_a_lock_made_puts_no_row() -> None:
    editor = DayEditor(days_of(ADA, BEN), "operation", NOON)
    editor.match(ADA, BEN, "pair", kind=ChangeKind.DISPLACED)
    one = editor.booking(ADA)
    assert changed(days_of(one, editor.booking(BEN)), replace(one, title="My thesis")) == NO_CHANGES


def test_r19_a_cancel_takes_the_waiting_row() -> None:
    assert changed(days_of(ADA), ADA.cancelled(NOON)) == RowChanges(put=frozenset(), delete=frozenset({ADA_WAITS}))


def test_r19_another_queue_position_replaces_the_row() -> None:
    moved = replace(ADA, queue_position=QueuePosition(displaced=True, since=NOON))
    assert changed(days_of(ADA), moved) == RowChanges(
        put=frozenset({WaitingRow(SLOT, QueuePosition(displaced=True, since=NOON), "ada", 2)}),
        delete=frozenset({ADA_WAITS}),
    )


def test_r19_a_new_title_changes_no_row() -> None:
    assert changed(days_of(ADA, *MATCHED[1:]), replace(ADA, title="My thesis")) == NO_CHANGES
    assert changed(days_of(*MATCHED), replace(MATCHED[0], title="My thesis")) == NO_CHANGES
