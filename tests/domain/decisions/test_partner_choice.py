"""The choice of a random partner for one booking."""

from collections.abc import Iterable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.decisions.partner_choice import RECENT, choose_partner, may_pair, unread_block
from chalicelib.domain.model.booking import Booking, PartnerPreference
from chalicelib.domain.model.day import Day, Days
from chalicelib.domain.model.member import Activity, PairRelations, Relation, WorkStyle
from chalicelib.domain.model.slot import Slot
from tests.domain.samples import INSTANT, NOON, SLOT, days_of, pair, profile, waiting

FAVORITE = Relation(favorite=True)
FAVORITES = PartnerPreference(favorites=True)
OTHER_SLOT = Slot(SLOT.start + timedelta(hours=2), 50)
ADA = waiting("ada", work_style=WorkStyle(Activity.DESK))
RELATIONS = PairRelations(profile("ada"), profile("ben"))


class Other(Struct, frozen=True):
    """A waiting member as Ada's choice sees the member."""

    booking: Booking
    outgoing: Relation = Relation()
    incoming: Relation = Relation()
    days_since: int | None = None

    @property
    def relations(self) -> PairRelations:
        return PairRelations(profile("ada"), profile(self.booking.member_id), self.outgoing, self.incoming)


def chosen(others: Iterable[Other], own: Booking = ADA, *, seed: int = 0, more: Iterable[Day] = ()) -> str | None:
    others = list(others)
    met = {other.booking.member_id: other.days_since for other in others if other.days_since is not None}
    ours = days_of(own, *(other.booking for other in others))
    days = Days([*(replace(day, met=met) if day.member_id == "ada" else day for day in ours), *more])
    found = choose_partner(own, [other.relations for other in others], days, NOON, Random(seed))
    return found and found.member_id


def always_chosen(better: Other, worse: Other, own: Booking = ADA) -> bool:
    """Return whether the better one is chosen in either order and with several seeds."""
    orders = [(better, worse), (worse, better)]
    return all(chosen(order, own, seed=seed) == better.booking.member_id for order in orders for seed in range(5))


# The tiers of R20 in their order, each with the facts that are good and bad for a member.
TIERS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"displaced": True}, {"displaced": False}),
    ({"named": True}, {"named": False}),
    ({"favorite": True}, {"favorite": False}),
    ({"alike": True}, {"alike": False}),
    ({"days_since": None}, {"days_since": 7}),
    ({"minutes": 20}, {"minutes": 10}),
]


def other(member_id: str, facts: dict[str, Any]) -> Other:
    return Other(
        waiting(
            member_id,
            displaced=facts["displaced"],
            minutes=facts["minutes"],
            preference=PartnerPreference(named="ada" if facts["named"] else None),
            work_style=WorkStyle(Activity.DESK if facts["alike"] else Activity.MOVING),
        ),
        outgoing=Relation(favorite=facts["favorite"]),
        days_since=facts["days_since"],
    )


@pytest.mark.parametrize("tier", range(len(TIERS)))
def test_r20_each_tier_outranks_all_lower_tiers_together(tier: int) -> None:
    better: dict[str, Any] = {}
    worse: dict[str, Any] = {}
    for number, (good, bad) in enumerate(TIERS):
        # Above the tier both are equally bad. Below it the better one has only bad facts.
        better |= good if number == tier else bad
        worse |= good if number > tier else bad
    asking = replace(ADA, preference=FAVORITES)
    assert always_chosen(other("ben", better), other("cy", worse), asking)


def test_r10_either_booking_may_name_the_other() -> None:
    plain = Other(waiting("cy", minutes=99))
    assert always_chosen(Other(waiting("ben")), plain, replace(ADA, preference=PartnerPreference(named="ben")))
    assert always_chosen(Other(waiting("ben", preference=PartnerPreference(named="ada"))), plain)
    assert always_chosen(plain, Other(waiting("ben", preference=PartnerPreference(named="eve"))))


def test_r20_the_favorites_of_the_booking_count_if_it_prefers_them() -> None:
    favorite, longest = Other(waiting("ben"), outgoing=FAVORITE), Other(waiting("cy", minutes=99))
    assert always_chosen(favorite, longest, replace(ADA, preference=FAVORITES))
    assert always_chosen(longest, favorite)


def test_r20_the_favorites_of_a_waiting_member_count_if_that_booking_prefers_them() -> None:
    longest = Other(waiting("cy", minutes=99))
    assert always_chosen(Other(waiting("ben", preference=FAVORITES), incoming=FAVORITE), longest)
    assert always_chosen(longest, Other(waiting("ben"), incoming=FAVORITE))


