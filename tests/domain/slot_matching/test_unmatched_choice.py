"""The choice of the vertices that a maximum matching leaves out (R20)."""

from functools import cache
from itertools import combinations
from random import Random

from chalicelib.domain.slot_matching.blossom import FREE, Graph, match_maximum
from chalicelib.domain.slot_matching.unmatched_choice import leave_out_last
from tests.domain.slot_matching.graphs import neighbours, random_graph


def can_be_matched(graph: Graph, vertices: frozenset[int]) -> bool:
    """Return true if these vertices have a perfect matching, by exhaustive search."""

    @cache
    def perfect(rest: frozenset[int]) -> bool:
        if not rest:
            return True
        first = min(rest)
        return any(perfect(rest - {first, other}) for other in graph[first] if other in rest)

    return perfect(vertices)


def first_matchable(graph: Graph, pairs: int, place: list[int]) -> frozenset[int]:
    """Return the vertices to match by exhaustive search, the first ones by place that have a perfect matching."""
    in_order = sorted(range(len(graph)), key=place.__getitem__)
    return next(chosen for chosen in map(frozenset, combinations(in_order, 2 * pairs)) if can_be_matched(graph, chosen))


def test_r20_the_last_vertices_by_place_are_left_out() -> None:
    exchanged = 0
    for seed in range(1500):
        rng = Random(seed)
        n = rng.randint(2, 10)
        graph, mate, place = neighbours(n, random_graph(rng, n)), [FREE] * n, rng.sample(range(n), n)
        match_maximum(graph, mate, range(n))
        before = frozenset(vertex for vertex in range(n) if mate[vertex] != FREE)
        leave_out_last(graph, mate, place)
        matched = frozenset(vertex for vertex in range(n) if mate[vertex] != FREE)
        assert all(mate[mate[vertex]] == vertex and mate[vertex] in graph[vertex] for vertex in matched)
        assert matched == first_matchable(graph, len(before) // 2, place), seed
        exchanged += matched != before
    assert exchanged > 300


def test_r20_a_closed_vertex_takes_no_part() -> None:
    # Vertex 0 could be matched instead of 2, the last one, but only along the closed pair.
    graph = neighbours(5, frozenset({(0, 1), (1, 3), (3, 4), (2, 4)}))
    for closed, unmatched_ids in (((), 2), ((1, 3), 0)):
        mate = [FREE, 3, 4, 1, 2]
        leave_out_last(graph, mate, [0, 1, 4, 2, 3], closed)
        assert [vertex for vertex in range(5) if mate[vertex] == FREE] == [unmatched_ids]
