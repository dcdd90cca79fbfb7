"""A maximum matching of a graph, with the proof that there is no larger one (R21)."""

from collections.abc import Iterator
from itertools import combinations, pairwise
from random import Random

import pytest
import rustworkx

from chalicelib.domain.slot_matching.blossom import FREE, Forest, berge_bound, match_greedily, match_maximum
from tests.domain.slot_matching.graphs import Edges, as_rustworkx, drawn_size, most_pairs, neighbours, random_graph


def drawn(seed: int) -> tuple[int, Edges]:
    rng = Random(seed)
    n = drawn_size(rng)
    return n, random_graph(rng, n)


def some_pairs(n: int, edges: Edges, rng: Random) -> list[int]:
    """Return a greedy matching along two thirds of the edges."""
    mate = [FREE] * n
    for one, other in rng.sample(sorted(edges), len(edges) * 2 // 3):
        if mate[one] == mate[other] == FREE:
            mate[one], mate[other] = other, one
    return mate


def pairs_of(mate: list[int]) -> Edges:
    assert all(mate[partner] == n for n, partner in enumerate(mate) if partner != FREE)
    return frozenset((n, partner) for n, partner in enumerate(mate) if n < partner)


def test_r21_a_matching_has_the_maximum_number_of_pairs() -> None:
    for seed in range(2000):
        n, edges = drawn(seed)
        graph, mate = neighbours(n, edges), [FREE] * n
        barrier = match_maximum(graph, mate, range(n))
        assert pairs_of(mate) <= edges
        assert len(pairs_of(mate)) == most_pairs(n, edges) == berge_bound(graph, barrier), seed


def test_r21_a_matched_vertex_stays_matched() -> None:
    for seed in range(500):
        n, edges = drawn(seed)
        mate = some_pairs(n, edges, Random(seed))
        before = list(mate)
        match_maximum(neighbours(n, edges), mate, Random(seed).sample(range(n), n))
        assert len(pairs_of(mate)) == most_pairs(n, edges), seed
        assert all(mate[one] != FREE for one, partner in enumerate(before) if partner != FREE)


def test_r21_closed_vertices_do_not_change_and_the_others_get_a_maximum_matching() -> None:
    for seed in range(500):
        n, edges = drawn(seed)
        mate = some_pairs(n, edges, Random(seed))
        closed = {n for pair in sorted(pairs_of(mate))[::2] for n in pair} | {0, mate[0]} - {FREE}
        before = list(mate)
        match_maximum(neighbours(n, edges), mate, range(n), closed)
        assert all(mate[vertex] == before[vertex] for vertex in closed)
        rest = frozenset(edge for edge in edges if closed.isdisjoint(edge))
        assert len(pairs_of(mate)) == most_pairs(n, rest) + sum(before[n] != FREE for n in closed) // 2, seed


@pytest.mark.parametrize("first", [0, 1])
def test_r20_of_two_vertices_that_need_the_same_path_the_first_in_order_is_matched(first: int) -> None:
    graph = neighbours(5, frozenset({(0, 2), (1, 2), (2, 3), (3, 4)}))
    mate = [FREE, FREE, 3, 2, FREE]
    match_maximum(graph, mate, [first, 1 - first, 2, 3, 4])
    assert (mate[first], mate[1 - first]) == (2, FREE)


@pytest.mark.parametrize("seed", range(100))
def test_r21_the_odd_components_without_the_barrier_prove_the_bound(seed: int) -> None:
    n, edges = drawn(seed)
    mate = [FREE] * n
    graph = neighbours(n, edges)
    barrier = match_maximum(graph, mate, range(n))
    rest = as_rustworkx(n, edges)
    rest.remove_nodes_from(list(barrier))
    odd = sum(len(component) % 2 for component in rustworkx.connected_components(rest))
    assert 2 * len(pairs_of(mate)) == n + len(barrier) - odd == 2 * berge_bound(graph, barrier)


def test_r21_the_bound_of_any_barrier_holds_and_the_best_barrier_has_the_lowest() -> None:
    star = neighbours(4, frozenset({(0, 1), (0, 2), (0, 3)}))
    assert [berge_bound(star, barrier) for barrier in ([], [1], [0])] == [2, 2, 1]


def test_r21_an_augmenting_path_of_20000_vertices_is_found() -> None:
    n = 20_000
    graph = neighbours(n, frozenset(pairwise(range(n))))
    mate = [FREE, *(vertex + (1 if vertex % 2 else -1) for vertex in range(1, n - 1)), FREE]
    match_maximum(graph, mate, range(n))
    assert pairs_of(mate) == frozenset((vertex, vertex + 1) for vertex in range(0, n, 2))


def test_r21_an_augmenting_path_leads_through_a_blossom() -> None:
    # The cycle of 2, 3 and 4 is a blossom. Only its way round reaches 5 from 0.
    graph = neighbours(6, frozenset({(0, 1), (1, 2), (2, 3), (3, 4), (2, 4), (3, 5)}))
    mate = [FREE, 2, 1, 4, 3, FREE]
    assert Forest(graph, mate).augment(0)
    assert mate == [1, 0, 4, 5, 2, 3]


def test_a_failed_search_leaves_its_inner_vertices_and_blossoms() -> None:
    # A triangle of 2, 3 and 4, held by 1, which the free vertex 0 needs too.
    graph = neighbours(5, frozenset({(0, 1), (1, 2), (2, 3), (3, 4), (2, 4)}))
    mate = [FREE, 2, 1, 4, 3]
    forest = Forest(graph, mate)
    assert not forest.augment(0)
    assert mate == [FREE, 2, 1, 4, 3]
    assert forest.inner == [1]
    assert forest.blossoms() == {0: [0], 2: [2, 3, 4]}
    assert [forest.base(vertex) for vertex in range(5)] == [0, 1, 2, 2, 2]
    assert berge_bound(graph, forest.inner) == 2


def test_greedy_matching_begins_at_the_vertex_with_the_fewest_neighbours() -> None:
    # The path 2, 0, 1, 3. In the order of numbers 0 would take 1 and leave both ends.
    mate = [FREE] * 4
    match_greedily(neighbours(4, frozenset({(0, 2), (0, 1), (1, 3)})), mate)
    assert mate == [2, 3, 0, 1]


class CountedEdges(list[int]):
    """A list of neighbours that counts the edges read from it."""

    def __init__(self, neighbours: list[int]) -> None:
        super().__init__(neighbours)
        self.read = 0

    def __iter__(self) -> Iterator[int]:
        for other in super().__iter__():
            self.read += 1
            yield other


@pytest.mark.parametrize("n", [400, 401])
def test_r21_a_maximum_of_a_dense_graph_is_found_by_reading_few_of_its_edges(n: int) -> None:
    rng = Random(n)
    edges = frozenset(edge for edge in combinations(range(n), 2) if rng.random() < 0.4)
    graph, mate = [CountedEdges(others) for others in neighbours(n, edges)], [FREE] * n
    match_maximum(graph, mate, range(n))
    assert len(pairs_of(mate)) == n // 2
    assert sum(others.read for others in graph) < len(edges)


def test_r21_two_dense_odd_components_each_leave_out_one_vertex() -> None:
    edges = frozenset(edge for edge in combinations(range(82), 2) if (edge[0] < 41) == (edge[1] < 41))
    mate = [FREE] * 82
    barrier = match_maximum(neighbours(82, edges), mate, range(82))
    assert (len(pairs_of(mate)), barrier) == (40, [])
    assert sorted(n < 41 for n, partner in enumerate(mate) if partner == FREE) == [False, True]


def test_greedy_matching_leaves_closed_and_matched_vertices_unchanged() -> None:
    mate = [1, 0, FREE, FREE, FREE]
    match_greedily(neighbours(5, frozenset(pairwise(range(5)))), mate, closed=[2])
    assert mate == [1, 0, FREE, 4, 3]
