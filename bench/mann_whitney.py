"""The Mann-Whitney U test of two samples, by the normal approximation with the corrections for ties and continuity.

Fisher's method combines the probabilities of independent tests.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import chain
from math import erfc, factorial, log, prod, sqrt


def u_statistic(one: Sequence[float], other: Sequence[float]) -> float:
    """Return U of the first sample, which is the number of pairs it wins. A tied pair counts half."""
    ranks = _ranks(one, other)
    return sum(ranks[value] for value in one) - len(one) * (len(one) + 1) / 2


def p_value(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the two-sided probability of a U this far from its mean if both samples have one distribution."""
    sizes, n = len(one) * len(other), len(one) + len(other)
    ties = sum(count**3 - count for count in Counter(chain(one, other)).values())
    deviation = sqrt(sizes / 12 * (n + 1 - ties / (n * (n - 1))))
    if not deviation:
        # All values are equal.
        return 1.0
    distance = max(abs(u_statistic(one, other) - sizes / 2) - 0.5, 0.0)
    return erfc(distance / deviation / sqrt(2))


def combined_p(probabilities: Sequence[float]) -> float:
    """Return the probability of a product this small if each is drawn evenly from 0 to 1 (Fisher's method)."""
    product = prod(probabilities)
    if not product:
        return 0.0
    return product * sum((-log(product)) ** k / factorial(k) for k in range(len(probabilities)))


def _ranks(one: Sequence[float], other: Sequence[float]) -> dict[float, float]:
    """Return the rank of each value in both samples together. Equal values share their mean rank."""
    ranks, before = {}, 0
    for value, count in sorted(Counter(chain(one, other)).items()):
        ranks[value] = before + (count + 1) / 2
        before += count
    return ranks
