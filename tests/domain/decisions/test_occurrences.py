"""Local dates of repeats become instants, also where the clocks of a time zone change (R40)."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from dateutil.rrule import DAILY, FR, MO, SU, WEEKLY, rrule
from msgspec.structs import replace

from chalicelib.domain.decisions.occurrences import (
    RepeatOccurrence,
    next_due,
    occurrence_start,
    occurrences,
    slot_of,
)
from chalicelib.domain.model import time_zone
from chalicelib.domain.model.repeat import MADE_AHEAD, Repeat, Weekday
from chalicelib.domain.model.slot import Slot
from chalicelib.domain.model.time_zone import zone_of

QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ZONES = sorted(time_zone._time_zones())
# Ten years with the changes that countries made at short notice, and ten years of the rules that are known today.
DECADES = [date(2016, 1, 1), date(2026, 1, 1)]
YEARS = 10
# Zones with changes of half an hour, at midnight, twice a year for Ramadan, at 22:00 and of the whole offset.
SAMPLE = [
    "Europe/Vienna",
    "Australia/Lord_Howe",
    "America/New_York",
    "America/Santiago",
    "Africa/Casablanca",
    "America/Nuuk",
    "Asia/Pyongyang",
    "Asia/Kathmandu",
]
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def repeat(weekdays: tuple[Weekday, ...] = tuple(Weekday), **fields: Any) -> Repeat:
    """Return a repeat at nine o'clock UTC from the Monday of `NOON`."""
    start = {"time": "09:00", "time_zone": "UTC", "minutes": 50, "first": NOON.date()}
    known = {"changed_at": NOON, "made_at": NOON, **start, **fields}
    return Repeat(member_id="ada", repeat_id="one", weekdays=weekdays, **known)


def shown_by_a_clock(instant: datetime, zone: str) -> datetime:
    """Return what a local clock shows at an instant. Only this direction of the database is used here."""
    return instant.astimezone(zone_of(zone)).replace(tzinfo=None)


def instant_by_walking(local: datetime, zone: str) -> datetime:
    """Walk along the local clock to the first instant that shows a local time.

    If no instant does, the offset before the gap counts.
    """
    near = local.replace(tzinfo=UTC)
    offsets = {
        shown_by_a_clock(near + HOUR * n, zone) - (near + HOUR * n).replace(tzinfo=None) for n in range(-28, 29, 8)
    }
    if len(offsets) == 1:
        return near - offsets.pop()
    walk = [near - HOUR * 28 + QUARTER * n for n in range(56 * 4)]
    shown = [shown_by_a_clock(instant, zone) for instant in walk]
    if local in shown:
        return walk[shown.index(local)]
    # The last instant before the clock jumps over the local time.
    before = next(n for n, (one, other) in enumerate(pairwise(shown)) if one < local < other)
    return walk[before] + (local - shown[before])


def check_daily(zone: str, at: time, first: date) -> None:
    """Compare ten years of a daily occurrence with the walk along the clock, for each date of the calendar's rule."""
    begin = datetime.combine(first, at)
    dates = rrule(DAILY, dtstart=begin, until=begin.replace(year=first.year + YEARS))
    expected = [RepeatOccurrence(instant_by_walking(local, zone), local.date()) for local in dates]
    changed_at = expected[0].start - QUARTER
    daily = repeat(time=f"{at:%H:%M}", time_zone=zone, first=first, changed_at=changed_at)
    found = occurrences(daily, expected[-1].start)
    assert found == expected
    starts = [one.start for one in found]
    # None twice, and none missing: one for each date of ten years.
    assert len(set(starts)) == len(starts) >= 365 * YEARS
    assert starts == sorted(starts)


@pytest.mark.parametrize("at", [time(2, 30), time(9)], ids=str)
@pytest.mark.parametrize(
    "zone", [zone if zone in SAMPLE[:2] else pytest.param(zone, marks=pytest.mark.long) for zone in SAMPLE]
)
def test_r40_each_date_of_ten_years_has_one_occurrence_at_the_right_instant(zone: str, at: time) -> None:
    check_daily(zone, at, DECADES[0])


@pytest.mark.long  # Walks along the clocks of 600 zones for twenty years.
@pytest.mark.parametrize("first", DECADES, ids=str)
@pytest.mark.parametrize("part", range(8))
def test_r40_each_date_has_one_occurrence_in_every_zone(part: int, first: date) -> None:
    assert len(ZONES) > 590
    for zone in ZONES[part::8]:
        for at in (time(2, 30), time(9)):
            check_daily(zone, at, first)


