"""R6 and R18: who fits whom when a slot is finalized, by the same rule as everywhere else."""

from itertools import product
from random import Random

from msgspec.structs import replace

from chalicelib.domain.company import Company
from chalicelib.domain.eligibility import may_meet
from chalicelib.domain.entrant import Entrant
from chalicelib.domain.member import Gender, PartnerGender, Profile, Standing
from tests.domain.populations import GENDERS, NINE, member


def profile(entrant: Entrant) -> Profile:
    settings = {"gender": entrant.gender, "partner_gender": entrant.partner_gender}
    return Profile(entrant.member_id, "Name", "UTC", NINE, "revision", **settings)


def fit(one: Entrant, other: Entrant) -> bool:
    company = Company([one, other], [], Random(0))
    assert company.fit(0, 1) == company.fit(1, 0) == (company.graph() == [[1], [0]])
    return company.fit(0, 1)


def test_r6_two_fit_exactly_where_they_may_meet() -> None:
    settings: list[tuple[Gender | None, PartnerGender]] = list(product(GENDERS, PartnerGender))
    for pair in product(settings, repeat=2):
        one, other = (replace(member(n), gender=it[0], partner_gender=it[1]) for n, it in enumerate(pair))
        assert fit(one, other) == may_meet(Standing(profile(one), profile(other)), NINE), pair


def test_r18_two_are_kept_apart_by_either() -> None:
    one, other, apart = member(0), member(1), frozenset({"m0", "m1"})
    assert fit(one, other)
    assert not fit(replace(one, apart=apart), other)
    assert not fit(one, replace(other, apart=apart))
