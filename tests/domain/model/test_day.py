"""Days, and what they record about partners, cancels and writes."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

import pytest
from msgspec.structs import replace

from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.day import MOVED_TITLES, Day, Days, id_prefix
from chalicelib.domain.model.slot import Slot, day_start
from tests.domain.samples import NOON, OVERNIGHT, SLOT, days_of, pair, waiting

DATE = NOON.date()
EMPTY = Day("ada", DATE)
LATER = Slot(SLOT.start + timedelta(hours=2), 25)
WAITS = waiting("ada")
CANCELLED = replace(waiting("ada"), booking_id="cancelled").cancelled(NOON)
BEN, CY = "ben-0123456789", "cy-90123456789"


def numbered(number: int, *, active: bool) -> Booking:
    booking = replace(waiting("ada"), booking_id=f"booking {number}")
    return booking if active else booking.cancelled(NOON)


def day_with(partner: str, days_before: int) -> Day:
    """Return Ada's day of a past date, on which she had one partner."""
    slot = Slot(SLOT.start - timedelta(days=days_before), 50)
    own, _ = pair(waiting("ada", slot), waiting(partner, slot))
    return Day("ada", slot.date).with_booking(own)


def met_after(days: Iterable[Day]) -> Mapping[str, int]:
    return EMPTY.remembering(days).met


def test_a_cancelled_booking_is_found_by_its_id_only() -> None:
    day = EMPTY.with_booking(CANCELLED).with_booking(WAITS)
    assert day.find("cancelled") == CANCELLED
    assert day.find("another") is None
    assert list(day.active) == [WAITS]
    assert day.holding(SLOT) == WAITS
    assert EMPTY.with_booking(CANCELLED).holding(SLOT) is None


def test_r4_a_slot_with_the_same_start_and_another_length_is_another_slot() -> None:
    assert EMPTY.with_booking(WAITS).holding(Slot(SLOT.start, 25)) is None


def test_a_booking_replaces_the_one_with_its_id_and_moves_to_the_end() -> None:
    one, other = numbered(1, active=True), replace(numbered(2, active=True), slot=LATER)
    changed = replace(one, title="My thesis")
    assert EMPTY.with_booking(one).with_booking(other).with_booking(changed).bookings == (other, changed)


def test_a_day_keeps_the_last_four_cancelled_bookings_and_every_active_one() -> None:
    day = EMPTY.with_booking(numbered(0, active=True))
    for number in range(1, 7):
        day = day.with_booking(numbered(number, active=False))
    assert [booking.booking_id for booking in day.bookings] == [f"booking {number}" for number in (0, 3, 4, 5, 6)]


def test_r18_the_members_who_cancelled_are_recorded_for_one_slot() -> None:
    day = EMPTY.with_cancelled_by(SLOT, "ben").with_cancelled_by(SLOT, "cy")
    assert [day.was_cancelled_by(SLOT, other) for other in ("ben", "cy", "dee")] == [True, True, False]
    assert not day.was_cancelled_by(LATER, "ben")
    assert day.members_who_cancelled(SLOT) == {"ben", "cy"}
    assert day.members_who_cancelled(LATER) == frozenset()


def test_r18_a_day_keeps_the_latest_48_cancels_of_partners_by_the_prefixes_of_their_ids() -> None:
    day = EMPTY
    for number in range(50):
        day = day.with_cancelled_by(SLOT, f"{number:08} and more")
    assert day.cancelled_by == tuple((SLOT, f"{number:08}") for number in range(2, 50))
    # A second cancel of the same member is the latest one, and drops no other.
    again = day.with_cancelled_by(SLOT, "00000002").with_cancelled_by(LATER, "00000002")
    assert again.cancelled_by == (*day.cancelled_by[2:], (SLOT, "00000002"), (LATER, "00000002"))


def test_r20_a_day_records_its_own_partners_and_the_earlier_ones_by_id_prefix() -> None:
    own, _ = pair(WAITS, waiting(BEN))
    cancelled = replace(CANCELLED, slot=LATER)
    day = Day("ada", DATE, met={id_prefix(CY): 4}).with_booking(own).with_booking(cancelled)
    assert day.recently_met == {"ben-0123": 0, "cy-90123": 4}
    assert [day.days_since_pair_with(member) for member in (BEN, CY, "eve")] == [0, 4, None]


@pytest.mark.parametrize(
    ("days_before", "recent"), [(-1, False), (0, False), (1, True), (3, True), (7, True), (8, False)]
)
def test_r20_partners_of_the_seven_days_before_are_recent(days_before: int, recent: bool) -> None:
    assert met_after([day_with(BEN, days_before)]) == ({id_prefix(BEN): days_before} if recent else {})


def test_r20_the_latest_meeting_with_each_partner_counts() -> None:
    earlier = [day_with("ben", 3), day_with("cy", 1), day_with("dee", 2), day_with("cy", 4)]
    assert met_after(earlier) == {"cy": 1, "dee": 2, "ben": 3}
    known = replace(EMPTY, met={"eve": 5, "ben": 7, "dee": 0})
    assert known.remembering(earlier).met == {"dee": 0, "cy": 1, "ben": 3, "eve": 5}


