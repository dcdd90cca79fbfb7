"""Slots, footprints, the grid and the horizon (R3, R4, R30)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from chalicelib.domain.model.errors import InvalidRequest, TooLate
from chalicelib.domain.model.slot import Slot, check_bookable, dates_ahead, with_room

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

MINUTES = (25, 50, 75)
# A day, and on each side of a slot as many quarters as two of the longest take, and more.
QUARTERS, NEAR = range(96), range(-8, 9)


def two_slots() -> Iterator[tuple[Slot, Slot]]:
    """Yield every slot of a day with every slot that starts within two hours of it."""
    for quarter, away, *minutes in product(QUARTERS, NEAR, MINUTES, MINUTES):
        starts = (NOON + timedelta(minutes=15 * n) for n in (quarter, quarter + away))
        one, other = map(Slot, starts, minutes)
        yield one, other


@pytest.mark.parametrize(("minutes", "footprint"), [(25, 30), (50, 60), (75, 90)])
def test_r3_a_footprint_is_30_60_or_90_minutes(minutes: int, footprint: int) -> None:
    slot = Slot(NOON, minutes)
    assert slot.footprint_end == NOON + timedelta(minutes=footprint)
    assert slot.end == NOON + timedelta(minutes=minutes)


def test_r3_two_slots_overlap_exactly_if_they_share_a_minute() -> None:
    def minutes(slot: Slot) -> range:
        first = (slot.start - NOON) // timedelta(minutes=1)
        return range(first, first + (slot.footprint_end - slot.start) // timedelta(minutes=1))

    for one, other in two_slots():
        shared = set(minutes(one)).intersection(minutes(other))
        assert one.overlaps(other) == bool(shared) == other.overlaps(one)


def test_r3_every_overlapping_slot_lies_within_the_neighbourhood() -> None:
    for one, other in two_slots():
        if one.overlaps(other):
            assert set(other.dates) <= set(one.neighbourhood)


@pytest.mark.parametrize(
    ("hour", "minute", "minutes", "past"),
    [(23, 0, 50, False), (23, 15, 50, True), (23, 30, 25, False), (23, 45, 25, True), (22, 30, 75, False)],
)
def test_r3_a_footprint_ending_at_midnight_stays_in_its_day(hour: int, minute: int, minutes: int, past: bool) -> None:
    slot = Slot(NOON.replace(hour=hour, minute=minute), minutes)
    assert slot.past_midnight is past
    assert len(slot.dates) == 1 + past


def test_r4_slots_are_equal_only_with_the_same_start_and_length() -> None:
    assert Slot(NOON, 25) == Slot(NOON, 25)
    assert len({Slot(NOON, 25), Slot(NOON, 50), Slot(NOON + timedelta(minutes=15), 25)}) == 3


@pytest.mark.parametrize("day", [datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)])
def test_r30_footprints_are_right_to_the_minute_across_both_clock_changes(day: datetime) -> None:
    # In most of Europe the clocks change at 01:00 UTC on these dates. UTC instants are not affected.
    slot = Slot(day.replace(hour=0, minute=30), 75)
    assert slot.footprint_end == day.replace(hour=2)
    assert slot.overlaps(Slot(day.replace(hour=1, minute=45), 25))
    assert not slot.overlaps(Slot(day.replace(hour=2), 25))


@pytest.mark.parametrize("off", [timedelta(minutes=1), timedelta(seconds=1), timedelta(microseconds=1)])
def test_r30_a_start_off_the_quarter_hour_is_refused(off: timedelta) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        check_bookable(Slot(NOON + off, 25), NOON - timedelta(days=1))
    assert refusal.value.field == "startTime"


def test_r30_a_slot_is_bookable_until_its_start() -> None:
    check_bookable(Slot(NOON, 25), NOON - timedelta(microseconds=1))
    for now in (NOON, NOON + timedelta(days=1)):
        with pytest.raises(TooLate) as refusal:
            check_bookable(Slot(NOON, 25), now)
        assert refusal.value.field == "startTime"


def test_r30_the_horizon_is_exactly_13_weeks() -> None:
    check_bookable(Slot(NOON + timedelta(weeks=13), 25), NOON)
    with pytest.raises(InvalidRequest) as refusal:
        check_bookable(Slot(NOON + timedelta(weeks=13), 25), NOON - timedelta(microseconds=1))
    assert refusal.value.field == "startTime"


def test_r30_the_dates_ahead_end_one_day_after_the_horizon() -> None:
    dates = dates_ahead(NOON)
    assert dates[0] == NOON.date()
    assert dates[-2] == (NOON + timedelta(weeks=13)).date()
    assert len(dates) == 93


@pytest.mark.parametrize("minute", [0, 15, 30, 45])
def test_r30_every_quarter_hour_is_bookable(minute: int) -> None:
    check_bookable(Slot(NOON.replace(minute=minute), 25), NOON - timedelta(days=1))


@pytest.mark.parametrize(
    ("hour", "minute", "days"),
    [(1, 15, [-1, 0]), (1, 30, [0]), (12, 0, [0]), (21, 45, [0]), (22, 0, [0, 1]), (23, 45, [0, 1])],
)
def test_r3_the_neighbourhood_has_the_dates_within_the_longest_footprint(
    hour: int, minute: int, days: list[int]
) -> None:
    slot = Slot(NOON.replace(hour=hour, minute=minute), 25)
    assert slot.neighbourhood == tuple(NOON.date() + timedelta(days=day) for day in days)


@pytest.mark.parametrize("end", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_r30_the_ends_of_the_calendar_get_room_for_the_days_around_and_keep_their_time(end: datetime) -> None:
    moved = with_room(end)
    assert (moved.timetz(), with_room(moved)) == (end.timetz(), moved)
    assert Slot(moved, 75).neighbourhood
    assert (moved < NOON) is (end < NOON)
    assert with_room(NOON) == NOON
