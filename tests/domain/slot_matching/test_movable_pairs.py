"""The choice of the random pairs of a large slot that are read in full (R21)."""

from random import Random

import pytest
from msgspec.structs import replace

from chalicelib.domain.model.member import Gender, PartnerGender
from chalicelib.domain.slot_matching.candidate import Candidate
from chalicelib.domain.slot_matching.movable_pairs import (
    MAX_UNMATCHED,
    PAIRS_PER_CANDIDATE,
    PAIRS_PER_KINDS,
    choose_pairs,
)
from tests.domain.slot_matching.populations import member

Couple = tuple[Candidate, Candidate]
PAIRS = 2000


def couples(number: int, *, first: int = 1000) -> list[Couple]:
    """Return pairs of men who accept every gender."""
    men = [replace(member(first + n), queue_position=None, gender=Gender.MAN) for n in range(2 * number)]
    return list(zip(men[::2], men[1::2], strict=True))


def ids(couple: Couple) -> set[str]:
    return {couple[0].member_id, couple[1].member_id}


def chosen(unmatched: list[Candidate], pairs: list[Couple], seed: int) -> list[set[str]]:
    return [set(pair) for pair in choose_pairs(unmatched, pairs, Random(seed))]


@pytest.mark.parametrize("seed", range(5))
def test_r21_the_one_useful_pair_among_thousands_is_chosen(seed: int) -> None:
    """Two incompatible women accept only women, so only a pair of women can be broken for them."""
    unmatched = [replace(member(n), gender=Gender.WOMAN, partner_gender=PartnerGender.SAME) for n in range(2)]
    unmatched[0] = replace(unmatched[0], incompatible=frozenset({"m1"}))
    helping = (
        replace(member(3), queue_position=None, gender=Gender.WOMAN),
        replace(member(4), queue_position=None, gender=Gender.WOMAN),
    )
    assert ids(helping) in chosen(unmatched, [*couples(PAIRS), helping], seed)


@pytest.mark.parametrize("seed", range(5))
def test_r21_a_candidate_compatible_with_one_pair_finds_that_pair(seed: int) -> None:
    pairs = couples(PAIRS)
    paired = {one for couple in pairs for one in ids(couple)}
    unmatched = [replace(member(0), incompatible=frozenset(paired - ids(pairs[7]))), member(1)]
    assert ids(pairs[7]) in chosen(unmatched, pairs, seed)


@pytest.mark.parametrize("seed", range(5))
def test_r21_a_pair_in_the_middle_of_a_longer_path_is_chosen(seed: int) -> None:
    """The pair is of a rare kind and not compatible with the unmatched candidates."""
    unmatched = [replace(member(n), gender=Gender.MAN, partner_gender=PartnerGender.SAME) for n in range(2)]
    rare = (
        replace(member(3), queue_position=None, gender=Gender.WOMAN, partner_gender=PartnerGender.SAME),
        replace(member(4), queue_position=None, gender=Gender.WOMAN),
    )
    assert ids(rare) in chosen(unmatched, [*couples(PAIRS), rare], seed)


def test_the_choice_has_a_limit_for_any_size_of_slot() -> None:
    unmatched = [member(n) for n in range(2 * MAX_UNMATCHED)]
    found = chosen(unmatched, couples(PAIRS), seed=1)
    assert len(found) <= MAX_UNMATCHED * PAIRS_PER_CANDIDATE + PAIRS_PER_KINDS
    assert len(found) == len({frozenset(pair) for pair in found})


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize("seed", range(5))
def test_r21_candidates_without_a_compatible_pair_do_not_count_towards_the_limit(seed: int) -> None:
    isolated = [replace(member(10 + n), partner_gender=PartnerGender.SAME) for n in range(4 * MAX_UNMATCHED)]
    pairs = couples(PAIRS)
    paired = {one for couple in pairs for one in ids(couple)}
    unmatched = [*isolated, replace(member(0), incompatible=frozenset(paired - ids(pairs[7]))), member(1)]
    assert ids(pairs[7]) in chosen(unmatched, pairs, seed)


def test_equal_pairs_are_chosen_at_random() -> None:
    pairs = couples(PAIRS)
    assert chosen([member(0), member(1)], pairs, 1) != chosen([member(0), member(1)], pairs, 2)
    assert chosen([member(0), member(1)], pairs, 1) == chosen([member(0), member(1)], pairs, 1)
