"""Bookings, their states and their queue positions."""

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from chalicelib.domain.model.booking import (
    Booking,
    BookingChange,
    ChangeKind,
    Partner,
    PartnerPreference,
    QueuePosition,
    State,
)
from chalicelib.domain.model.member import Activity, WorkStyle
from chalicelib.domain.model.title import long_title_digest
from tests.domain.samples import CUTOFF, INSTANT, NOON, SLOT, pair, waiting

QUIET = WorkStyle(Activity.DESK, quiet=True)
ADA, BEN = waiting("ada"), waiting("ben", work_style=QUIET)
MATCHED = pair(ADA, BEN)[0]
LOCKED_IN = pair(ADA, BEN, State.LOCKED_IN)[0]
CANCELLED = ADA.cancelled(NOON)
POSITION = QueuePosition(displaced=True, since=NOON)


def test_r13_r20_a_queue_has_displaced_members_first_then_the_longest_waiting() -> None:
    queue = [
        QueuePosition(displaced=True, since=NOON),
        QueuePosition(displaced=True, since=NOON + INSTANT),
        QueuePosition(displaced=False, since=NOON - INSTANT),
        QueuePosition(displaced=False, since=NOON),
    ]
    mixed = [queue[3], queue[1], queue[2], queue[0]]
    assert sorted(mixed, key=lambda position: position.sort_key) == queue


def test_a_new_booking_has_no_preference_and_no_history() -> None:
    assert Booking("id", "ada", SLOT, NOON, State.WAITING) == Booking(
        booking_id="id",
        member_id="ada",
        slot=SLOT,
        requested_at=NOON,
        state=State.WAITING,
        work_style=WorkStyle(Activity.ANYTHING, quiet=False),
        preference=PartnerPreference(favorites=False, named=None),
        cancelled_late=False,
        queue_shard=0,
        moved=False,
        lock_requested=False,
    )


def test_r36_a_booking_refers_to_a_long_title_by_its_digest() -> None:
    long = ADA.titled("a" * 65)
    assert (long.title, long.long_title) == ("a" * 65, long_title_digest("a" * 65))
    assert ADA.titled("short") == replace(ADA, title="short")
    assert long.titled("short") == replace(ADA, title="short")
    assert long.titled(None) == ADA


def test_r36_a_title_that_the_booking_has_already_changes_nothing() -> None:
    long, unread = ADA.titled("a" * 65), replace(ADA.titled("a" * 65), title=None)
    for booking in (long, unread):
        assert booking.titled("a" * 65) is booking
        assert booking.titled("b" * 65).title == "b" * 65
        assert booking.titled(None) == ADA
    # An earlier release kept long titles in the day.
    old = replace(ADA, title="a" * 65)
    assert old.titled("a" * 65) is old
    assert old.with_title_apart() == long
    assert ADA.titled("short").with_title_apart() == ADA.titled("short")


@pytest.mark.parametrize(("booking", "active"), [(ADA, True), (MATCHED, True), (LOCKED_IN, True), (CANCELLED, False)])
def test_r3_every_booking_but_a_cancelled_one_blocks_its_footprint(booking: Booking, active: bool) -> None:
    assert booking.active is active


@pytest.mark.parametrize(("booking", "final"), [(ADA, False), (MATCHED, True), (LOCKED_IN, False), (CANCELLED, False)])
def test_r22_only_a_random_match_becomes_final_at_the_cut_off(booking: Booking, final: bool) -> None:
    cut_off = SLOT.start - CUTOFF
    assert not booking.is_final(cut_off - INSTANT, CUTOFF)
    assert booking.is_final(cut_off, CUTOFF) is final


@pytest.mark.parametrize(
    ("booking", "completed"), [(ADA, False), (MATCHED, True), (LOCKED_IN, True), (CANCELLED, False)]
)
def test_a_booking_with_a_partner_is_completed_at_its_end(booking: Booking, completed: bool) -> None:
    assert not booking.is_completed(SLOT.end - INSTANT, attendance=False)
    assert booking.is_completed(SLOT.end, attendance=False) is completed


@pytest.mark.parametrize(
    ("own", "others", "completed"), [(NOON, NOON, True), (None, NOON, False), (NOON, None, False), (None, None, False)]
)
def test_r37_with_attendance_a_session_is_completed_once_both_joined(
    own: datetime | None, others: datetime | None, completed: bool
) -> None:
    assert MATCHED.partner
    booking = replace(MATCHED, joined_at=own, partner=replace(MATCHED.partner, joined_at=others))
    assert [booking.is_completed(now, attendance=True) for now in (SLOT.start, SLOT.end)] == [completed] * 2
    assert not replace(booking, partner=None).is_completed(SLOT.end, attendance=True)


