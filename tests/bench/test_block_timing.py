"""The comparison of response times calls every route in both worlds, and finds a difference in most of the seeds."""

from bench.block_timing import PROBED, TimingComparison, compare, distinguished, lines

SLOW, FAST = [2.0, 3.0, 4.0] * 10, [0.1, 0.2, 0.3] * 10


def test_r11_every_route_is_timed_as_often_before_as_after_a_block(engine_url: str) -> None:
    found = compare(engine_url, 9, 2, warm_up=0)
    assert [comparison.probe for comparison in found] == PROBED
    assert all(len(comparison.before) == len(comparison.after) == 2 for comparison in found)
    first, *rest = lines([found, found], [8, 9])
    assert "seed 9" in first
    assert len(rest) == len(PROBED)


def test_a_difference_in_most_of_the_seeds_is_reported() -> None:
    equal, slower = ([TimingComparison(PROBED[0], FAST, after)] for after in (FAST, SLOW))
    assert distinguished([equal, slower, equal]) == []
    assert distinguished([slower, equal, slower]) == [PROBED[0].label]
    assert distinguished([slower]) == [PROBED[0].label]
