"""R21: as many pairs as there can be, with the proof that there are no more."""

from itertools import pairwise
from random import Random

import pytest
import rustworkx

from chalicelib.domain.slot_matching.blossom import FREE, bound_by, match_most
from tests.domain.slot_matching.graphs import Edges, as_rustworkx, drawn_size, most_pairs, neighbours, random_graph


def drawn(seed: int) -> tuple[int, Edges]:
    rng = Random(seed)
    n = drawn_size(rng)
    return n, random_graph(rng, n)


def some_pairs(n: int, edges: Edges, rng: Random) -> list[int]:
    """A matching that anybody might have begun."""
    mate = [FREE] * n
    for one, other in rng.sample(sorted(edges), len(edges) * 2 // 3):
        if mate[one] == mate[other] == FREE:
            mate[one], mate[other] = other, one
    return mate


def pairs_of(mate: list[int]) -> Edges:
    assert all(mate[partner] == n for n, partner in enumerate(mate) if partner != FREE)
    return frozenset((n, partner) for n, partner in enumerate(mate) if n < partner)


def test_r21_there_are_as_many_pairs_as_there_can_be() -> None:
    for seed in range(2000):
        n, edges = drawn(seed)
        graph, mate = neighbours(n, edges), [FREE] * n
        barrier = match_most(graph, mate, range(n))
        assert pairs_of(mate) <= edges
        assert len(pairs_of(mate)) == most_pairs(n, edges) == bound_by(graph, barrier), seed


def test_r21_whoever_had_a_partner_still_has_one() -> None:
    for seed in range(500):
        n, edges = drawn(seed)
        mate = some_pairs(n, edges, Random(seed))
        before = list(mate)
        match_most(neighbours(n, edges), mate, Random(seed).sample(range(n), n))
        assert len(pairs_of(mate)) == most_pairs(n, edges), seed
        assert all(mate[one] != FREE for one, partner in enumerate(before) if partner != FREE)


def test_r21_what_is_closed_is_left_alone_and_the_rest_matched_as_well_as_without_it() -> None:
    for seed in range(500):
        n, edges = drawn(seed)
        mate = some_pairs(n, edges, Random(seed))
        closed = {n for pair in sorted(pairs_of(mate))[::2] for n in pair} | {0, mate[0]} - {FREE}
        before = list(mate)
        match_most(neighbours(n, edges), mate, range(n), closed)
        assert all(mate[vertex] == before[vertex] for vertex in closed)
        rest = frozenset(edge for edge in edges if closed.isdisjoint(edge))
        assert len(pairs_of(mate)) == most_pairs(n, rest) + sum(before[n] != FREE for n in closed) // 2, seed


@pytest.mark.parametrize("first", [0, 1])
def test_r20_the_first_in_order_of_two_who_need_the_same_way_gets_it(first: int) -> None:
    graph = neighbours(5, frozenset({(0, 2), (1, 2), (2, 3), (3, 4)}))
    mate = [FREE, FREE, 3, 2, FREE]
    match_most(graph, mate, [first, 1 - first, 2, 3, 4])
    assert (mate[first], mate[1 - first]) == (2, FREE)


@pytest.mark.parametrize("seed", range(100))
def test_r21_without_the_barrier_the_odd_components_prove_the_bound(seed: int) -> None:
    n, edges = drawn(seed)
    mate = [FREE] * n
    graph = neighbours(n, edges)
    barrier = match_most(graph, mate, range(n))
    rest = as_rustworkx(n, edges)
    rest.remove_nodes_from(list(barrier))
    odd = sum(len(component) % 2 for component in rustworkx.connected_components(rest))
    assert 2 * len(pairs_of(mate)) == n + len(barrier) - odd == 2 * bound_by(graph, barrier)


def test_r21_a_bound_holds_for_any_barrier_and_is_loose_for_a_wrong_one() -> None:
    star = neighbours(4, frozenset({(0, 1), (0, 2), (0, 3)}))
    assert [bound_by(star, barrier) for barrier in ([], [1], [0])] == [2, 2, 1]


def test_r21_two_find_each_other_by_the_longest_way() -> None:
    n = 20_000
    graph = neighbours(n, frozenset(pairwise(range(n))))
    mate = [FREE, *(vertex + (1 if vertex % 2 else -1) for vertex in range(1, n - 1)), FREE]
    match_most(graph, mate, range(n))
    assert pairs_of(mate) == frozenset((vertex, vertex + 1) for vertex in range(0, n, 2))
