"""The demand of slots as one member sees it (R6, R18, R46)."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from msgspec.structs import replace

from chalicelib.domain.decisions.demand_view import MOST_JUDGED, demands, members_to_judge, nearest_hours
from chalicelib.domain.model.day import Day, Days
from chalicelib.domain.model.demand import Demand, WaitingMember
from chalicelib.domain.model.member import Gender, PairRelations, PartnerGender, Profile, Relation
from tests.harness import MONDAY, at

NINE, TEN = at(1), at(2)
CALLER = Profile("caller00".ljust(24, "c"), "Caller", "UTC", MONDAY, "r")
OTHER = Profile("other000".ljust(24, "o"), "Other", "UTC", MONDAY, "r")
WAITS = WaitingMember(OTHER.member_id)
NO_DAYS = Days([Day(CALLER.member_id, NINE.date)])
SNOOZED = Relation(snoozed_until=MONDAY + timedelta(minutes=1))
ENDED = Relation(snoozed_until=MONDAY)


def seen(
    relations: PairRelations | None, member: WaitingMember = WAITS, days: Days = NO_DAYS
) -> Mapping[object, Demand]:
    judged = {OTHER.member_id: relations} if relations else {}
    return demands({NINE: (member,)}, judged, CALLER.member_id, days, MONDAY)


@pytest.mark.parametrize(
    ("relations", "shown"),
    [
        (PairRelations(CALLER, OTHER), True),
        (PairRelations(CALLER, OTHER, ENDED, ENDED), True),
        (PairRelations(CALLER, OTHER, Relation(blocked=True)), False),
        (PairRelations(CALLER, OTHER, incoming=Relation(blocked=True)), False),
        (PairRelations(CALLER, OTHER, SNOOZED), False),
        (PairRelations(CALLER, OTHER, incoming=SNOOZED), False),
        (PairRelations(CALLER, None), False),
        (PairRelations(CALLER, CALLER), False),
        (PairRelations(replace(CALLER, partner_gender=PartnerGender.SAME), OTHER), False),
        (PairRelations(CALLER, replace(OTHER, partner_gender=PartnerGender.SAME)), False),
        (
            PairRelations(
                replace(CALLER, partner_gender=PartnerGender.SAME, gender=Gender.MAN),
                replace(OTHER, partner_gender=PartnerGender.SAME, gender=Gender.MAN),
            ),
            True,
        ),
        (None, False),
    ],
)
def test_r46_demand_shows_members_that_random_matching_could_pair_with_the_caller(
    relations: PairRelations | None, shown: bool
) -> None:
    assert seen(relations) == ({NINE: Demand.SOME} if shown else {})


def test_r18_a_cancel_of_one_on_the_other_in_the_slot_hides_the_demand() -> None:
    relations = PairRelations(CALLER, OTHER)
    assert seen(relations, WaitingMember(OTHER.member_id, ("caller00",))) == {}
    assert seen(relations, WaitingMember(OTHER.member_id, ("another0",))) == {NINE: Demand.SOME}
    here = NO_DAYS[CALLER.member_id, NINE.date].with_cancelled_by(NINE, OTHER.member_id)
    elsewhere = NO_DAYS[CALLER.member_id, NINE.date].with_cancelled_by(TEN, OTHER.member_id)
    assert seen(relations, days=Days([here])) == {}
    assert seen(relations, days=Days([elsewhere])) == {NINE: Demand.SOME}


def test_r46_only_members_who_could_meet_the_caller_count_for_many() -> None:
    waiting = {NINE: tuple(WaitingMember(f"{number:024}") for number in range(6))}
    relations = {
        f"{number:024}": PairRelations(CALLER, replace(OTHER, member_id=f"{number:024}")) for number in range(6)
    }
    assert demands(waiting, relations, CALLER.member_id, NO_DAYS, MONDAY) == {NINE: Demand.MANY}
    for blocker in (1, 4):
        relations[f"{blocker:024}"] = replace(relations[f"{blocker:024}"], incoming=Relation(blocked=True))
    assert demands(waiting, relations, CALLER.member_id, NO_DAYS, MONDAY) == {NINE: Demand.SOME}


def test_r46_the_first_member_of_each_slot_is_judged_before_any_second_one() -> None:
    crowded = {at(1 + slot / 4): tuple(WaitingMember(f"{slot}.{place}") for place in range(8)) for slot in range(12)}
    judged = members_to_judge(crowded, "me")
    # No slot looks as if it had no waiting member.
    assert judged[:24] == [f"{slot}.{place}" for place in range(2) for slot in range(12)]
    assert len(judged) == MOST_JUDGED


def test_r36_no_hour_is_read_after_the_last_member_that_a_view_judges() -> None:
    hours = [{at(hour): tuple(WaitingMember(f"{hour}.{place}") for place in range(20))} for hour in range(1, 5)]
    repeated = [{at(hour): (WaitingMember("one"),)} for hour in range(5, 100)]
    assert list(nearest_hours(iter(hours))) == hours[:3]
    assert list(nearest_hours(iter(repeated))) == repeated


def test_r36_a_view_judges_a_bounded_number_of_members_each_once() -> None:
    far = {at(2 + hour / 4): (WaitingMember(f"{hour:024}"), WaitingMember("first")) for hour in range(MOST_JUDGED)}
    judged = members_to_judge(far | {NINE: (WaitingMember("me"), WaitingMember("first"))}, "me")
    assert judged == [f"{hour:024}" for hour in range(MOST_JUDGED)]
    few = {slot: far[slot] for slot in sorted(far)[:3]}
    assert members_to_judge(few, "me") == [*(f"{hour:024}" for hour in range(3)), "first"]
