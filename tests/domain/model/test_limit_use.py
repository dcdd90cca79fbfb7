"""Tests of the use of a limit."""

import pytest

from chalicelib.domain.model.limit_use import LimitUse


@pytest.mark.parametrize(
    ("quota", "used", "left", "near"),
    [
        (200, 180, 20, False),
        (200, 181, 19, True),
        (10, 6, 4, False),
        (10, 7, 3, True),
        (5, 6, 0, True),
        (0, 0, 0, True),
    ],
)
def test_r36_a_limit_is_near_with_three_or_less_than_a_tenth_left(quota: int, used: int, left: int, near: bool) -> None:
    use = LimitUse("bookings", quota, used, window=None, resets_in=None)
    assert (use.left, use.is_near) == (left, near)
