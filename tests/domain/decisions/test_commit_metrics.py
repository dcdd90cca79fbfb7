"""The metrics of a commit, which count new locks and the waiting times of new random pairs."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from chalicelib.domain.decisions.commit_metrics import CommitMetrics, commit_metrics_of
from chalicelib.domain.decisions.day_editor import DayEditor
from chalicelib.domain.model.booking import Booking, BookingChange, ChangeKind, State
from chalicelib.domain.model.day import Day, Days
from tests.domain.samples import NOON, SLOT, days_of, pair, waiting

ADA, BEN = waiting("ada", minutes=9), waiting("ben", minutes=4)
CY, DEE = waiting("cy", minutes=2, displaced=True), waiting("dee", minutes=1)


def edit(*bookings: Booking) -> DayEditor:
    return DayEditor(days_of(*bookings), "operation", NOON)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (ADA, BEN, CommitMetrics(side_by_side=(timedelta(minutes=4),))),
        (ADA, CY, CommitMetrics(rematched=(timedelta(minutes=2),), side_by_side=(timedelta(minutes=2),))),
        (CY, DEE, CommitMetrics(rematched=(timedelta(minutes=1),), side_by_side=(timedelta(minutes=1),))),
    ],
)
def test_r13_a_pair_of_two_waiting_members_is_timed_from_the_later_and_displaced_ones_also_as_rematched(
    one: Booking, other: Booking, expected: CommitMetrics
) -> None:
    editor = edit(one, other)
    editor.match(one, other, "pair")
    assert commit_metrics_of(editor.changes(), NOON) == expected


def test_r13_the_waiting_time_counts_from_the_loss_of_the_partner() -> None:
    """Their places in the queue count from their bookings (R20), nine and four minutes ago."""
    lost = [
        BookingChange(kind, NOON - timedelta(seconds=30))
        for kind in (ChangeKind.PARTNER_CANCELLED, ChangeKind.DISPLACED)
    ]
    one, other = replace(ADA, changes=(lost[0],)), replace(BEN, changes=(lost[1],))
    editor = edit(one, other)
    editor.match(one, other, "pair")
    assert commit_metrics_of(editor.changes(), NOON) == CommitMetrics(side_by_side=(timedelta(seconds=30),))


def test_r13_a_displaced_member_who_is_paired_with_a_new_booking_has_no_waiting_time() -> None:
    newcomer = replace(DEE, queue_position=None)
    editor = DayEditor(Days([*days_of(CY), Day("dee", SLOT.date)]), "operation", NOON)
    editor.add_booking(newcomer)
    editor.match(newcomer, CY, "pair")
    assert commit_metrics_of(editor.changes(), NOON) == CommitMetrics()


def test_r12_a_lock_of_two_waiting_members_counts_once_and_has_no_waiting_time() -> None:
    editor = edit(ADA, BEN)
    editor.lock(ADA, BEN, "pair")
    assert commit_metrics_of(editor.changes(), NOON) == CommitMetrics(locks=1)


def test_r12_a_lock_of_two_matched_members_counts_once() -> None:
    one, other = pair(ADA, BEN)
    editor = edit(one, other)
    editor.lock(one, other, "another pair")
    assert commit_metrics_of(editor.changes(), NOON) == CommitMetrics(locks=1)


def test_a_new_title_or_a_cancel_of_a_locked_in_booking_is_no_lock() -> None:
    one, other = pair(ADA, BEN, State.LOCKED_IN)
    titled, cancelled = edit(one, other), edit(one, other)
    titled.revise(replace(one, title="My thesis"))
    cancelled.cancel(one)
    for editor in (titled, cancelled):
        assert editor.changes()
        assert commit_metrics_of(editor.changes(), NOON) == CommitMetrics()
