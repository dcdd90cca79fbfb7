"""Augmenting paths by kind, on pools of every shape, against the maximum of rustworkx (R21, R32)."""

from itertools import pairwise
from random import Random

import pytest
from msgspec.structs import replace

from chalicelib.domain.model.member import Gender, PartnerGender
from chalicelib.domain.slot_matching.blossom import FREE, berge_bound
from chalicelib.domain.slot_matching.candidate import Candidate
from chalicelib.domain.slot_matching.candidate_pool import CandidatePool
from chalicelib.domain.slot_matching.kind_forest import KindForest
from tests.domain.slot_matching.graphs import Edges, most_pairs
from tests.domain.slot_matching.populations import compatible_pairs, drawn, member, mixed, numbers, of_graph, pairs_of


def searched(pool: CandidatePool, mate: list[int], closed: frozenset[int] = frozenset()) -> KindForest:
    """Search from every free vertex."""
    forest = KindForest(pool, mate, closed)
    for root in range(len(pool)):
        if mate[root] == FREE and root not in closed:
            forest.augment(root)
    return forest


def pool_of_graph(edges: Edges, n: int, *paired: tuple[int, int]) -> CandidatePool:
    """Return a pool whose compatible pairs are the edges, and whose random pairs are `paired`."""
    candidates = of_graph(edges, n)
    in_pairs = {m for pair in paired for m in pair}
    waiting = [candidate for m, candidate in enumerate(candidates) if m not in in_pairs]
    return CandidatePool(waiting, [(candidates[one], candidates[other]) for one, other in paired], Random(0))


def ids_of(*pairs: tuple[int, int]) -> set[frozenset[str]]:
    return {frozenset((f"m{one}", f"m{other}")) for one, other in pairs}


@pytest.mark.parametrize("seeds", [range(300), pytest.param(range(300, 3000), marks=pytest.mark.long)])
def test_r21_searches_by_kind_find_a_maximum_matching_and_its_barrier(seeds: range) -> None:
    for seed in seeds:
        population = drawn(seed)
        pool = CandidatePool(population.waiting, population.pairs, Random(seed))
        mate = list(pool.initial_mate)
        forest = searched(pool, mate)
        assert len(pairs_of(pool, mate)) == population.most == berge_bound(pool.graph(), forest.inner), seed
        assert all(pool.compatible(n, partner) for n, partner in enumerate(mate) if partner != FREE)
        assert all(mate[n] != FREE for n, partner in enumerate(pool.initial_mate) if partner != FREE)


@pytest.mark.parametrize("seed", range(30))
def test_r21_few_kinds_with_many_excluded_ids_are_matched_as_well(seed: int) -> None:
    rng = Random(seed)
    n = rng.randint(30, 90)
    share = rng.choice([0.5, 0.8, 0.95])
    candidates = [
        replace(one, incompatible=frozenset(f"m{m}" for m in range(n) if rng.random() < share))
        for one in mixed(rng, n, same_only=rng.choice([0, 0.5]))
    ]
    pool, mate = CandidatePool(candidates, (), rng), [FREE] * n
    searched(pool, mate)
    assert len(pairs_of(pool, mate)) == most_pairs(n, compatible_pairs(candidates))


def test_r21_closed_candidates_keep_their_partners() -> None:
    pool = pool_of_graph(frozenset(pairwise(range(6))), 6, (1, 2), (3, 4))
    mate = list(pool.initial_mate)
    searched(pool, mate, numbers(pool, ["m1", "m2"]))
    assert pairs_of(pool, mate) == ids_of((1, 2), (3, 4))
    searched(pool, mate)
    assert pairs_of(pool, mate) == ids_of((0, 1), (2, 3), (4, 5))


def test_r21_a_path_leads_round_a_cycle_of_one_kind() -> None:
    # The cycle of 2, 3 and 4 is a blossom. Only its way round reaches 5 from 0.
    edges = frozenset({(0, 1), (1, 2), (2, 3), (3, 4), (2, 4), (3, 5)})
    pool = pool_of_graph(edges, 6, (1, 2), (3, 4))
    mate = list(pool.initial_mate)
    searched(pool, mate)
    assert pairs_of(pool, mate) == ids_of((0, 1), (2, 4), (3, 5))


def test_r32_a_pair_that_became_incompatible_can_be_made_again() -> None:
    # The path 4, 0, 1, 2, 3, 5 leads along the former pair of 1 and 2.
    pool = pool_of_graph(frozenset({(0, 1), (2, 3), (0, 4), (3, 5)}), 6, (1, 2))
    zero, one, two, three = (pool.number_of[f"m{n}"] for n in range(4))
    assert pool.kept_partners() == {one: two, two: one}
    mate = [FREE] * 6
    mate[zero], mate[one], mate[two], mate[three] = one, zero, three, two
    searched(pool, mate)
    assert pairs_of(pool, mate) == ids_of((0, 4), (1, 2), (3, 5))


def test_r21_a_blossom_of_a_thousand_candidates_is_searched_by_kind() -> None:
    """Two odd groups have one unmatched candidate each. No pair of the groups is compatible."""
    women, men = 501, 499
    candidates: list[Candidate] = [
        replace(member(n), gender=Gender.WOMAN if n < women else Gender.MAN, partner_gender=PartnerGender.SAME)
        for n in range(women + men)
    ]
    pool, mate = CandidatePool(candidates, (), Random(0)), [FREE] * (women + men)
    forest = searched(pool, mate)
    assert sum(partner == FREE for partner in mate) == 2
    assert (forest.inner, sorted(len(vertices) for vertices in forest.blossoms().values())) == ([], [men, women])
