"""Match a slot exactly: on the graph of everybody who may be paired with whom (R20, R21)."""

from collections.abc import Iterator

from chalicelib.domain.blossom import FREE, Graph, bound_by, match_most
from chalicelib.domain.company import TIERS, Company
from chalicelib.domain.leaving_out import leave_out_last
from chalicelib.domain.wishing import grant_wishes


def match_by_graph(company: Company) -> tuple[list[int], int]:
    """A maximum matching, and the bound that proves it: nobody loses the partner they came with but for another.

    Pairs that are preferred are made first. They are given up again only where that gains a pair, the least preferred
    first and the old pairs last.
    """
    mate = list(company.before)
    liked = _liked(company)
    order = company.queue()
    old = frozenset(n for n, partner in enumerate(mate) if partner != FREE)
    mutual, wished = grant_wishes(company, mate)
    for graph in liked:
        match_most(graph, mate, order, {n for n, partner in enumerate(mate) if partner != FREE})
    barrier: list[int] = []
    for closed in (old | wished | mutual, old | mutual, old, frozenset[int]()):
        barrier = match_most(liked[-1], mate, order, closed)
    bound = bound_by(liked[-1], barrier)
    if any(partner == FREE for partner in mate):
        _leave_out_settled(company, liked[-1], mate)
        _leave_out_latest(company, liked, mate)
    return mate, bound


def _liked(company: Company) -> list[Graph]:
    """For each tier, the graph of those who suit each other that well or better; the last is everybody who may pair."""
    graph = company.graph()
    tiers = [[company.tier(one, other) for other in others] for one, others in enumerate(graph)]
    within: list[Graph] = [
        [
            [other for other, found in zip(*both, strict=True) if found <= tier]
            for both in zip(graph, tiers, strict=True)
        ]
        for tier in range(TIERS - 1)
    ]
    return [*within, graph]


def _leave_out_settled(company: Company, graph: Graph, mate: list[int]) -> None:
    """Leave out the displaced only where nobody else could be (R13): whatever they like, but no old pair is moved."""

    def place(n: int) -> int:
        if company.before[n] != FREE:
            return 0
        if company.entrants[n].displaced:
            return 1
        return 3 if mate[n] == FREE else 2

    leave_out_last(graph, mate, [place(n) for n in range(len(mate))], set(_unmoved(company, mate)))


def _leave_out_latest(company: Company, liked: list[Graph], mate: list[int]) -> None:
    """Leave out who waited least, where that makes no pair that is liked less and moves no old one."""
    place = [0] * len(mate)
    for position, n in enumerate(company.queue()):
        place[n] = position
    for tier, graph in enumerate(liked):
        kept = {n for n, other in enumerate(mate) if other != FREE and company.prefers(n, other, tier)}
        leave_out_last(graph, mate, place, kept.union(_unmoved(company, mate)))


def _unmoved(company: Company, mate: list[int]) -> Iterator[int]:
    return (n for n, partner in enumerate(company.before) if partner != FREE and mate[n] == partner)
