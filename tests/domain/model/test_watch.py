"""Watches, their pause of an hour and the bound of their rounds (R36, R45)."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from chalicelib.domain.model.watch import MOST_ROUNDS, PAUSE, ROUND_KEPT, Watcher, unused_hour
from tests.harness import MONDAY

WATCHER = Watcher(favorite_id="favorite", member_id="watcher", made_at=MONDAY, notified_at=MONDAY)


@pytest.mark.parametrize(
    ("after", "silent"),
    [(timedelta(0), True), (PAUSE - timedelta(seconds=1), True), (PAUSE, False), (timedelta(seconds=-1), False)],
)
def test_r45_a_watch_is_silent_for_an_hour_and_not_by_a_clock_that_was_set_back(after: timedelta, silent: bool) -> None:
    assert WATCHER.is_silent(MONDAY + after) is silent


def test_r45_a_watch_without_an_event_is_not_silent() -> None:
    assert not replace(WATCHER, notified_at=None).is_silent(MONDAY)


def test_r36_an_hour_has_ten_rounds_and_the_next_hour_has_ten_again() -> None:
    count = unused_hour("favorite", MONDAY)
    for number in range(MOST_ROUNDS):
        assert (len(count.changes), count.is_over(MONDAY)) == (number, False)
        count = count.counting(f"{number}", MONDAY + timedelta(minutes=number))
    assert count.is_over(MONDAY + timedelta(minutes=59))
    assert not count.is_over(MONDAY + timedelta(hours=1))
    later = count.counting("later", MONDAY + timedelta(hours=1))
    assert (later.changes, later.expires) == (("later",), MONDAY + timedelta(hours=1) + ROUND_KEPT)