@pytest.mark.parametrize(
    ("zone", "on", "at", "instant"),
    [
        ("Europe/Vienna", date(2026, 3, 28), time(2, 30), "2026-03-28T01:30"),
        # The clock jumps from 02:00 to 03:00, so half past two is half past three.
        ("Europe/Vienna", date(2026, 3, 29), time(2, 30), "2026-03-29T01:30"),
        ("Europe/Vienna", date(2026, 3, 30), time(2, 30), "2026-03-30T00:30"),
        # It shows half past two twice. The first time is still summer time.
        ("Europe/Vienna", date(2026, 10, 25), time(2, 30), "2026-10-25T00:30"),
        ("Europe/Vienna", date(2026, 10, 26), time(2, 30), "2026-10-26T01:30"),
        # Half an hour.
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), "2026-10-03T15:45"),
        ("Australia/Lord_Howe", date(2026, 10, 5), time(2, 15), "2026-10-04T15:15"),
        ("Asia/Kathmandu", date(2026, 3, 2), time(9), "2026-03-02T03:15"),
        ("America/Nuuk", date(2026, 3, 28), time(23, 30), "2026-03-29T01:30"),
    ],
)
def test_r40_local_time_stays_a_gap_moves_it_and_the_first_of_two_counts(
    zone: str, on: date, at: time, instant: str
) -> None:
    assert occurrence_start(on, at, zone_of(zone)) == datetime.fromisoformat(f"{instant}+00:00")


def test_r40_a_date_that_a_zone_left_out_has_no_occurrence() -> None:
    samoa = zone_of("Pacific/Apia")
    starts = [occurrence_start(date(2011, 12, 29) + DAY * n, time(9), samoa) for n in range(3)]
    assert starts == [
        datetime(2011, 12, 29, 19, tzinfo=UTC),
        None,
        datetime(2011, 12, 30, 19, tzinfo=UTC),
    ]


def on_dates(found: list[RepeatOccurrence]) -> list[date]:
    return [one.on for one in found]


def test_r40_the_occurrences_of_some_weekdays_are_those_of_the_calendar_rule() -> None:
    chosen = repeat((Weekday.FRIDAY, Weekday.MONDAY, Weekday.SUNDAY), last=date(2026, 4, 30))
    rule = rrule(WEEKLY, byweekday=(MO, FR, SU), dtstart=date(2026, 3, 2), until=date(2026, 4, 30))
    # The first Monday at nine has passed at noon.
    assert on_dates(occurrences(chosen, NOON + DAY * 365)) == [local.date() for local in rule][1:]


def test_r40_the_first_and_the_last_date_count_in_local_time() -> None:
    # Midnight in Auckland is 11:00 UTC of the day before.
    early = repeat(time="00:00", time_zone="Pacific/Auckland", first=date(2026, 3, 5), last=date(2026, 3, 6))
    assert occurrences(early, NOON + DAY * 30) == [
        RepeatOccurrence(datetime(2026, 3, 4, 11, tzinfo=UTC), date(2026, 3, 5)),
        RepeatOccurrence(datetime(2026, 3, 5, 11, tzinfo=UTC), date(2026, 3, 6)),
    ]
    assert on_dates(occurrences(early, datetime(2026, 3, 4, 11, tzinfo=UTC))) == [date(2026, 3, 5)]
    assert occurrences(early, datetime(2026, 3, 4, 10, 59, tzinfo=UTC)) == []


def test_r40_handled_dates_of_a_weekday_do_not_come_back_and_a_new_weekday_begins_today() -> None:
    mondays = repeat((Weekday.MONDAY,)).handling(date(2026, 3, 9))
    until = NOON + DAY * 21
    assert on_dates(occurrences(mondays, until)) == [date(2026, 3, 16), date(2026, 3, 23)]
    with_fridays = replace(mondays, weekdays=(Weekday.MONDAY, Weekday.FRIDAY), time="10:00", changed_at=NOON + DAY)
    assert on_dates(occurrences(with_fridays, NOON + DAY * 14)) == [
        date(2026, 3, 6),
        date(2026, 3, 13),
        date(2026, 3, 16),
    ]


def test_r40_nothing_of_before_the_repeat_was_made_or_changed_is_an_occurrence() -> None:
    daily = repeat(first=date(2020, 1, 1), time="12:00")
    assert on_dates(occurrences(daily, NOON + DAY)) == [date(2026, 3, 3)]
    assert on_dates(occurrences(replace(daily, changed_at=NOON - QUARTER), NOON + DAY)) == [
        date(2026, 3, 2),
        date(2026, 3, 3),
    ]


def test_r40_the_next_due_instant_is_14_days_before_the_earliest_start() -> None:
    fridays = repeat((Weekday.FRIDAY,))
    later = repeat((Weekday.MONDAY,), first=date(2027, 3, 1))
    friday = datetime(2026, 3, 6, 9, tzinfo=UTC)
    assert next_due([later, fridays]) == friday - MADE_AHEAD
    assert next_due([later]) == datetime(2027, 3, 1, 9, tzinfo=UTC) - MADE_AHEAD
    assert next_due([]) is None
    assert next_due([replace(fridays, last=date(2026, 3, 5))]) is None
    assert next_due([fridays.handling(friday.date())]) == friday + DAY * 7 - MADE_AHEAD


def test_r40_an_occurrence_has_the_length_of_its_repeat() -> None:
    assert slot_of(repeat(minutes=75), RepeatOccurrence(NOON, NOON.date())) == Slot(NOON, 75)
