"""Preferred partners are paired first, mutual preferences before one-sided ones (R20)."""

from collections.abc import Mapping, Sequence
from random import Random

import pytest
from msgspec.structs import replace

from chalicelib.domain.slot_matching.blossom import FREE
from chalicelib.domain.slot_matching.candidate import Candidate
from chalicelib.domain.slot_matching.candidate_pool import CandidatePool
from chalicelib.domain.slot_matching.preferred_pairs import pair_preferred
from tests.domain.slot_matching.populations import member, numbers, pairs_of

SEEDS = range(10)


def preferring(preferences: Mapping[int, Sequence[int]], n: int) -> list[Candidate]:
    return [replace(member(m), preferred=frozenset(f"m{other}" for other in preferences.get(m, ()))) for m in range(n)]


@pytest.mark.parametrize("seed", SEEDS)
def test_r20_a_mutual_preference_comes_before_a_one_sided_one(seed: int) -> None:
    pool = CandidatePool(preferring({0: [1], 1: [0], 2: [0], 3: [4]}, 6), [], Random(seed))
    mate = [FREE] * 6
    mutual, one_sided = pair_preferred(pool, mate)
    assert pairs_of(pool, mate) == {frozenset({"m0", "m1"}), frozenset({"m3", "m4"})}
    assert (mutual, one_sided) == (numbers(pool, ["m0", "m1"]), numbers(pool, ["m3", "m4"]))


@pytest.mark.parametrize("seed", SEEDS)
def test_r20_as_many_mutual_preferences_as_possible_are_met(seed: int) -> None:
    path = {0: [1], 1: [0, 2], 2: [1, 3], 3: [2]}
    pool = CandidatePool(preferring(path, 4), [], Random(seed))
    mate = [FREE] * 4
    mutual, one_sided = pair_preferred(pool, mate)
    assert pairs_of(pool, mate) == {frozenset({"m0", "m1"}), frozenset({"m2", "m3"})}
    assert (mutual, one_sided) == (frozenset(range(4)), frozenset())


def test_r21_a_candidate_with_a_partner_is_not_paired() -> None:
    waiting, paired = preferring({0: [1], 1: [0]}, 3)[:1], preferring({1: [0]}, 3)[1:]
    pool = CandidatePool(waiting, [(paired[0], paired[1])], Random(0))
    mate = list(pool.initial_mate)
    assert pair_preferred(pool, mate) == (frozenset(), frozenset())
    assert mate == pool.initial_mate


def test_r6_an_incompatible_preferred_partner_is_not_paired() -> None:
    one, other = preferring({0: [1], 1: [0]}, 2)
    pool = CandidatePool([replace(one, incompatible=frozenset({"m1"})), other], [], Random(0))
    mate = [FREE] * 2
    assert pair_preferred(pool, mate) == (frozenset(), frozenset())
    assert mate == [FREE, FREE]
