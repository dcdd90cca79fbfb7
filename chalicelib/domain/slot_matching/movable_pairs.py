"""Which random pairs of a large slot are looked at where some must be moved: by who would be left (R21)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from random import Random

from chalicelib.domain.slot_matching.blossom import FREE
from chalicelib.domain.slot_matching.candidate import Candidate
from chalicelib.domain.slot_matching.candidate_pool import CandidatePool
from chalicelib.domain.slot_matching.slot_plan import Pair

# For each of so many who would be left and suit anybody, so many that suit and are in a pair; and of every two kinds
# that are paired so many pairs, for longer ways. Where there is a way at all there is one among so many, unless blocks
# among those who are paired shut nearly all of them.
MOST_LEFT, FOR_EACH, OF_EACH_KIND = 64, 16, 32


def choose_pairs(left: Sequence[Candidate], pairs: Sequence[tuple[Candidate, Candidate]], rng: Random) -> list[Pair]:
    """The pairs that may be of use to those left, drawn by chance.

    Of `pairs` no more needs to be known than gender and preference; of `left` everything.
    """
    pool = CandidatePool(left, pairs, rng)
    useful = dict.fromkeys((*_within_reach(pool), *_of_each_kind(pool)))
    return [(pool.ids[one], pool.ids[pool.before[one]]) for one in useful]


def _within_reach(pool: CandidatePool) -> Iterator[int]:
    """One of each pair that somebody left could break up; whoever suits nobody takes up no place of others."""
    alone = (n for n, partner in enumerate(pool.before) if partner == FREE)
    reached = ([min(n, pool.before[n]) for n in islice(_suiting(pool, one), FOR_EACH)] for one in alone)
    yield from chain.from_iterable(islice(filter(None, reached), MOST_LEFT))


def _suiting(pool: CandidatePool, one: int) -> Iterator[int]:
    """Those in pairs who suit somebody, in random order as everybody is numbered."""
    return (n for n, partner in enumerate(pool.before) if partner != FREE and pool.fit(one, n))


def _of_each_kind(pool: CandidatePool) -> Iterator[int]:
    """One of each pair, so many of every two kinds."""
    seen: Counter[frozenset[int]] = Counter()
    for n, partner in enumerate(pool.before):
        if n < partner:
            kinds = frozenset((pool.kind_of[n], pool.kind_of[partner]))
            seen[kinds] += 1
            if seen[kinds] <= OF_EACH_KIND:
                yield n
