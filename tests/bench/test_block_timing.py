"""The comparison of response times calls every route in both worlds, and finds a difference of all seeds together."""

import pytest

from bench.block_timing import PROBED, TimingComparison, compare, distinguished, lines

SLOW, FAST = [2.0, 3.0, 4.0] * 10, [0.1, 0.2, 0.3] * 10


@pytest.mark.long  # Calls every route many times.
def test_r11_every_route_is_timed_as_often_before_as_after_a_block(engine_url: str) -> None:
    found = compare(engine_url, 9, 2, warm_up=0)
    assert [comparison.probe for comparison in found] == PROBED
    assert all(len(comparison.before) == len(comparison.after) == 2 for comparison in found)
    first, *rest = lines([found, found], [8, 9])
    assert "seed 9" in first
    *_, hits = rest
    assert len(rest) == len(PROBED) + 1
    assert hits.endswith(f"of {2 * len(PROBED)} at most 0.01, {len(PROBED) / 50:.2f} expected by chance")


def test_a_difference_of_all_seeds_together_is_reported() -> None:
    equal, slower = ([TimingComparison(PROBED[0], FAST, after)] for after in (FAST, SLOW))
    assert distinguished([equal, equal, equal]) == []
    assert distinguished([equal, slower, equal]) == [PROBED[0]]
    assert distinguished([slower]) == [PROBED[0]]
