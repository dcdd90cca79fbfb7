"""The Mann-Whitney U test gives published and hand-computed values, and finds a shift in noise."""

from itertools import permutations
from math import exp
from random import Random

import pytest

from bench.mann_whitney import combined_p, p_value, u_statistic

# The example in the documentation of SciPy's `mannwhitneyu` (ages at diagnosis), with method="asymptotic".
MALES, FEMALES = [19, 22, 16, 29, 24], [20, 11, 17, 12]


def test_the_published_example_gives_the_published_values() -> None:
    assert (u_statistic(MALES, FEMALES), u_statistic(FEMALES, MALES)) == (17, 3)
    assert p_value(MALES, FEMALES) == pytest.approx(0.11134688653314041, rel=1e-12)


def test_ties_share_their_mean_rank_and_narrow_the_deviation() -> None:
    """Compare with a result by hand. The ranks 1 3 3 and 3 5.5 5.5 give U = 1, and ties of 24 + 6 the root of 4.5."""
    one, other = [1, 2, 2], [2, 3, 3]
    assert (u_statistic(one, other), u_statistic(other, one)) == (1, 8)
    assert p_value(one, other) == pytest.approx(0.15729920705028513, rel=1e-12)


def test_the_order_of_values_and_of_samples_does_not_matter() -> None:
    assert len({p_value(one, FEMALES) for one in permutations(MALES)}) == 1
    assert p_value(MALES, FEMALES) == p_value(FEMALES, MALES)


def test_equal_samples_cannot_be_distinguished() -> None:
    assert p_value([3.0] * 9, [3.0] * 7) == 1
    assert p_value(MALES, MALES) == 1


def test_a_shift_by_a_third_of_the_spread_is_found_in_300_values() -> None:
    rng = Random(1)
    one, other = ([rng.expovariate(1) for _ in range(300)] for _ in range(2))
    assert p_value(one, other) > 0.01
    assert p_value(one, [value + 0.33 for value in other]) < 0.0001


def test_one_comparison_in_a_hundred_is_below_one_percent_by_chance() -> None:
    rng = Random(2)
    samples = ([[rng.gauss(0, 1) for _ in range(100)] for _ in range(2)] for _ in range(2000))
    assert 8 <= sum(p_value(*pair) < 0.01 for pair in samples) <= 33


def test_probabilities_combine_by_fishers_method() -> None:
    """Compare with published quantiles of chi square, which is twice the negative logarithm of the product."""
    for quantile, freedom, p in ((16.8119, 6, 0.01), (9.4877, 4, 0.05), (12.5916, 6, 0.05)):
        assert combined_p([exp(-quantile / freedom)] * (freedom // 2)) == pytest.approx(p, rel=1e-4)
    assert combined_p([0.2]) == pytest.approx(0.2)
    assert combined_p([1.0, 1.0, 1.0]) == 1
    assert combined_p([0.0, 0.5]) == 0