def test_r20_a_preference_for_favorites_does_not_count_for_the_favorites_of_the_other() -> None:
    longest = Other(waiting("cy", minutes=99))
    assert always_chosen(longest, Other(waiting("ben"), incoming=FAVORITE), replace(ADA, preference=FAVORITES))
    assert always_chosen(longest, Other(waiting("ben", preference=FAVORITES), outgoing=FAVORITE))


@pytest.mark.parametrize(("days_before", "expected"), [(1, "cy"), (7, "cy"), (8, "ben")])
def test_r20_a_partner_of_the_seven_days_before_was_met_recently(days_before: int, expected: str) -> None:
    past = Slot(SLOT.start - timedelta(days=days_before), 50)
    earlier, _ = pair(waiting("ada", past), waiting("ben", past))
    others = [Other(waiting("ben", minutes=99)), Other(waiting("cy"))]
    assert chosen(others, more=days_of(earlier)) == expected


def test_r20_a_meeting_that_only_the_day_of_the_other_records_counts() -> None:
    others = [Other(waiting("ben", minutes=99)), Other(waiting("cy"))]
    records = Day("ben", SLOT.date, met={"ada": 3}).with_booking(others[0].booking)
    assert chosen(others) == "ben"
    assert chosen(others, more=[records]) == "cy"


def test_r20_equal_members_are_chosen_by_the_seed_alone() -> None:
    equal = [Other(waiting(member_id)) for member_id in ("ben", "cy", "dee")]
    by_seed = [chosen(equal, seed=seed) for seed in range(30)]
    assert set(by_seed) == {"ben", "cy", "dee"}
    assert by_seed == [chosen(equal, seed=seed) for seed in range(30)]


def test_r18_r20_only_eligible_waiting_bookings_of_the_slot_are_chosen() -> None:
    blocked = Other(waiting("ben"), incoming=Relation(blocked=True))
    matched = Other(pair(waiting("cy"), waiting("dee"))[0])
    cancelled = Other(waiting("eve").cancelled(NOON))
    elsewhere = Other(waiting("fay", OTHER_SLOT))
    unfit = [blocked, matched, cancelled, elsewhere]
    assert chosen(unfit) is None
    assert chosen([*unfit, Other(waiting("gil"))]) == "gil"


def test_r18_two_members_are_not_paired_again_in_a_slot_where_one_cancelled_on_the_other() -> None:
    ada, ben = Day("ada", SLOT.date), Day("ben", SLOT.date)
    assert may_pair(RELATIONS, SLOT, Days([ada, ben]), NOON)
    assert not may_pair(RELATIONS, SLOT, Days([ada.with_cancelled_by(SLOT, "ben"), ben]), NOON)
    assert not may_pair(RELATIONS, SLOT, Days([ada, ben.with_cancelled_by(SLOT, "ada")]), NOON)
    elsewhere = Days([ada.with_cancelled_by(OTHER_SLOT, "ben"), ben.with_cancelled_by(SLOT, "cy")])
    assert may_pair(RELATIONS, SLOT, elsewhere, NOON)


def test_r20_two_members_are_paired_until_the_start_and_only_if_they_may_meet() -> None:
    days = Days([Day("ada", SLOT.date), Day("ben", SLOT.date)])
    assert may_pair(RELATIONS, SLOT, days, SLOT.start - INSTANT)
    assert not may_pair(RELATIONS, SLOT, days, SLOT.start)
    assert not may_pair(replace(RELATIONS, outgoing=Relation(blocked=True)), SLOT, days, NOON)
    assert not may_pair(replace(RELATIONS, other=None), SLOT, days, NOON)
    assert not may_pair(replace(RELATIONS, member=None), SLOT, days, NOON)


def test_r20_of_two_members_met_before_the_one_met_longest_ago_is_chosen() -> None:
    later, earlier = Other(waiting("ben", minutes=99), days_since=1), Other(waiting("cy"), days_since=2)
    assert always_chosen(earlier, later)
    # The latest of the meetings that either day records counts.
    records = Day("cy", SLOT.date, met={"ada": 0}).with_booking(earlier.booking)
    assert chosen([later, earlier], more=[records]) == "ben"


BLOCK = (("ben", "ada"),)


@pytest.mark.parametrize(
    ("ago", "excluded"),
    [
        (None, ()),
        (timedelta(0), BLOCK),
        (RECENT - INSTANT, BLOCK),
        (RECENT, ()),
        # Another function's clock may be ahead.
        (INSTANT - RECENT, BLOCK),
        (-RECENT, ()),
    ],
)
def test_r1_the_commit_excludes_a_block_that_both_reads_can_have_missed(
    ago: timedelta | None, excluded: tuple[Any, ...]
) -> None:
    day = Day("ben", NOON.date(), bumped_at=None if ago is None else NOON - ago)
    assert unread_block(day, "ada", NOON) == excluded
