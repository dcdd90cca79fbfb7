"""Which pairs of a large slot are looked at where some must be moved (R21)."""

from random import Random

import pytest
from msgspec.structs import replace

from chalicelib.domain.model.member import Gender, PartnerGender, Profile
from chalicelib.domain.slot_matching.candidate import Candidate, candidate_from_profile
from chalicelib.domain.slot_matching.movable_pairs import (
    PAIRS_PER_CANDIDATE,
    MAX_UNMATCHED,
    PAIRS_PER_KINDS,
    choose_pairs,
)
from tests.domain.slot_matching.populations import NINE, member

Couple = tuple[Candidate, Candidate]
PAIRS = 2000


def couples(number: int, *, first: int = 1000) -> list[Couple]:
    """Men in pairs, to whom everybody is right."""
    men = [replace(member(first + n), queue_position=None, gender=Gender.MAN) for n in range(2 * number)]
    return list(zip(men[::2], men[1::2], strict=True))


def names(couple: Couple) -> set[str]:
    return {couple[0].member_id, couple[1].member_id}


def chosen(left: list[Candidate], pairs: list[Couple], seed: int) -> list[set[str]]:
    return [set(pair) for pair in choose_pairs(left, pairs, Random(seed))]


@pytest.mark.parametrize("seed", range(5))
def test_r21_the_one_pair_that_can_help_is_looked_at_among_thousands(seed: int) -> None:
    """Two women who take only women are apart; only another woman's pair can bring them in."""
    left = [replace(member(n), gender=Gender.WOMAN, partner_gender=PartnerGender.SAME) for n in range(2)]
    left[0] = replace(left[0], incompatible=frozenset({"m1"}))
    helping = (
        replace(member(3), queue_position=None, gender=Gender.WOMAN),
        replace(member(4), queue_position=None, gender=Gender.WOMAN),
    )
    assert names(helping) in chosen(left, [*couples(PAIRS), helping], seed)


@pytest.mark.parametrize("seed", range(5))
def test_r21_whoever_is_apart_from_nearly_everybody_finds_the_pair_that_is_left(seed: int) -> None:
    pairs = couples(PAIRS)
    everybody = {one for couple in pairs for one in names(couple)}
    left = [replace(member(0), incompatible=frozenset(everybody - names(pairs[7]))), member(1)]
    assert names(pairs[7]) in chosen(left, pairs, seed)


@pytest.mark.parametrize("seed", range(5))
def test_r21_a_pair_in_the_middle_of_a_longer_way_is_looked_at(seed: int) -> None:
    """It suits nobody who is left, and it is of a rare kind."""
    left = [replace(member(n), gender=Gender.MAN, partner_gender=PartnerGender.SAME) for n in range(2)]
    rare = (
        replace(member(3), queue_position=None, gender=Gender.WOMAN, partner_gender=PartnerGender.SAME),
        replace(member(4), queue_position=None, gender=Gender.WOMAN),
    )
    assert names(rare) in chosen(left, [*couples(PAIRS), rare], seed)


def test_no_more_are_looked_at_than_may_be_of_use_whatever_the_crowd() -> None:
    left = [member(n) for n in range(2 * MAX_UNMATCHED)]
    found = chosen(left, couples(PAIRS), seed=1)
    assert len(found) <= MAX_UNMATCHED * PAIRS_PER_CANDIDATE + PAIRS_PER_KINDS
    assert len(found) == len({frozenset(pair) for pair in found})


@pytest.mark.parametrize("seed", range(5))
def test_r21_those_whom_nobody_suits_crowd_out_nobody(seed: int) -> None:
    hopeless = [replace(member(10 + n), partner_gender=PartnerGender.SAME) for n in range(4 * MAX_UNMATCHED)]
    pairs = couples(PAIRS)
    everybody = {one for couple in pairs for one in names(couple)}
    left = [*hopeless, replace(member(0), incompatible=frozenset(everybody - names(pairs[7]))), member(1)]
    assert names(pairs[7]) in chosen(left, pairs, seed)


def test_equals_are_chosen_at_random() -> None:
    pairs = couples(PAIRS)
    assert chosen([member(0), member(1)], pairs, 1) != chosen([member(0), member(1)], pairs, 2)
    assert chosen([member(0), member(1)], pairs, 1) == chosen([member(0), member(1)], pairs, 1)


def test_a_profile_tells_gender_and_preference() -> None:
    profile = Profile("m", "Ada", "UTC", NINE, "r", gender=Gender.WOMAN, partner_gender=PartnerGender.SAME)
    assert candidate_from_profile(profile) == Candidate("m", gender=Gender.WOMAN, partner_gender=PartnerGender.SAME)
