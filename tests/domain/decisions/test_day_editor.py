"""The editor of days. Every test compares whole bookings or whole days."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from msgspec.structs import replace

from chalicelib.domain.decisions.day_editor import DayChange, DayEditor, StaleRead, partner_booking, partners_of
from chalicelib.domain.model.booking import (
    Booking,
    BookingChange,
    ChangeKind,
    Partner,
    PartnerPreference,
    QueuePosition,
    State,
)
from chalicelib.domain.model.day import Day, Days
from chalicelib.domain.model.member import WorkStyle
from chalicelib.domain.model.slot import Slot
from tests.domain.samples import NOON, OVERNIGHT, SLOT, days_of, pair, waiting

DATE = SLOT.date
TOMORROW = DATE + timedelta(days=1)
MIDNIGHT = NOON.replace(hour=0) + timedelta(days=1)
QUIET = WorkStyle(quiet=True)
ADA, BEN, CY = waiting("ada"), waiting("ben"), waiting("cy", queue_shard=3)
MATCHED = pair(ADA, BEN)
LOCKED_IN = pair(replace(ADA, lock_requested=True), BEN, State.LOCKED_IN)


def edit(*bookings: Booking, more: tuple[Day, ...] = ()) -> DayEditor:
    return DayEditor(Days([*days_of(*bookings), *more]), "operation", NOON)


def written(editor: DayEditor) -> dict[tuple[str, object], Day]:
    """Return the changed days by key, without what a write adds to every day."""
    changes = editor.changes()
    assert all(change.after.version == change.before.written_by("operation").version for change in changes)
    assert all(change.after.operations[-1:] == ("operation",) for change in changes)
    return {change.after.key: replace(change.after, version=0, operations=()) for change in changes}


def bookings_after(editor: DayEditor) -> dict[str, Booking]:
    """Return the only booking of each changed day, by member."""
    found = {}
    for day in written(editor).values():
        (found[day.member_id],) = day.bookings
    return found


def waits(booking: Booking, kind: ChangeKind) -> Booking:
    """Return the booking as it waits since noon after a change of this kind."""
    return booking.waiting(QueuePosition(kind is ChangeKind.DISPLACED, booking.requested_at), BookingChange(kind, NOON))


def test_only_changed_days_are_written_with_the_next_version_and_the_operation() -> None:
    days = days_of(ADA, BEN)
    editor = DayEditor(days, "operation", NOON)
    assert editor.changes() == ()
    titled = replace(ADA, title="My thesis")
    editor.revise(titled)
    before = days["ada", DATE]
    after = Day("ada", DATE, version=2, bookings=(titled,), operations=("operation",))
    assert editor.changes() == (DayChange(before, after),)
    assert before.bookings == (ADA,)
    assert editor.booking(ADA) == titled
    editor.revise(ADA)
    assert editor.changes() == ()


def test_r20_a_new_booking_waits_at_the_end_of_the_queue() -> None:
    editor = edit(more=(Day("ada", DATE),))
    editor.queue(replace(ADA, queue_position=None))
    queued = replace(ADA, queue_position=QueuePosition(displaced=False, since=NOON))
    assert written(editor) == {("ada", DATE): Day("ada", DATE, bookings=(queued,))}


def test_r20_a_new_booking_records_the_partners_of_the_days_before() -> None:
    past = Slot(SLOT.start - timedelta(days=2), 50)
    earlier, _ = pair(waiting("ada", past), waiting("cy", past))
    editor = edit(earlier, more=(Day("ada", DATE),))
    editor.add_booking(ADA)
    assert written(editor) == {("ada", DATE): Day("ada", DATE, bookings=(ADA,), met={"cy": 2})}


def test_r3_a_booking_past_midnight_blocks_the_next_day_until_it_is_cancelled() -> None:
    booking = waiting("ada", OVERNIGHT)
    editor = edit(more=(Day("ada", DATE), Day("ada", TOMORROW)))
    editor.add_booking(booking)
    blocked = Day("ada", TOMORROW, overnight_until=MIDNIGHT + timedelta(minutes=30))
    assert written(editor) == {("ada", DATE): Day("ada", DATE, bookings=(booking,)), ("ada", TOMORROW): blocked}
    editor = edit(booking, more=(blocked,))
    editor.cancel(booking)
    assert written(editor)["ada", TOMORROW] == Day("ada", TOMORROW)


def test_r34_a_partner_sees_a_changed_work_style_and_no_title() -> None:
    one, other = MATCHED
    editor = edit(*MATCHED)
    titled = replace(one, title="My thesis")
    assert editor.revise(titled) == titled
    assert bookings_after(editor) == {"ada": titled}
    quiet = replace(one, work_style=QUIET)
    editor.revise(quiet)
    assert other.partner
    assert bookings_after(editor) == {
        "ada": quiet,
        "ben": replace(other, partner=replace(other.partner, work_style=QUIET)),
    }


def test_r37_a_member_who_joins_is_shown_as_joined_to_the_partner() -> None:
    one, other = MATCHED
    editor = edit(*MATCHED)
    joined = editor.join(one)
    assert other.partner
    assert joined == replace(one, joined_at=NOON)
    assert bookings_after(editor) == {
        "ada": joined,
        "ben": replace(other, partner=replace(other.partner, joined_at=NOON)),
    }


@pytest.mark.parametrize("lose", [DayEditor.cancel, DayEditor.part, DayEditor.displace_partner_of])
def test_r37_a_member_whose_partner_is_lost_has_to_join_the_next_one(
    lose: Callable[[DayEditor, Booking], object],
) -> None:
    """Else the next partner would see a member as present who left the room, and could not ask for another one."""
    joined = [replace(half, joined_at=NOON) for half in MATCHED]
    editor = edit(*joined, CY)
    lose(editor, joined[0])
    left = bookings_after(editor)["ben"]
    # The instant stays for a second chance of a member who gets no other partner (R38).
    assert left.joined_at == NOON
    editor.match(left, CY, "another pair")
    assert bookings_after(editor)["ben"].joined_at is None
    assert bookings_after(editor)["cy"].partner == Partner("ben", "another pair", WorkStyle(), None, left.requested_at)


def test_r37_a_member_who_is_locked_in_by_another_one_has_to_join_again() -> None:
    one, other = (replace(half, joined_at=NOON) for half in MATCHED)
    editor = edit(one, other, CY)
    editor.lock(one, CY, "another pair")
    assert editor.booking(CY).partner == Partner("ada", "another pair", WorkStyle(), None, one.requested_at)
    assert editor.booking(one).joined_at is None
    editor = edit(one, other)
    editor.lock(one, other, "another pair")
    assert [editor.booking(half).joined_at for half in (one, other)] == [NOON] * 2


def test_r18_the_partner_of_a_cancelled_booking_waits_and_records_who_cancelled() -> None:
    one, other = MATCHED
    editor = edit(*MATCHED)
    editor.cancel(one)
    left = replace(waits(other, ChangeKind.PARTNER_CANCELLED), lost=("ada",))
    assert written(editor) == {
        ("ada", DATE): Day("ada", DATE, bookings=(one.cancelled(NOON),), cancelled_on=DATE, cancelled_matches=1),
        ("ben", DATE): Day("ben", DATE, bookings=(left,), cancelled_by=((SLOT, "ada"),)),
    }
    assert left.queue_position == QueuePosition(displaced=False, since=other.requested_at)


def test_r47_a_cancel_by_a_suspension_counts_towards_no_limit() -> None:
    one, other = LOCKED_IN
    editor = edit(*LOCKED_IN)
    editor.cancel(one, counted=False)
    day = written(editor)["ada", DATE]
    assert (dict(day.cancelled_locks), day.cancelled_matches) == ({}, 0)
    assert bookings_after(editor)["ben"] == replace(waits(other, ChangeKind.PARTNER_CANCELLED), lost=("ada",))


def test_r36_a_cancel_counts_a_lock_that_the_owner_requested() -> None:
    one, other = LOCKED_IN
    editor = edit(*LOCKED_IN)
    editor.cancel(one)
    after = written(editor)["ada", DATE]
    assert (after.cancelled_locks, after.cancelled_on) == ({"ben": 1}, DATE)
    editor = edit(*LOCKED_IN)
    editor.cancel(other)
    assert [dict(day.cancelled_locks) for day in written(editor).values()] == [{}, {}]


def test_r36_a_cancel_counts_a_random_match_of_the_member_who_cancels_only() -> None:
    one, other = MATCHED
    for booking, counted in ((one, {"ada": 1, "ben": 0}), (other, {"ada": 0, "ben": 1})):
        editor = edit(*MATCHED)
        editor.cancel(booking)
        assert {day.member_id: day.cancelled_matches for day in written(editor).values()} == counted
    for booking, held in ((LOCKED_IN[0], LOCKED_IN), (LOCKED_IN[1], LOCKED_IN), (ADA, (ADA,))):
        editor = edit(*held)
        editor.cancel(booking)
        assert {day.cancelled_matches for day in written(editor).values()} == {0}


@pytest.mark.parametrize(
    ("earlier", "matches"),
    [
        ((), 0),
        ((ChangeKind.MATCHED,), 1),
        ((ChangeKind.PARTNER_CANCELLED, ChangeKind.MATCHED), 0),
        ((ChangeKind.MATCHED, ChangeKind.PARTNER_CANCELLED), 1),
        ((ChangeKind.DISPLACED, ChangeKind.MATCHED), 0),
        ((ChangeKind.LOCKED_IN, ChangeKind.MATCHED), 0),
    ],
)
@pytest.mark.parametrize(("requested", "locks"), [(True, {"ben": 1}), (False, {})])
def test_r36_a_cancelled_lock_over_a_random_match_counts_as_that_match_too(
    earlier: tuple[ChangeKind, ...], matches: int, requested: bool, locks: dict[str, int]
) -> None:
    changes = tuple(BookingChange(kind, NOON - timedelta(minutes=2)) for kind in earlier)
    held = pair(replace(ADA, lock_requested=requested, changes=changes), BEN, State.LOCKED_IN)
    editor = edit(*held)
    editor.cancel(held[0])
    after = {day.member_id: (day.cancelled_matches, dict(day.cancelled_locks)) for day in written(editor).values()}
    assert after == {"ada": (matches, locks), "ben": (0, {})}


def test_r36_a_displaced_partner_or_a_moved_pair_counts_no_cancelled_match() -> None:
    for lose_partner in (DayEditor.displace_partner_of, DayEditor.move):
        editor = edit(*MATCHED)
        lose_partner(editor, MATCHED[0])
        assert {day.cancelled_matches for day in written(editor).values()} == {0}


def test_r36_a_requested_lock_that_the_partner_cancelled_counts_no_later_cancel() -> None:
    one, other = LOCKED_IN
    editor = edit(*LOCKED_IN, CY)
    editor.cancel(other)
    left = editor.booking(one)
    assert not left.lock_requested
    editor.match(left, CY, "another pair")
    editor = edit(editor.booking(one), editor.booking(CY))
    editor.cancel(editor.booking(one))
    assert [dict(day.cancelled_locks) for day in written(editor).values()] == [{}, {}]


def test_r12_the_partner_of_a_displaced_booking_waits_at_the_head_of_the_queue() -> None:
    one, other = MATCHED
    editor = edit(*MATCHED)
    displaced = waits(other, ChangeKind.DISPLACED)
    assert editor.displace_partner_of(one) == displaced
    assert bookings_after(editor) == {"ben": displaced}
    assert displaced.queue_position == QueuePosition(displaced=True, since=displaced.requested_at)


def test_r12_without_a_partner_no_booking_is_displaced() -> None:
    editor = edit(ADA)
    assert editor.displace_partner_of(ADA) is None
    assert editor.changes() == ()


def test_r21_a_moved_booking_waits_at_the_head_of_the_queue_and_is_marked() -> None:
    one, _ = MATCHED
    editor = edit(*MATCHED)
    editor.move(one)
    assert bookings_after(editor) == {"ada": replace(waits(one, ChangeKind.DISPLACED), moved=True)}


def test_r1_both_members_of_a_parted_pair_wait_and_the_lock_of_the_blocker_counts() -> None:
    one, other = LOCKED_IN
    editor = edit(*LOCKED_IN)
    editor.part(one)
    assert bookings_after(editor) == {
        "ada": replace(waits(one, ChangeKind.PARTNER_CANCELLED), lost=("ben",)),
        "ben": replace(waits(other, ChangeKind.PARTNER_CANCELLED), lost=("ada",)),
    }
    assert dict(written(editor)["ada", DATE].cancelled_locks) == {"ben": 1}
    assert dict(written(editor)["ben", DATE].cancelled_locks) == {}
    # To the partner it is a cancel of the blocker (R1, R18).
    cancelling = edit(*LOCKED_IN)
    cancelling.cancel(one)
    assert written(editor)["ben", DATE] == written(cancelling)["ben", DATE]


def test_r36_a_match_of_two_displaced_members_counts_after_a_lock_too() -> None:
    eve = waiting("eve")
    editor = edit(*MATCHED, eve)
    left = editor.displace_partner_of(MATCHED[0])
    assert left
    editor.match(left, eve, "again", kind=ChangeKind.DISPLACED)
    for later, matches in ((NOON, 1), (NOON + timedelta(minutes=1), 0)):
        ben, other = (next(day.active) for day in written(editor).values() if day.member_id in ("ben", "eve"))
        if later > NOON:
            # Displaced once more, and waiting when the lock came.
            change = BookingChange(ChangeKind.DISPLACED, later)
            ben, other = (each.waiting(QueuePosition(True, NOON), change) for each in (ben, other))
        held = pair(ben, other, State.LOCKED_IN)
        cancelling = edit(*held)
        cancelling.cancel(held[0])
        assert written(cancelling)["ben", DATE].cancelled_matches == matches


@pytest.mark.parametrize("kind", [ChangeKind.MATCHED, ChangeKind.DISPLACED])
def test_r20_a_random_pair_is_mutual_in_the_queue_shard_of_the_second_with_the_given_change(kind: ChangeKind) -> None:
    editor = edit(ADA, CY)
    editor.match(ADA, CY, "pair", kind=kind)
    change = BookingChange(kind, NOON)
    assert bookings_after(editor) == {
        "ada": replace(ADA, queue_shard=3).paired(CY, State.MATCHED, "pair", change),
        "cy": CY.paired(ADA, State.MATCHED, "pair", change),
    }


def test_r12_a_lock_of_two_members_marks_who_requested_it() -> None:
    editor = edit(ADA, BEN)
    editor.lock(ADA, BEN, "pair")
    change = BookingChange(ChangeKind.LOCKED_IN, NOON)
    assert bookings_after(editor) == {
        "ada": replace(ADA, lock_requested=True).paired(BEN, State.LOCKED_IN, "pair", change),
        "ben": BEN.paired(ADA, State.LOCKED_IN, "pair", change),
    }


def test_r12_two_matched_members_keep_their_pair_id_in_a_lock() -> None:
    one, other = MATCHED
    editor = edit(*MATCHED)
    editor.lock(one, other, "another pair")
    partners = [booking.partner for booking in bookings_after(editor).values()]
    assert partners == [one.partner, other.partner]
    editor = edit(*MATCHED, CY)
    editor.lock(one, CY, "another pair")
    assert editor.booking(CY).partner == Partner("ada", "another pair", WorkStyle(), None, one.requested_at)


def test_r33_an_erased_day_keeps_only_anonymous_pairs() -> None:
    entered = {"title": "My thesis", "preference": PartnerPreference(favorites=True), "work_style": QUIET}
    one, other = pair(replace(ADA, **entered), BEN)
    later = Slot(SLOT.start + timedelta(hours=2), 50)
    alone = replace(waiting("ada", later), booking_id="waits")
    cancelled = replace(waiting("ada", later).cancelled(NOON), booking_id="cancelled")
    records = Day(
        "ada",
        DATE,
        bookings=(one, alone, cancelled),
        cancelled_by=((SLOT, "cy"),),
        met={"cy": 1},
        cancelled_locks={"cy": 1},
        cancelled_on=DATE,
        cancelled_matches=1,
    )
    editor = edit(other, more=(records,))
    editor.erase(("ada", DATE))
    plain, plain_other = pair(ADA, BEN)
    assert written(editor) == {
        ("ada", DATE): Day("ada", DATE, bookings=(plain,)),
        ("ben", DATE): Day("ben", DATE, bookings=(plain_other,)),
    }


def test_r33_an_erased_day_without_a_change_is_written_so_that_a_decision_on_an_earlier_read_conflicts() -> None:
    editor = edit(*MATCHED)
    editor.erase(("ada", DATE))
    (change,) = editor.changes()
    assert (change.before.version, change.after.version, change.deleted) == (1, 2, False)
    assert change.after.bookings == change.before.bookings


def test_r33_an_erased_waiting_booking_past_midnight_unblocks_the_next_day() -> None:
    booking = waiting("ada", OVERNIGHT)
    blocked = Day("ada", TOMORROW, overnight_until=MIDNIGHT + timedelta(minutes=30))
    editor = edit(booking, more=(blocked,))
    editor.erase(("ada", DATE))
    assert written(editor) == {("ada", DATE): Day("ada", DATE), ("ada", TOMORROW): Day("ada", TOMORROW)}


def test_r3_the_partner_booking_is_the_one_that_names_the_other() -> None:
    one, other = MATCHED
    assert partner_booking(one, days_of(*MATCHED)) == other


@pytest.mark.parametrize(
    "other",
    [
        BEN,
        BEN.cancelled(NOON),
        pair(BEN, CY)[0],
        pair(BEN, ADA, pair_id="another pair")[0],
        pair(BEN, ADA, State.LOCKED_IN)[0],
    ],
)
def test_r3_reads_in_which_a_pair_is_not_mutual_are_stale(other: Booking) -> None:
    with pytest.raises(StaleRead):
        partner_booking(MATCHED[0], days_of(MATCHED[0], other))


def test_the_days_of_partners_follow_from_the_paired_bookings() -> None:
    assert list(partners_of([MATCHED[0], CY, LOCKED_IN[1]])) == [("ben", DATE), ("ada", DATE)]
