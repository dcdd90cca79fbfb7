"""The bookings that a write of a day makes lockable (R8, R45)."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from chalicelib.domain.decisions.new_availability import newly_lockable
from chalicelib.domain.model.booking import Booking, QueuePosition, State
from chalicelib.domain.model.day import Day
from tests.harness import MONDAY, at

NINE = at(1)
WAITS = Booking("b", "ben", NINE, MONDAY, State.WAITING, queue_position=QueuePosition(displaced=False, since=MONDAY))
MATCHED, LOCKED, CANCELLED = (
    replace(WAITS, state=state, queue_position=None) for state in (State.MATCHED, State.LOCKED_IN, State.CANCELLED)
)


def day(*bookings: Booking) -> Day:
    return Day("ben", NINE.date, bookings=bookings)


@pytest.mark.parametrize("after", [WAITS, MATCHED])
@pytest.mark.parametrize(
    ("before", "news"), [(None, True), (LOCKED, True), (CANCELLED, True), (WAITS, False), (MATCHED, False)]
)
def test_r45_a_new_or_released_session_becomes_lockable(before: Booking | None, after: Booking, news: bool) -> None:
    assert newly_lockable(day(before) if before else day(), day(after), MONDAY) == ([after] if news else [])


def test_r45_a_first_day_has_only_new_sessions_and_a_locked_one_is_not_lockable() -> None:
    earlier = replace(WAITS, booking_id="a", slot=at(0.5, minutes=25))
    assert newly_lockable(None, day(WAITS, earlier), MONDAY) == [earlier, WAITS]
    assert newly_lockable(None, day(LOCKED, CANCELLED), MONDAY) == []


def test_r8_a_session_is_lockable_from_two_weeks_before_its_start_until_its_start() -> None:
    for now, lockable in (
        (NINE.start - timedelta(days=14, microseconds=1), False),
        (NINE.start - timedelta(days=14), True),
        (NINE.start - timedelta(microseconds=1), True),
        (NINE.start, False),
    ):
        assert newly_lockable(None, day(WAITS), now) == ([WAITS] if lockable else [])
