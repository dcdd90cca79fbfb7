"""The shape of a week."""

from datetime import UTC, datetime, timedelta

import pytest

from bench.week_shape import busiest_start, busiest_visits, starts_of_week, visits_of_week


def test_the_shares_of_a_week_are_one_whole() -> None:
    assert sum(starts_of_week().values()) == pytest.approx(1)
    assert sum(visits_of_week().values()) == pytest.approx(1)
    assert max(starts_of_week()) - min(starts_of_week()) < timedelta(days=7)


def test_each_hour_of_a_zone_is_divided_over_its_quarters() -> None:
    starts, visits = starts_of_week(), visits_of_week()
    nine = datetime(2026, 12, 1, 9, tzinfo=UTC)
    # Half an hour later full hours begin in Kolkata.
    assert starts[nine] == pytest.approx(0.7 * visits[nine] + 0.2 * visits[nine - timedelta(minutes=30)])


def test_the_busiest_start_is_in_the_morning_of_new_york_and_the_afternoon_of_europe() -> None:
    start, share = busiest_start()
    assert (start.weekday(), start.hour, start.minute) == (0, 14, 0)
    assert share == max(starts_of_week().values())
    visits, rate = busiest_visits()
    assert visits == start
    hour = timedelta(hours=1).total_seconds()
    assert rate * hour == pytest.approx(visits_of_week()[start] + visits_of_week()[start - timedelta(minutes=30)])
