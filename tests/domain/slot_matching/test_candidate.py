"""R6 and R18: who fits whom when a slot is finalized, by the same rule as everywhere else."""

from itertools import product
from random import Random

from msgspec.structs import replace

from chalicelib.domain.decisions.eligibility import may_meet
from chalicelib.domain.model.member import Gender, PairRelations, PartnerGender, Profile
from chalicelib.domain.slot_matching.candidate import Candidate
from chalicelib.domain.slot_matching.candidate_pool import CandidatePool
from tests.domain.slot_matching.populations import GENDERS, NINE, member


def profile(candidate: Candidate) -> Profile:
    settings = {"gender": candidate.gender, "partner_gender": candidate.partner_gender}
    return Profile(candidate.member_id, "Name", "UTC", NINE, "revision", **settings)


def fit(one: Candidate, other: Candidate) -> bool:
    pool = CandidatePool([one, other], [], Random(0))
    assert pool.compatible(0, 1) == pool.compatible(1, 0) == (pool.graph() == [[1], [0]])
    return pool.compatible(0, 1)


def test_r6_two_fit_exactly_where_they_may_meet() -> None:
    settings: list[tuple[Gender | None, PartnerGender]] = list(product(GENDERS, PartnerGender))
    for pair in product(settings, repeat=2):
        one, other = (replace(member(n), gender=it[0], partner_gender=it[1]) for n, it in enumerate(pair))
        assert fit(one, other) == may_meet(PairRelations(profile(one), profile(other)), NINE), pair


def test_r18_two_are_kept_apart_by_either() -> None:
    one, other, apart = member(0), member(1), frozenset({"m0", "m1"})
    assert fit(one, other)
    assert not fit(replace(one, incompatible=apart), other)
    assert not fit(one, replace(other, incompatible=apart))
