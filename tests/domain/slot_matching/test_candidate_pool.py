"""Compatibility, tiers and order of the numbered candidates of a slot (R6, R13, R18, R20, R32)."""

from random import Random

import pytest
from msgspec.structs import replace

from chalicelib.domain.model.member import Gender, PartnerGender, WorkStyle
from chalicelib.domain.slot_matching.blossom import FREE
from chalicelib.domain.slot_matching.candidate import Candidate
from chalicelib.domain.slot_matching.candidate_pool import TIERS, CandidatePool
from tests.domain.slot_matching.populations import member

SEEDS = range(5)
QUIET, LOUD = WorkStyle(quiet=True), WorkStyle(quiet=False)


def pool_of(*waiting: Candidate, pairs: tuple[tuple[Candidate, Candidate], ...] = (), seed: int = 0) -> CandidatePool:
    return CandidatePool(waiting, pairs, Random(seed))


def in_pair(n: int) -> Candidate:
    return replace(member(n), queue_position=None)


@pytest.mark.parametrize("seed", SEEDS)
def test_candidates_are_numbered_once_and_keep_their_random_partner(seed: int) -> None:
    pool = pool_of(member(0), member(1), pairs=((in_pair(2), in_pair(3)),), seed=seed)
    assert len(pool) == 4
    assert sorted(pool.ids) == ["m0", "m1", "m2", "m3"]
    assert {pool.ids[number]: member_id for member_id, number in pool.number_of.items()} == {m: m for m in pool.ids}
    partners = {pool.ids[n]: partner for n, partner in enumerate(pool.initial_mate)}
    assert partners == {"m0": FREE, "m1": FREE, "m2": pool.number_of["m3"], "m3": pool.number_of["m2"]}


@pytest.mark.parametrize(
    ("work_style", "met", "met_by_other", "tier"),
    [
        (QUIET, {}, {}, 0),
        (QUIET, {}, {"m0": 7}, 1),
        (QUIET, {"m1": 7}, {"m0": 2}, 6),
        (QUIET, {"m1": 0}, {"m0": 7}, 8),
        (LOUD, {}, {}, 9),
        (LOUD, {"m1": 7}, {}, 10),
        (LOUD, {"m1": 7}, {"m0": 0}, 17),
    ],
)
def test_r20_a_common_work_style_counts_for_more_than_a_recent_meeting_and_the_latest_meeting_counts(
    work_style: WorkStyle, met: dict[str, int], met_by_other: dict[str, int], tier: int
) -> None:
    one = replace(member(0), work_style=QUIET, met=met)
    other = replace(member(1), work_style=work_style, met=met_by_other)
    pool = pool_of(one, other)
    assert (pool.tier(0, 1), pool.tier(1, 0)) == (tier, tier)
    assert pool.tiers(pool.graph()) == [[tier], [tier]]
    assert [pool.is_better(0, 1, limit) for limit in range(TIERS)] == [tier < limit for limit in range(TIERS)]


def test_r10_a_preference_of_either_side_is_better_than_any_tier() -> None:
    pool = pool_of(replace(member(0), preferred=frozenset({"m1"})), member(1), member(2))
    zero, one, two = (pool.number_of[f"m{n}"] for n in range(3))
    assert (pool.prefers(zero, one), pool.prefers(one, zero)) == (True, False)
    assert pool.is_better(zero, one, 0)
    assert pool.is_better(one, zero, 0)
    assert not pool.is_better(zero, two, 0)


def test_r20_preferred_candidates_without_a_compatible_place_in_the_slot_are_left_out() -> None:
    preferred = frozenset({"m0", "m1", "m2", "elsewhere"})
    pool = pool_of(replace(member(0), preferred=preferred, incompatible=frozenset({"m2"})), member(1), member(2))
    assert list(pool.preferences()) == [(pool.number_of["m0"], pool.number_of["m1"])]


@pytest.mark.parametrize("seed", SEEDS)
def test_r13_r20_the_queue_is_paired_then_displaced_then_longest_waiting_candidates(seed: int) -> None:
    waiting = (member(0, minutes=9), member(1, minutes=1), member(2, minutes=30, displaced=True))
    pool = pool_of(*waiting, pairs=((in_pair(3), in_pair(4)),), seed=seed)
    queue = [pool.ids[n] for n in pool.queue()]
    assert (set(queue[:2]), queue[2:]) == ({"m3", "m4"}, ["m2", "m1", "m0"])


def test_r20_equal_queue_positions_are_in_random_order() -> None:
    first = {pool.ids[pool.queue()[0]] for seed in range(30) for pool in [pool_of(member(0), member(1), seed=seed)]}
    assert first == {"m0", "m1"}


def test_the_matrix_of_kinds_admits_other_work_styles_from_the_second_half_of_the_tiers() -> None:
    pool = pool_of(replace(member(0), work_style=QUIET), replace(member(1), work_style=LOUD))
    for tier in range(TIERS + 1):
        other_style = tier >= TIERS / 2
        assert pool.kind_matrix(tier) == [[True, other_style], [other_style, True]]


def test_r6_the_matrix_of_kinds_excludes_genders_that_are_not_accepted() -> None:
    woman = replace(member(0), gender=Gender.WOMAN, partner_gender=PartnerGender.SAME)
    pool = pool_of(woman, replace(member(1), gender=Gender.MAN))
    kinds = [pool.kind_of[pool.number_of[member_id]] for member_id in ("m0", "m1")]
    matrix = pool.kind_matrix(TIERS)
    assert [[matrix[one][other] for other in kinds] for one in kinds] == [[True, False], [False, True]]
    assert pool.compatible_counts() == [1, 1]
    assert pool.graph() == [[], []]


def test_the_edge_estimate_is_exact_for_excluded_pairs_of_one_kind() -> None:
    excluding = replace(member(0), incompatible=frozenset({"m1"}))
    pool = pool_of(excluding, replace(member(1), incompatible=frozenset({"m0"})), member(2), member(3))
    graph = pool.graph()
    by_id = {pool.ids[n]: sorted(pool.ids[other] for other in others) for n, others in enumerate(graph)}
    assert by_id == {"m0": ["m2", "m3"], "m1": ["m2", "m3"], "m2": ["m0", "m1", "m3"], "m3": ["m0", "m1", "m2"]}
    # Each candidate counts itself in its kind, (4 * 4 - 2) / 2.
    assert pool.edge_estimate() == 7


def test_r32_a_random_pair_that_became_incompatible_is_an_edge_of_the_graph() -> None:
    pool = pool_of(member(2), pairs=((replace(in_pair(0), incompatible=frozenset({"m1"})), in_pair(1)),))
    zero, one, two = (pool.number_of[f"m{n}"] for n in range(3))
    assert not pool.compatible(zero, one)
    assert [sorted(pool.graph()[n]) for n in (zero, one, two)] == [
        sorted((one, two)),
        sorted((zero, two)),
        sorted((zero, one)),
    ]
