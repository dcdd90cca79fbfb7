"""Matching by kind, with its bound, its augmenting paths and its search limits (R20, R21, R32)."""

from random import Random

import pytest
from msgspec.structs import replace

from chalicelib.domain.model.member import Gender, PartnerGender
from chalicelib.domain.slot_matching.blossom import FREE
from chalicelib.domain.slot_matching.bucketed_matching import MAX_COMPARED, WINDOW, match_bucketed
from chalicelib.domain.slot_matching.candidate import Candidate
from chalicelib.domain.slot_matching.candidate_pool import CandidatePool
from tests.domain.slot_matching.populations import drawn, member, of_graph, pairs_of

SEEDS = range(10)


def matched(
    waiting: list[Candidate], pairs: list[tuple[Candidate, Candidate]] | None = None, seed: int = 0
) -> tuple[set[frozenset[str]], int]:
    """Return the pairs by member ids, and the bound."""
    pool = CandidatePool(waiting, pairs or [], Random(seed))
    mate, bound = match_bucketed(pool)
    assert all(mate[partner] == n for n, partner in enumerate(mate) if partner != FREE)
    return pairs_of(pool, mate), bound


def same_only(n: int, gender: Gender) -> Candidate:
    return replace(member(n, minutes=n), gender=gender, partner_gender=PartnerGender.SAME)


def test_an_empty_slot_has_no_pairs() -> None:
    assert matched([]) == (set(), 0)
    assert matched([member(0)]) == (set(), 0)


@pytest.mark.parametrize("n", [2, 2 * WINDOW + 2, 4 * WINDOW + 1])
def test_r21_compatible_candidates_are_all_paired_but_one_of_an_odd_number(n: int) -> None:
    found, bound = matched([member(m) for m in range(n)])
    assert (len(found), bound) == (n // 2, n // 2)


@pytest.mark.parametrize("seed", SEEDS)
def test_r21_each_group_of_kinds_with_an_odd_size_leaves_out_one(seed: int) -> None:
    genders = [Gender.WOMAN] * 3 + [Gender.MAN] * 5
    found, bound = matched([same_only(n, gender) for n, gender in enumerate(genders)], seed=seed)
    assert (len(found), bound) == (3, 3)
    assert sorted(len(pair & {"m0", "m1", "m2"}) for pair in found) == [0, 0, 2]


@pytest.mark.parametrize("seed", SEEDS)
def test_r21_a_candidate_compatible_with_no_other_does_not_raise_the_bound(seed: int) -> None:
    isolated = replace(member(3), incompatible=frozenset({"m0", "m1", "m2"}))
    found, bound = matched([member(0), member(1), member(2), isolated], seed=seed)
    assert (len(found), bound) == (1, 1)
    assert all("m3" not in pair for pair in found)


@pytest.mark.parametrize("seed", SEEDS)
def test_r21_an_augmenting_path_breaks_a_random_pair(seed: int) -> None:
    path = of_graph(frozenset({(0, 1), (1, 2), (2, 3)}), 4)
    found = matched([path[0], path[3]], [(path[1], path[2])], seed)
    assert found == ({frozenset({"m0", "m1"}), frozenset({"m2", "m3"})}, 2)


@pytest.mark.parametrize("seed", SEEDS)
def test_r21_a_random_pair_is_kept_without_a_gain(seed: int) -> None:
    found = matched([member(0)], [(member(1), member(2))], seed)
    assert found == ({frozenset({"m1", "m2"})}, 1)


def test_r32_a_random_pair_that_became_incompatible_raises_the_bound() -> None:
    pair = (same_only(0, Gender.WOMAN), same_only(1, Gender.MAN))
    assert matched([], [pair]) == ({frozenset({"m0", "m1"})}, 1)


@pytest.mark.parametrize("seed", SEEDS)
def test_r20_the_longest_waiting_member_of_a_star_is_paired(seed: int) -> None:
    n = 2 * MAX_COMPARED + 10
    star = of_graph(frozenset((0, leaf) for leaf in range(1, n)), n)
    assert matched(star, seed=seed) == ({frozenset({"m0", "m1"})}, 1)


@pytest.mark.parametrize("seed", SEEDS)
def test_r20_members_who_all_met_are_paired_with_those_met_longest_ago(seed: int) -> None:
    n = 4 * WINDOW
    # Two even or two odd numbers met a week ago, all others today.
    all_met = [
        replace(member(one), met={f"m{other}": 0 if (one + other) % 2 else 7 for other in range(n) if other != one})
        for one in range(n)
    ]
    found, _ = matched(all_met, seed=seed)
    assert len(found) == n // 2
    assert all(sum(int(member_id[1:]) for member_id in pair) % 2 == 0 for pair in found)


@pytest.mark.parametrize("seed", SEEDS)
def test_r13_a_displaced_member_replaces_one_of_a_better_pair(seed: int) -> None:
    star = of_graph(frozenset({(0, 1), (0, 2)}), 3)
    star[1] = replace(star[1], preferred=frozenset({"m0"}))
    star[2] = replace(star[2], queue_position=member(2, minutes=2, displaced=True).queue_position)
    assert matched(star, seed=seed)[0] == {frozenset({"m0", "m2"})}


@pytest.mark.parametrize("seeds", [range(200), pytest.param(range(200, 2000), marks=pytest.mark.long)])
def test_r21_the_maximum_is_found_and_proved_at_any_shape(seeds: range) -> None:
    for seed in seeds:
        population = drawn(seed)
        pool = CandidatePool(population.waiting, population.pairs, Random(seed))
        mate, bound = match_bucketed(pool)
        assert len(pairs_of(pool, mate)) == population.most == bound, seed
        assert all(mate[n] != FREE for n, partner in enumerate(pool.initial_mate) if partner != FREE)


@pytest.mark.parametrize("seed", SEEDS)
def test_r21_more_failed_searches_than_pairs_do_not_hide_a_path(seed: int) -> None:
    """A star with 60 leaves left out, and a path of four whose middle is a random pair."""
    leaves = range(5, 66)
    edges = {(4, leaf) for leaf in leaves} | {(0, 1), (1, 2), (2, 3)}
    slot = of_graph(frozenset(edges), 66)
    found, bound = matched([slot[0], slot[3], slot[4], *(slot[leaf] for leaf in leaves)], [(slot[1], slot[2])], seed)
    assert (len(found), bound) == (3, 3)
    assert {frozenset({"m0", "m1"}), frozenset({"m2", "m3"})} <= found
