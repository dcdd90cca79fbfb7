"""What an operator is told of a change: locks, and for how long those had waited who got a partner."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from chalicelib.domain.decisions.commit_metrics import CommitMetrics, commit_metrics_of
from chalicelib.domain.decisions.day_editor import DayEditor
from chalicelib.domain.model.booking import Booking, Change, ChangeKind, QueuePosition, State
from chalicelib.domain.model.day import Day, Days
from chalicelib.domain.model.slot import Slot

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SLOT = Slot(NOON + timedelta(hours=1), 50)


def waits(member: str, since: datetime, *, displaced: bool = False) -> Booking:
    queue_position = QueuePosition(displaced=displaced, since=since)
    return Booking(f"booking of {member}", member, SLOT, since, State.WAITING, queue_position=queue_position)


def days_of(*bookings: Booking) -> Days:
    return Days(Day(booking.member_id, SLOT.date, 1).with_booking(booking) for booking in bookings)


def paired(*bookings: Booking, state: State = State.MATCHED) -> Days:
    """The days of two who have each other."""
    one, other = bookings
    change = Change(ChangeKind.MATCHED, NOON)
    return days_of(one.paired(other, state, "pair", change), other.paired(one, state, "pair", change))


ADA = waits("ada", NOON - timedelta(minutes=9))
BEN = waits("ben", NOON - timedelta(minutes=4))
CY = waits("cy", NOON - timedelta(seconds=3), displaced=True)
DEE = waits("dee", NOON - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (ADA, BEN, CommitMetrics(side_by_side=(timedelta(minutes=4),))),
        (ADA, CY, CommitMetrics(rematched=(timedelta(seconds=3),), side_by_side=(timedelta(seconds=3),))),
        (CY, DEE, CommitMetrics(rematched=(timedelta(seconds=1),), side_by_side=(timedelta(seconds=1),))),
    ],
)
def test_r13_a_pair_of_two_who_waited_tells_since_when_both_did_and_whether_one_was_displaced(
    one: Booking, other: Booking, expected: CommitMetrics
) -> None:
    editor = DayEditor(days_of(one, other), "operation", NOON)
    editor.match(one, other, "pair")
    assert commit_metrics_of(editor.changes(), NOON) == expected


def test_r13_who_is_displaced_does_not_wait_in_vain_for_a_newcomer() -> None:
    newcomer = Booking("booking of dee", "dee", SLOT, NOON, State.WAITING)
    editor = DayEditor(Days([*days_of(CY), Day("dee", SLOT.date)]), "operation", NOON)
    editor.add_booking(newcomer)
    editor.match(newcomer, CY, "pair")
    assert commit_metrics_of(editor.changes(), NOON) == CommitMetrics()


def test_r12_a_lock_is_one_however_many_are_displaced_and_who_is_locked_in_has_not_waited_for_the_stream() -> None:
    editor = DayEditor(days_of(ADA, BEN), "operation", NOON)
    editor.lock(ADA, BEN, "pair")
    assert commit_metrics_of(editor.changes(), NOON) == CommitMetrics(locks=1)
    matched = paired(ADA, BEN)
    one, other = (matched.holding(member, SLOT) for member in ("ada", "ben"))
    assert one is not None
    assert other is not None
    editor = DayEditor(matched, "operation", NOON)
    editor.lock(one, other, "another pair")
    assert commit_metrics_of(editor.changes(), NOON) == CommitMetrics(locks=1)


def test_what_leaves_a_locked_in_pair_as_it_is_or_ends_it_is_no_lock() -> None:
    locked = paired(ADA, BEN, state=State.LOCKED_IN)
    held = locked.holding("ada", SLOT)
    assert held is not None
    retitled, cancelled = (DayEditor(locked, "operation", NOON) for _ in range(2))
    retitled.revise(replace(held, title="Thesis"))
    cancelled.cancel(held)
    for editor in (retitled, cancelled):
        assert editor.changes()
        assert commit_metrics_of(editor.changes(), NOON) == CommitMetrics()
