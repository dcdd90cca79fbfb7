"""Maximum matching of a slot on its full graph of compatible candidates (R20, R21)."""

from collections.abc import Iterable, Iterator

from chalicelib.domain.slot_matching.blossom import FREE, Graph, berge_bound, match_maximum
from chalicelib.domain.slot_matching.candidate_pool import CandidatePool
from chalicelib.domain.slot_matching.preferred_pairs import pair_preferred
from chalicelib.domain.slot_matching.unmatched_choice import leave_out_last


def match_exactly(pool: CandidatePool) -> tuple[list[int], int]:
    """Return a maximum matching and the bound that proves it.

    A candidate that had a partner still has one, the same or another. Better pairs are made first. An augmenting path
    breaks pairs only to gain one: first pairs without a preference, then those of a one-sided preference, then those
    of a mutual preference, and initial pairs last.
    """
    mate = list(pool.initial_mate)
    graph = pool.graph()
    tiers = pool.tiers(graph)
    order = pool.queue()
    initial = frozenset(_matched(mate))
    mutual, one_sided = pair_preferred(pool, mate)
    for _, tier_graph in _tier_graphs(graph, tiers):
        if mate.count(FREE) < 2:
            break
        match_maximum(tier_graph, mate, order, set(_matched(mate)))
    barrier: list[int] = []
    # The same set has no path left.
    for closed in dict.fromkeys((initial | one_sided | mutual, initial | mutual, initial, frozenset[int]())):
        barrier = match_maximum(graph, mate, order, closed)
    bound = berge_bound(graph, barrier)
    if any(partner == FREE for partner in mate):
        _prefer_displaced(pool, graph, mate)
        _prefer_longest_waiting(pool, _tier_graphs(graph, tiers), mate)
    return mate, bound


def _tier_graphs(graph: Graph, tiers: Graph) -> Iterator[tuple[int, Graph]]:
    """Yield each tier that occurs, the best first, with the graph of the pairs at that tier or better."""
    for tier in sorted({tier for row in tiers for tier in set(row)}):
        yield (
            tier,
            [
                [other for other, found in zip(*both, strict=True) if found <= tier]
                for both in zip(graph, tiers, strict=True)
            ],
        )


def _prefer_displaced(pool: CandidatePool, graph: Graph, mate: list[int]) -> None:
    """Leave out a displaced candidate only where no other can be left out (R13). Initial pairs stay.

    Preferences and tiers do not count here.
    """

    def place(n: int) -> int:
        if pool.initial_mate[n] != FREE:
            return 0
        if pool.candidates[n].displaced:
            return 1
        return 3 if mate[n] == FREE else 2

    leave_out_last(graph, mate, [place(n) for n in range(len(mate))], set(_unmoved(pool, mate)))


def _prefer_longest_waiting(pool: CandidatePool, tier_graphs: Iterable[tuple[int, Graph]], mate: list[int]) -> None:
    """Leave out the candidates with the shortest waiting time, where no pair gets worse. Initial pairs stay."""
    place = [0] * len(mate)
    for position, n in enumerate(pool.queue()):
        place[n] = position
    for tier, graph in tier_graphs:
        better = {n for n, other in enumerate(mate) if other != FREE and pool.is_better(n, other, tier)}
        leave_out_last(graph, mate, place, better.union(_unmoved(pool, mate)))


def _matched(mate: list[int]) -> Iterator[int]:
    return (n for n, partner in enumerate(mate) if partner != FREE)


def _unmoved(pool: CandidatePool, mate: list[int]) -> Iterator[int]:
    return (n for n, partner in enumerate(pool.initial_mate) if partner != FREE and mate[n] == partner)
