"""Repeats and their progress (R40)."""

from datetime import date, timedelta

from chalicelib.domain.model.repeat import (
    KEPT_SKIPPED,
    DueRepeats,
    Repeat,
    RepeatSchedule,
    SkippedOccurrence,
    Weekday,
    due_row,
    weekday_of,
)
from tests.domain.samples import NOON

# A Monday.
MONDAY = NOON.date()
REPEAT = Repeat(
    member_id="ada",
    repeat_id="repeat",
    weekdays=(Weekday.MONDAY, Weekday.SUNDAY),
    time="09:00",
    time_zone="UTC",
    minutes=50,
    first=MONDAY,
    changed_at=NOON,
    made_at=NOON,
)


def test_r40_a_week_begins_on_monday() -> None:
    assert [weekday_of(MONDAY + timedelta(days=n)) for n in range(8)] == [*Weekday, Weekday.MONDAY]


def test_r40_the_progress_is_that_of_each_weekday() -> None:
    sunday = MONDAY - timedelta(days=1)
    handled = REPEAT.handling(MONDAY).handling(sunday)
    assert handled.handled == {Weekday.MONDAY: MONDAY, Weekday.SUNDAY: sunday}
    assert (REPEAT.made_until, handled.made_until) == (None, MONDAY)
    later = MONDAY + timedelta(days=7)
    assert handled.handling(later).handled == {Weekday.MONDAY: later, Weekday.SUNDAY: sunday}


def test_r40_the_latest_skipped_occurrences_are_kept() -> None:
    repeat = REPEAT
    weeks = [timedelta(weeks=n) for n in range(KEPT_SKIPPED + 1)]
    for week in weeks:
        repeat = repeat.skipping(MONDAY + week, NOON + week, "time_conflict")
    assert repeat.skipped == tuple(SkippedOccurrence(NOON + week, "time_conflict") for week in weeks[1:])
    assert repeat.handled == {Weekday.MONDAY: date(2026, 3, 2) + weeks[-1]}


def test_r40_a_schedule_is_in_the_list_of_due_members_while_an_occurrence_is_due() -> None:
    assert due_row(RepeatSchedule(member_id="ada")) is None
    assert due_row(RepeatSchedule(member_id="ada", due=NOON, version=3)) == DueRepeats(member_id="ada", due=NOON)