def test_r20_a_day_keeps_the_last_eight_partners() -> None:
    known = {f"known {n}": 2 + n // 2 for n in range(8)}
    kept = replace(EMPTY, met=known).remembering([day_with("ben", 1)]).met
    assert kept == {"ben": 1, **{name: known[name] for name in list(known)[:-1]}}


def test_r20_a_cancelled_booking_is_no_meeting() -> None:
    past = day_with("ben", 1)
    assert met_after([past.with_booking(next(past.active).cancelled(NOON))]) == {}


def test_r36_cancelled_locks_count_by_target() -> None:
    day = EMPTY.with_cancelled_lock(BEN, DATE).with_cancelled_lock(CY, DATE).with_cancelled_lock(BEN, DATE)
    assert [day.cancelled_locks_with(target) for target in (BEN, CY, "eve")] == [2, 1, 0]
    assert day.cancelled_on == DATE


def test_r36_cancelled_matches_and_locks_of_one_date_count_beside_each_other() -> None:
    day = EMPTY.with_cancelled_match(DATE).with_cancelled_lock(BEN, DATE).with_cancelled_match(DATE)
    assert (day.cancelled_matches, day.cancelled_locks_with(BEN), day.cancelled_on) == (2, 1, DATE)
    tomorrow = DATE + timedelta(days=1)
    for later, counted in (
        (day.with_cancelled_match(tomorrow), (1, 0, tomorrow)),
        (day.with_cancelled_lock(BEN, tomorrow), (0, 1, tomorrow)),
    ):
        assert (later.cancelled_matches, later.cancelled_locks_with(BEN), later.cancelled_on) == counted


def test_r36_recorded_responses_of_one_date_count_beside_the_cancels() -> None:
    tomorrow = DATE + timedelta(days=1)
    day = EMPTY.with_cancelled_match(DATE).with_recorded_response(DATE).with_recorded_response(DATE)
    assert (day.recorded_responses, day.cancelled_matches, day.cancelled_on) == (2, 1, DATE)
    later = day.with_recorded_response(tomorrow)
    assert (later.recorded_responses, later.cancelled_matches, later.cancelled_on) == (1, 0, tomorrow)
    assert day.without_history() == EMPTY


def test_r33_an_erased_day_does_not_show_that_its_owner_blocked_another_member() -> None:
    assert replace(EMPTY, bumped_at=NOON).without_history() == EMPTY


def test_r36_cancelled_locks_of_an_earlier_date_do_not_count() -> None:
    day = EMPTY.with_cancelled_lock(BEN, DATE - timedelta(days=1)).with_cancelled_lock(CY, DATE)
    assert [day.cancelled_locks_with(target) for target in (BEN, CY)] == [0, 1]
    assert day.cancelled_on == DATE


def test_a_write_increments_the_version_and_keeps_the_last_eight_operations() -> None:
    day = first = EMPTY.written_by("operation 0")
    for number in range(1, 10):
        day = day.written_by(f"operation {number}")
    assert day.version == first.version + 9
    assert day.operations == tuple(f"operation {number}" for number in range(2, 10))


def test_r33_the_first_versions_of_a_day_differ_between_operations() -> None:
    """A day that was deleted and is written again has none of its versions before."""
    first = {EMPTY.written_by(f"operation {number}").version for number in range(1000)}
    assert len(first) == 1000
    assert min(first) > 0
    assert max(first) <= 2**31


def test_r33_a_day_is_empty_without_a_booking_and_without_the_end_of_one() -> None:
    assert EMPTY.written_by("operation").is_empty
    assert not replace(EMPTY, overnight_until=day_start(DATE) + timedelta(minutes=15)).is_empty


def test_days_of_a_range_include_those_never_written() -> None:
    written = Day("ada", DATE + timedelta(days=1), version=7)
    days = Days.whole("ada", DATE, DATE + timedelta(days=2), [written])
    assert list(days) == [EMPTY, written, Day("ada", DATE + timedelta(days=2))]


def test_days_that_were_read_again_replace_earlier_reads() -> None:
    again, ben = replace(EMPTY, version=2), Day("ben", DATE)
    days = Days([EMPTY, ben]) | Days([again])
    assert (days["ada", DATE], days["ben", DATE]) == (again, ben)
    assert list(days.of("ada")) == [again]


def test_a_member_holds_a_slot_only_in_an_own_day() -> None:
    days = days_of(WAITS, waiting("ben", LATER))
    assert days.holding("ada", SLOT) == WAITS
    assert days.holding("ben", SLOT) is None


def test_r3_overlapping_bookings_are_found_by_start_across_dates_and_members_are_separate() -> None:
    after_midnight = Slot(OVERNIGHT.start + timedelta(hours=1), 25)
    late, early = replace(waiting("ada", after_midnight), booking_id="late"), waiting("ada", OVERNIGHT)
    days = days_of(late, early, waiting("ben", OVERNIGHT), replace(WAITS, booking_id="noon"))
    wanted = Slot(OVERNIGHT.start + timedelta(minutes=30), 50)
    assert days.overlapping("ada", wanted) == [early, late]
    assert days.overlapping("ben", wanted) == [waiting("ben", OVERNIGHT)]


def test_r3_cancelled_bookings_and_adjacent_footprints_do_not_overlap() -> None:
    days = days_of(WAITS, replace(CANCELLED, slot=LATER))
    assert days.overlapping("ada", Slot(SLOT.start + timedelta(minutes=45), 25)) == [WAITS]
    assert days.overlapping("ada", Slot(SLOT.start + timedelta(minutes=60), 25)) == []
    assert days.overlapping("ada", LATER) == []


def test_r36_a_write_moves_8_long_titles_of_an_earlier_release_out_of_the_day() -> None:
    long, short = "a" * 65, "a" * 64
    old = [replace(WAITS, booking_id=f"booking {number}", title=long) for number in range(MOVED_TITLES + 2)]
    day = replace(EMPTY, bookings=(replace(WAITS, title=short), *old))
    moved = [booking.titled(long) for booking in (replace(one, title=None) for one in old[:MOVED_TITLES])]
    assert day.with_moved_titles().bookings == (replace(WAITS, title=short), *moved, *old[MOVED_TITLES:])
    assert day.with_moved_titles().with_moved_titles().bookings[-1] == old[-1].with_title_apart()
