"""Choice of the random pairs of a large slot that are read in full, because breaking them may gain a pair (R21)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from random import Random

from chalicelib.domain.slot_matching.blossom import FREE
from chalicelib.domain.slot_matching.candidate import Candidate
from chalicelib.domain.slot_matching.candidate_pool import CandidatePool
from chalicelib.domain.slot_matching.slot_plan import Pair

# Choice limits: unmatched candidates, pairs for each of them, and pairs for every two kinds (for longer augmenting
# paths). If there is an augmenting path, one leads through these pairs, unless blocks exclude nearly all of them.
MAX_UNMATCHED, PAIRS_PER_CANDIDATE, PAIRS_PER_KINDS = 64, 16, 32


def choose_pairs(
    unmatched: Sequence[Candidate], pairs: Sequence[tuple[Candidate, Candidate]], rng: Random
) -> list[Pair]:
    """Return the ids of pairs that may be on an augmenting path, chosen at random.

    The candidates of `pairs` need only the id, gender and gender preference. Those of `unmatched` need every field.
    """
    pool = CandidatePool(unmatched, pairs, rng)
    chosen = dict.fromkeys((*_next_to_unmatched(pool), *_of_each_kinds(pool)))
    return [(pool.ids[one], pool.ids[pool.initial_mate[one]]) for one in chosen]


def _next_to_unmatched(pool: CandidatePool) -> Iterator[int]:
    """Yield one member of each pair that has a member compatible with an unmatched candidate.

    An unmatched candidate without such a pair does not count towards the limit.
    """
    unmatched = (n for n, partner in enumerate(pool.initial_mate) if partner == FREE)
    found = (
        [min(n, pool.initial_mate[n]) for n in islice(_compatible_in_pairs(pool, one), PAIRS_PER_CANDIDATE)]
        for one in unmatched
    )
    yield from chain.from_iterable(islice(filter(None, found), MAX_UNMATCHED))


def _compatible_in_pairs(pool: CandidatePool, one: int) -> Iterator[int]:
    """Return the paired candidates compatible with `one`. The numbers are random, so the order is too."""
    return (n for n, partner in enumerate(pool.initial_mate) if partner != FREE and pool.compatible(one, n))


def _of_each_kinds(pool: CandidatePool) -> Iterator[int]:
    """Yield one member of each pair, up to the limit for every two kinds."""
    seen: Counter[frozenset[int]] = Counter()
    for n, partner in enumerate(pool.initial_mate):
        if n < partner:
            kinds = frozenset((pool.kind_of[n], pool.kind_of[partner]))
            seen[kinds] += 1
            if seen[kinds] <= PAIRS_PER_KINDS:
                yield n
