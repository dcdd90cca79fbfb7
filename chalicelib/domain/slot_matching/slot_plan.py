"""The plan of a slot. It has as many pairs as possible and breaks random pairs only to gain one (R20, R21)."""

from collections.abc import Iterator, Sequence
from random import Random

from msgspec import Struct

from chalicelib.domain.slot_matching.blossom import FREE
from chalicelib.domain.slot_matching.bucketed_matching import match_bucketed
from chalicelib.domain.slot_matching.candidate import Candidate
from chalicelib.domain.slot_matching.candidate_pool import CandidatePool
from chalicelib.domain.slot_matching.exact_matching import match_exactly

# Up to this number of edges the graph is built, and each tier gets a maximum of the candidates that are left. With more
# edges almost every two candidates are compatible. The number of pairs is a maximum in both cases.
MAX_GRAPH_EDGES = 150_000

Pair = tuple[str, str]


class PlanStep(Struct, frozen=True):
    """One augmenting path between two waiting members. It gains one pair, independently of the other steps.

    The pairs stand in the order of the path: `new_pairs[0]`, `broken_pairs[0]`, `new_pairs[1]`, and so on. The second
    member of each pair is the first of the next. So a step can be split before any new pair. Then only the member at
    the split is without a partner.
    """

    new_pairs: tuple[Pair, ...]
    broken_pairs: tuple[Pair, ...] = ()


class Plan(Struct, frozen=True):
    """The steps for a slot, and an upper bound on the number of pairs that its candidates can form."""

    steps: tuple[PlanStep, ...]
    bound: int

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The new pairs of all steps."""
        return tuple(pair for step in self.steps for pair in step.new_pairs)

    @property
    def broken_pairs(self) -> tuple[Pair, ...]:
        """The random pairs that the steps break."""
        return tuple(pair for step in self.steps for pair in step.broken_pairs)

    def unmatched_of(self, waiting: Sequence[Candidate]) -> list[Candidate]:
        """Return the waiting candidates without a new pair."""
        paired = {member for pair in self.pairs for member in pair}
        return [candidate for candidate in waiting if candidate.member_id not in paired]


def plan_pairs(waiting: Sequence[Candidate], pairs: Sequence[tuple[Candidate, Candidate]], rng: Random) -> Plan:
    """Plan a maximum number of pairs. Break one of `pairs` only where that gains a pair (R21).

    Among maximum matchings the order of preference is: displaced members paired, preferred partners, common work
    style, no recent meeting or the one longest ago, longest waiting time. Equal choices are made at random (R20).
    """
    pool = CandidatePool(waiting, pairs, rng)
    match = match_exactly if pool.edge_estimate() <= MAX_GRAPH_EDGES else match_bucketed
    mate, bound = match(pool)
    return Plan(tuple(_steps(pool, mate)), bound)


def _steps(pool: CandidatePool, mate: list[int]) -> Iterator[PlanStep]:
    """Yield a step for each path that gains a pair. Exchanges that gain none are left out."""
    ends: set[int] = set()
    for n, partner in enumerate(mate):
        if partner != FREE and pool.initial_mate[n] == FREE and n not in ends:
            if pool.initial_mate[partner] == FREE:
                ends.add(partner)
                yield PlanStep(((pool.ids[n], pool.ids[partner]),))
                continue
            firsts, seconds = [n], [partner]
            while (other := pool.initial_mate[seconds[-1]]) != FREE:
                firsts.append(other)
                seconds.append(mate[other])
            ends.add(seconds[-1])
            yield _shortest_step(pool, firsts, seconds)


def _shortest_step(pool: CandidatePool, firsts: Sequence[int], seconds: Sequence[int]) -> PlanStep:
    """Return the step of a path whose new pairs are `firsts[n]` with `seconds[n]`, without the pairs it can skip."""
    new_pairs, broken_pairs = [], []
    at = 0
    while at < len(firsts):
        to = max(n for n in range(at, len(seconds)) if n == at or pool.compatible(firsts[at], seconds[n]))
        new_pairs.append((pool.ids[firsts[at]], pool.ids[seconds[to]]))
        at = to + 1
        if at < len(firsts):
            broken_pairs.append((pool.ids[seconds[to]], pool.ids[firsts[at]]))
    return PlanStep(tuple(new_pairs), tuple(broken_pairs))
