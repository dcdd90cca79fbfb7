"""The facts of a candidate, and compatibility by the same rule as for bookings (R6, R13, R18, R20)."""

from datetime import timedelta
from itertools import product
from random import Random

import pytest
from msgspec.structs import replace

from chalicelib.domain.decisions.eligibility import may_be_random_pair
from chalicelib.domain.model.booking import Booking, PartnerPreference, State
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.member import (
    Activity,
    Gender,
    MemberRelations,
    PairRelations,
    PartnerGender,
    Profile,
    Relation,
    WorkStyle,
)
from chalicelib.domain.model.slot import Slot
from chalicelib.domain.slot_matching.candidate import Candidate, candidate_from_profile, candidate_of
from chalicelib.domain.slot_matching.candidate_pool import CandidatePool
from tests.domain.slot_matching.populations import GENDERS, NINE, member

SLOT = Slot(NINE, 50)
ADA = Profile("ada-0001", "Ada", "UTC", NINE, "first", gender=Gender.WOMAN, partner_gender=PartnerGender.SAME)
QUIET = WorkStyle(Activity.DESK, quiet=True)
WAITING = Booking("b", "ada-0001", SLOT, NINE, State.WAITING, work_style=QUIET, queue_position=member(0).queue_position)
# Ids of the slot's candidates by their prefixes.
IDS = {member_id[:8]: member_id for member_id in ("ada-0001", "ben-0002 and more", "cy--0003", "dee-0004")}
FAVORITE, BLOCK = Relation(favorite=True), Relation(blocked=True)


def candidate(
    booking: Booking = WAITING,
    *,
    day: Day | None = None,
    outgoing: dict[str, Relation] | None = None,
) -> Candidate:
    relations = MemberRelations(ADA, outgoing or {})
    return candidate_of(booking, day or Day("ada-0001", SLOT.date), relations, IDS, NINE)


def profile(candidate: Candidate) -> Profile:
    settings = {"gender": candidate.gender, "partner_gender": candidate.partner_gender}
    return Profile(candidate.member_id, "Name", "UTC", NINE, "revision", **settings)


def compatible(one: Candidate, other: Candidate) -> bool:
    pool = CandidatePool([one, other], [], Random(0))
    assert pool.compatible(0, 1) == pool.compatible(1, 0) == (pool.graph() == [[1], [0]])
    return pool.compatible(0, 1)


def test_a_candidate_has_the_facts_of_its_booking_and_profile() -> None:
    assert candidate() == Candidate(
        member_id="ada-0001",
        queue_position=WAITING.queue_position,
        work_style=QUIET,
        gender=Gender.WOMAN,
        partner_gender=PartnerGender.SAME,
    )


def test_r20_a_member_outside_of_the_slot_with_the_id_prefix_of_a_candidate_is_left_out() -> None:
    booking = replace(WAITING, preference=PartnerPreference(favorites=True))
    outgoing = {"ben-0002 and another": FAVORITE, "dee-0004": FAVORITE}
    assert candidate(booking, outgoing=outgoing).preferred == {"dee-0004"}
    assert candidate(outgoing={"ben-0002 and another": BLOCK}).incompatible == frozenset()


@pytest.mark.parametrize(
    ("preference", "preferred"),
    [
        (PartnerPreference(), set()),
        (PartnerPreference(favorites=True), {"cy--0003"}),
        (PartnerPreference(named="dee-0004"), {"dee-0004"}),
        (PartnerPreference(favorites=True, named="dee-0004"), {"cy--0003", "dee-0004"}),
        (PartnerPreference(named="eve-0005"), set()),
    ],
)
def test_r10_a_booking_prefers_its_named_member_and_its_favorites_among_the_candidates(
    preference: PartnerPreference, preferred: set[str]
) -> None:
    outgoing = {"cy--0003": FAVORITE, "dee-0004": Relation(), "fay-0006": FAVORITE}
    assert candidate(replace(WAITING, preference=preference), outgoing=outgoing).preferred == preferred


def test_r6_own_blocks_and_current_snoozes_are_incompatible() -> None:
    ended, current = (Relation(snoozed_until=NINE + timedelta(seconds=n)) for n in (0, 1))
    assert candidate(outgoing={"cy--0003": BLOCK, "dee-0004": ended}).incompatible == {"cy--0003"}
    assert candidate(outgoing={"cy--0003": current, "dee-0004": BLOCK}).incompatible == {"cy--0003", "dee-0004"}
    assert candidate(outgoing={"eve-0005": BLOCK}).incompatible == set()


def test_r18_a_member_who_cancelled_in_this_slot_is_incompatible() -> None:
    day = Day(
        "ada-0001", SLOT.date, cancelled_by=((SLOT, "cy--0003"), (Slot(NINE, 25), "dee-0004"), (SLOT, "gone0009"))
    )
    assert candidate(day=day).incompatible == {"cy--0003"}


def test_r20_recent_partners_are_found_by_the_prefixes_of_their_ids() -> None:
    day = Day("ada-0001", SLOT.date, met={"ben-0002": 1, "eve-0005": 2})
    assert candidate(day=day).met == {"ben-0002 and more": 1}


def test_r13_a_candidate_is_displaced_by_its_queue_position() -> None:
    assert member(0, displaced=True).displaced
    assert not member(0).displaced
    assert not Candidate("m0").displaced


def test_r20_the_sort_key_orders_paired_displaced_and_longest_waiting_candidates() -> None:
    candidates = [member(1, minutes=1), member(2, minutes=2), member(3, minutes=3, displaced=True), Candidate("m4")]
    assert [one.member_id for one in sorted(candidates, key=lambda one: one.sort_key)] == ["m4", "m3", "m1", "m2"]


def test_a_kind_is_gender_preference_and_work_style() -> None:
    assert candidate().kind == (Gender.WOMAN, PartnerGender.SAME, Activity.DESK, True)
    assert candidate(outgoing={"cy--0003": BLOCK}).kind == candidate().kind


def test_a_candidate_from_a_profile_has_gender_and_preference_only() -> None:
    assert candidate_from_profile(ADA) == Candidate("ada-0001", gender=Gender.WOMAN, partner_gender=PartnerGender.SAME)


def test_r6_two_candidates_are_compatible_exactly_if_they_may_meet() -> None:
    settings: list[tuple[Gender | None, PartnerGender]] = list(product(GENDERS, PartnerGender))
    for pair in product(settings, repeat=2):
        one, other = (replace(member(n), gender=it[0], partner_gender=it[1]) for n, it in enumerate(pair))
        assert compatible(one, other) == may_be_random_pair(PairRelations(profile(one), profile(other)), NINE), pair


def test_r18_an_incompatible_id_on_either_side_excludes_the_pair() -> None:
    one, other, both = member(0), member(1), frozenset({"m0", "m1"})
    assert compatible(one, other)
    assert not compatible(replace(one, incompatible=both), other)
    assert not compatible(one, replace(other, incompatible=both))
