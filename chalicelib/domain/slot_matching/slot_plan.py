"""Who is paired with whom when a slot is finalized: as many as can be, moving as little as that takes (R20, R21)."""

from collections.abc import Iterator, Sequence
from random import Random

from msgspec import Struct

from chalicelib.domain.slot_matching.blossom import FREE
from chalicelib.domain.slot_matching.bucketed_matching import match_bucketed
from chalicelib.domain.slot_matching.candidate import Candidate
from chalicelib.domain.slot_matching.candidate_pool import CandidatePool
from chalicelib.domain.slot_matching.exact_matching import match_exactly

# As long as no more than so many pairs fit, the graph of them is built and the matching exact. Where more do, almost
# everybody fits almost everybody, and chance is as good.
GRAPH_PAIRS = 150_000

Pair = tuple[str, str]


class Step(Struct, frozen=True):
    """One way from somebody who waits to another who does: it gains a pair, whatever becomes of the other steps.

    Where old pairs are given up, they and the pairs made stand in the order of the way, each beginning where the one
    before it ends: `made[0]`, `given_up[0]`, `made[1]`... So a long step can be cut after any `made` or before it, and
    nobody who had a partner is without one but the one at the cut.
    """

    new_pairs: tuple[Pair, ...]
    broken_pairs: tuple[Pair, ...] = ()


class Plan(Struct, frozen=True):
    """What is to become of a slot's random pairs. No more than `bound` pairs can be made of its entrants at all."""

    steps: tuple[Step, ...]
    bound: int

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The pairs that are made."""
        return tuple(pair for step in self.steps for pair in step.new_pairs)

    @property
    def moved(self) -> tuple[Pair, ...]:
        """The old pairs that are given up for them."""
        return tuple(pair for step in self.steps for pair in step.broken_pairs)

    def left_of(self, waiting: Sequence[Candidate]) -> list[Candidate]:
        """Those of the ones who wait for whom no pair is made."""
        partnered = {member for pair in self.pairs for member in pair}
        return [candidate for candidate in waiting if candidate.member_id not in partnered]


def plan_pairs(waiting: Sequence[Candidate], pairs: Sequence[tuple[Candidate, Candidate]], rng: Random) -> Plan:
    """Pair as many as can be paired at all, moving one of `pairs` only where that gains a pair (R21).

    Preferred, in this order: that nobody displaced is left out; those asked for; who works alike; who was not met
    lately; who waited longest. Equals are chosen at random (R20).
    """
    pool = CandidatePool(waiting, pairs, rng)
    match = match_exactly if pool.fitting_pairs() <= GRAPH_PAIRS else match_bucketed
    mate, bound = match(pool)
    return Plan(tuple(_steps(pool, mate)), bound)


def _steps(pool: CandidatePool, mate: list[int]) -> Iterator[Step]:
    """What leads from the pairs that were to a matching; exchanges that gain nobody a partner are left out."""
    reached: set[int] = set()
    for n, partner in enumerate(mate):
        if partner != FREE and pool.before[n] == FREE and n not in reached:
            givers, takers = [n], [partner]
            while (other := pool.before[takers[-1]]) != FREE:
                givers.append(other)
                takers.append(mate[other])
            reached.add(takers[-1])
            yield _shortest(pool, givers, takers)


def _shortest(pool: CandidatePool, givers: Sequence[int], takers: Sequence[int]) -> Step:
    """The step along a way that gives each of `givers` to the one of `takers` beside it, past the pairs it can pass."""
    new_pairs, broken_pairs = [], []
    at = 0
    while at < len(givers):
        to = max(n for n in range(at, len(takers)) if n == at or pool.fit(givers[at], takers[n]))
        new_pairs.append((pool.ids[givers[at]], pool.ids[takers[to]]))
        at = to + 1
        if at < len(givers):
            broken_pairs.append((pool.ids[takers[to]], pool.ids[givers[at]]))
    return Step(tuple(new_pairs), tuple(broken_pairs))
