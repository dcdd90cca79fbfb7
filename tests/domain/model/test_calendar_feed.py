"""Tests of calendar feeds as values."""

from datetime import timedelta

from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.calendar_feed import shows
from tests.harness import MONDAY, at


def test_r44_a_feed_shows_a_session_for_30_days_after_its_end() -> None:
    booking = Booking("one", "a", at(1), MONDAY, State.WAITING)
    assert shows(booking, MONDAY)
    assert shows(booking, at(1).end + timedelta(days=30, seconds=-1))
    assert not shows(booking, at(1).end + timedelta(days=30))