def test_r3_a_pair_shows_each_half_the_other_with_its_work_style_and_leaves_the_queue() -> None:
    change = BookingChange(ChangeKind.LOCKED_IN, NOON)
    assert ADA.paired(BEN, State.LOCKED_IN, "pair", change) == replace(
        ADA,
        state=State.LOCKED_IN,
        queue_position=None,
        partner=Partner("ben", "pair", QUIET, None, BEN.requested_at),
        changes=(change,),
    )


def test_r18_a_booking_that_waits_again_has_lost_its_partner_and_its_requested_lock() -> None:
    change = BookingChange(ChangeKind.PARTNER_CANCELLED, NOON)
    requested = replace(LOCKED_IN, lock_requested=True, moved=True)
    assert requested.waiting(POSITION, change) == replace(
        ADA,
        queue_position=POSITION,
        changes=(change, *LOCKED_IN.changes),
        lock_requested=False,
        moved=True,
    )


def test_r13_a_booking_that_waits_again_keeps_its_last_change_unless_there_is_a_new_one() -> None:
    assert MATCHED.last_change is not None
    assert MATCHED.waiting(POSITION, None).last_change == MATCHED.last_change


def test_r13_a_booking_shows_its_last_three_changes_newest_first() -> None:
    booking, kinds = ADA, [ChangeKind.DISPLACED, ChangeKind.PARTNER_CANCELLED] * 2
    for minute, kind in enumerate(kinds):
        booking = booking.waiting(POSITION, BookingChange(kind, NOON + timedelta(minutes=minute)))
    newest = [BookingChange(kinds[minute], NOON + timedelta(minutes=minute)) for minute in (3, 2, 1)]
    assert booking.changes == tuple(newest)
    assert booking.last_change == newest[0]


@pytest.mark.parametrize("booking", [ADA, MATCHED, replace(LOCKED_IN, lock_requested=True)])
def test_r17_a_cancelled_booking_has_neither_partner_nor_queue_position_nor_requested_lock(booking: Booking) -> None:
    lost = (booking.partner.member_id,) if booking.partner else ()
    assert booking.cancelled(NOON - timedelta(days=1)) == replace(
        booking, state=State.CANCELLED, queue_position=None, partner=None, lock_requested=False, lost=lost
    )


def test_r17_a_cancel_within_the_last_hour_is_late() -> None:
    an_hour_before = SLOT.start - timedelta(hours=1)
    assert not ADA.cancelled(an_hour_before - INSTANT).cancelled_late
    assert ADA.cancelled(an_hour_before).cancelled_late


def test_r33_an_anonymous_booking_keeps_its_pair_and_loses_what_its_owner_entered() -> None:
    entered = replace(MATCHED, work_style=QUIET, preference=PartnerPreference(favorites=True), title="My thesis")
    assert entered.anonymous() == MATCHED


# What stays of a booking of a former member for the partner of that time. Each other field has its default.
KEPT_ANONYMOUS = {
    "booking_id",
    "member_id",
    "slot",
    "requested_at",
    "state",
    "queue_position",
    "partner",
    "cancelled_late",
    "queue_shard",
    "moved",
    "lock_requested",
    "changes",
    "joined_at",
    "seeks_again",
}


def test_r33_no_other_field_of_a_former_member_stays() -> None:
    """A new field is erased, or is named above."""
    entered = replace(
        MATCHED,
        work_style=QUIET,
        preference=PartnerPreference(favorites=True),
        title="My thesis",
        long_title="digest",
        repeat_id="one",
        lost=("another member",),
    )
    erased = set(Booking.__struct_fields__) - KEPT_ANONYMOUS
    assert {name for name in erased if getattr(entered, name) != getattr(MATCHED, name)} == erased
    assert entered.anonymous() == MATCHED


def test_r38_a_missed_booking_has_neither_a_partner_nor_a_request_for_a_lock() -> None:
    asked = replace(LOCKED_IN, lock_requested=True)
    assert asked.partner
    lost = (asked.partner.member_id,)
    assert asked.missed() == replace(asked, state=State.MISSED, partner=None, lock_requested=False, lost=lost)
