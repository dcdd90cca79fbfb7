"""Match a slot exactly: on the graph of everybody who may be paired with whom (R20, R21)."""

from collections.abc import Iterator

from chalicelib.domain.slot_matching.blossom import FREE, Graph, bound_by, match_most
from chalicelib.domain.slot_matching.candidate_pool import TIERS, CandidatePool
from chalicelib.domain.slot_matching.preferred_pairs import pair_preferred
from chalicelib.domain.slot_matching.unmatched_choice import leave_out_last


def match_exactly(pool: CandidatePool) -> tuple[list[int], int]:
    """A maximum matching, and the bound that proves it: nobody loses the partner they came with but for another.

    Pairs that are preferred are made first. They are given up again only where that gains a pair, the least preferred
    first and the old pairs last.
    """
    mate = list(pool.before)
    liked = _liked(pool)
    order = pool.queue()
    old = frozenset(n for n, partner in enumerate(mate) if partner != FREE)
    mutual, wished = pair_preferred(pool, mate)
    for graph in liked:
        match_most(graph, mate, order, {n for n, partner in enumerate(mate) if partner != FREE})
    barrier: list[int] = []
    for closed in (old | wished | mutual, old | mutual, old, frozenset[int]()):
        barrier = match_most(liked[-1], mate, order, closed)
    bound = bound_by(liked[-1], barrier)
    if any(partner == FREE for partner in mate):
        _leave_out_settled(pool, liked[-1], mate)
        _leave_out_latest(pool, liked, mate)
    return mate, bound


def _liked(pool: CandidatePool) -> list[Graph]:
    """For each tier, the graph of those who suit each other that well or better; the last is everybody who may pair."""
    graph = pool.graph()
    tiers = [[pool.tier(one, other) for other in others] for one, others in enumerate(graph)]
    within: list[Graph] = [
        [
            [other for other, found in zip(*both, strict=True) if found <= tier]
            for both in zip(graph, tiers, strict=True)
        ]
        for tier in range(TIERS - 1)
    ]
    return [*within, graph]


def _leave_out_settled(pool: CandidatePool, graph: Graph, mate: list[int]) -> None:
    """Leave out the displaced only where nobody else could be (R13): whatever they like, but no old pair is moved."""

    def place(n: int) -> int:
        if pool.before[n] != FREE:
            return 0
        if pool.candidates[n].displaced:
            return 1
        return 3 if mate[n] == FREE else 2

    leave_out_last(graph, mate, [place(n) for n in range(len(mate))], set(_unmoved(pool, mate)))


def _leave_out_latest(pool: CandidatePool, liked: list[Graph], mate: list[int]) -> None:
    """Leave out who waited least, where that makes no pair that is liked less and moves no old one."""
    place = [0] * len(mate)
    for position, n in enumerate(pool.queue()):
        place[n] = position
    for tier, graph in enumerate(liked):
        kept = {n for n, other in enumerate(mate) if other != FREE and pool.prefers(n, other, tier)}
        leave_out_last(graph, mate, place, kept.union(_unmoved(pool, mate)))


def _unmoved(pool: CandidatePool, mate: list[int]) -> Iterator[int]:
    return (n for n, partner in enumerate(pool.before) if partner != FREE and mate[n] == partner)
