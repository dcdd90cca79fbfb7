"""Which random pairs of a large slot are looked at where some must be moved: by who would be left (R21)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from random import Random

from chalicelib.domain.blossom import FREE
from chalicelib.domain.company import Company
from chalicelib.domain.entrant import Entrant
from chalicelib.domain.finalizing import Pair

# For each of so many who would be left and suit anybody, so many that suit and are in a pair; and of every two kinds
# that are paired so many pairs, for longer ways. Where there is a way at all there is one among so many, unless blocks
# among those who are paired shut nearly all of them.
MOST_LEFT, FOR_EACH, OF_EACH_KIND = 64, 16, 32


def choose_pairs(left: Sequence[Entrant], pairs: Sequence[tuple[Entrant, Entrant]], chance: Random) -> list[Pair]:
    """The pairs that may be of use to those left, drawn by chance.

    Of `pairs` no more needs to be known than gender and preference; of `left` everything.
    """
    company = Company(left, pairs, chance)
    useful = dict.fromkeys((*_within_reach(company), *_of_each_kind(company)))
    return [(company.ids[one], company.ids[company.before[one]]) for one in useful]


def _within_reach(company: Company) -> Iterator[int]:
    """One of each pair that somebody left could break up; whoever suits nobody takes up no place of others."""
    alone = (n for n, partner in enumerate(company.before) if partner == FREE)
    reached = ([min(n, company.before[n]) for n in islice(_suiting(company, one), FOR_EACH)] for one in alone)
    yield from chain.from_iterable(islice(filter(None, reached), MOST_LEFT))


def _suiting(company: Company, one: int) -> Iterator[int]:
    """Those in pairs who suit somebody, in random order as everybody is numbered."""
    return (n for n, partner in enumerate(company.before) if partner != FREE and company.fit(one, n))


def _of_each_kind(company: Company) -> Iterator[int]:
    """One of each pair, so many of every two kinds."""
    seen: Counter[frozenset[int]] = Counter()
    for n, partner in enumerate(company.before):
        if n < partner:
            kinds = frozenset((company.kind_of[n], company.kind_of[partner]))
            seen[kinds] += 1
            if seen[kinds] <= OF_EACH_KIND:
                yield n
