"""Eligibility for a random pair, a lock and a lock by invite link.

Each case changes one fact of two members that are eligible.
"""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from chalicelib.domain.decisions.eligibility import (
    is_lockable,
    may_be_random_pair,
    may_lock,
    may_lock_by_invite,
    may_see_hours,
)
from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.member import Availability, Gender, PairRelations, PartnerGender, Relation
from chalicelib.domain.model.suspension import Suspension
from tests.domain.samples import CUTOFF, INSTANT, NOON, SLOT, pair, profile, waiting

AVAILABLE_AHEAD = timedelta(days=14)

ADA, BEN = profile("ada", gender=Gender.WOMAN), profile("ben", gender=Gender.MAN)
PARTICULAR_ADA = replace(ADA, partner_gender=PartnerGender.SAME)
PARTICULAR_BEN = replace(BEN, partner_gender=PartnerGender.SAME)
BEN_FOR_FAVORITES = replace(BEN, availability=Availability.FAVORITES)
BEN_FOR_NO_ONE = replace(BEN, availability=Availability.NO_ONE)

FAVORITE = Relation(favorite=True)
BLOCK, BLOCKED_FAVORITE = Relation(blocked=True), Relation(favorite=True, blocked=True)
SNOOZE, SNOOZED_FAVORITE = Relation(snoozed_until=NOON + INSTANT), Relation(favorite=True, snoozed_until=NOON + INSTANT)
ENDED, ENDED_FAVORITE = Relation(snoozed_until=NOON), Relation(favorite=True, snoozed_until=NOON)


@pytest.mark.parametrize(
    ("relations", "expected"),
    [
        (PairRelations(ADA, BEN), True),
        (PairRelations(None, BEN), False),
        (PairRelations(ADA, None), False),
        (PairRelations(ADA, ADA), False),
        (PairRelations(ADA, BEN, outgoing=BLOCK), False),
        (PairRelations(ADA, BEN, incoming=BLOCK), False),
        (PairRelations(ADA, BEN, outgoing=SNOOZE), False),
        (PairRelations(ADA, BEN, incoming=SNOOZE), False),
        (PairRelations(ADA, BEN, outgoing=ENDED, incoming=ENDED), True),
        (PairRelations(PARTICULAR_ADA, BEN), False),
        (PairRelations(ADA, PARTICULAR_BEN), False),
        (PairRelations(PARTICULAR_ADA, replace(PARTICULAR_BEN, gender=Gender.WOMAN)), True),
        # Random matching honors a gender preference also between favorites.
        (PairRelations(PARTICULAR_ADA, BEN, outgoing=FAVORITE, incoming=FAVORITE), False),
        (PairRelations(ADA, BEN_FOR_NO_ONE), True),
    ],
)
def test_r6_r20_two_members_may_meet_without_block_snooze_or_unmet_gender_preference(
    relations: PairRelations, expected: bool
) -> None:
    assert may_be_random_pair(relations, NOON) is expected


@pytest.mark.parametrize(
    ("relations", "expected"),
    [
        (PairRelations(ADA, BEN, FAVORITE), True),
        (PairRelations(None, BEN, FAVORITE), False),
        (PairRelations(ADA, None, FAVORITE), False),
        (PairRelations(ADA, ADA, FAVORITE, FAVORITE), False),
        # R7: the booker's own favorite is needed, and the target's favorite does not replace it.
        (PairRelations(ADA, BEN), False),
        (PairRelations(ADA, BEN, incoming=FAVORITE), False),
        (PairRelations(ADA, BEN, BLOCKED_FAVORITE), False),
        (PairRelations(ADA, BEN, FAVORITE, BLOCK), False),
        (PairRelations(ADA, BEN, SNOOZED_FAVORITE), False),
        (PairRelations(ADA, BEN, FAVORITE, SNOOZE), False),
        (PairRelations(ADA, BEN, ENDED_FAVORITE, ENDED), True),
        # R6: only the target's gender preference counts, and the target's favorite does not outrank it for `everyone`.
        (PairRelations(ADA, PARTICULAR_BEN, FAVORITE), False),
        (PairRelations(ADA, PARTICULAR_BEN, FAVORITE, FAVORITE), False),
        (PairRelations(PARTICULAR_ADA, BEN, FAVORITE), True),
        # R6: for `favorites` the target's favorite is needed, and it outranks the gender preference.
        (PairRelations(ADA, BEN_FOR_FAVORITES, FAVORITE), False),
        (PairRelations(ADA, BEN_FOR_FAVORITES, FAVORITE, FAVORITE), True),
        (PairRelations(ADA, replace(BEN_FOR_FAVORITES, partner_gender=PartnerGender.SAME), FAVORITE, FAVORITE), True),
        (PairRelations(ADA, BEN_FOR_FAVORITES, FAVORITE, BLOCKED_FAVORITE), False),
        (PairRelations(ADA, BEN_FOR_NO_ONE, FAVORITE, FAVORITE), False),
        # R5: the booker's own setting does not limit the booker.
        (PairRelations(replace(ADA, availability=Availability.NO_ONE), BEN, FAVORITE), True),
    ],
)
def test_r5_r6_r7_a_booker_may_lock_an_own_favorite_as_the_targets_setting_allows(
    relations: PairRelations, expected: bool
) -> None:
    assert may_lock(relations, NOON) is expected


@pytest.mark.parametrize(
    ("relations", "expected"),
    [
        (PairRelations(ADA, BEN), True),
        (PairRelations(None, BEN), False),
        (PairRelations(ADA, None), False),
        (PairRelations(ADA, ADA), False),
        (PairRelations(ADA, BEN_FOR_NO_ONE), True),
        (PairRelations(PARTICULAR_ADA, PARTICULAR_BEN), True),
        (PairRelations(ADA, BEN, outgoing=BLOCK), False),
        (PairRelations(ADA, BEN, incoming=BLOCK), False),
        # The guest's own snooze of the owner does not count.
        (PairRelations(ADA, BEN, outgoing=SNOOZE), True),
        (PairRelations(ADA, BEN, incoming=SNOOZE), False),
        (PairRelations(ADA, BEN, incoming=ENDED), True),
    ],
)
def test_r26_an_invite_link_outranks_settings_and_gender_but_no_block_and_no_snooze_of_its_owner(
    relations: PairRelations, expected: bool
) -> None:
    assert may_lock_by_invite(relations, NOON) is expected


@pytest.mark.parametrize(
    ("relations", "expected"),
    [
        (PairRelations(ADA, BEN), True),
        (PairRelations(ADA, BEN_FOR_NO_ONE), True),
        (PairRelations(ADA, BEN, outgoing=BLOCK), False),
        (PairRelations(ADA, BEN, incoming=BLOCK), False),
        (PairRelations(ADA, BEN, outgoing=SNOOZE), True),
        (PairRelations(ADA, BEN, incoming=SNOOZE), False),
        (PairRelations(ADA, BEN, incoming=ENDED), True),
    ],
)
def test_r10_a_block_either_way_or_a_snooze_of_the_viewer_hides_the_hours(
    relations: PairRelations, expected: bool
) -> None:
    assert may_see_hours(relations, NOON) is expected


WAITS = waiting("ben")
MATCHED = pair(WAITS, waiting("cy"))[0]


@pytest.mark.parametrize(
    ("booking", "expected"),
    [
        (None, False),
        (WAITS, True),
        (MATCHED, True),
        (pair(WAITS, waiting("cy"), State.LOCKED_IN)[0], False),
        (WAITS.cancelled(NOON), False),
    ],
)
def test_r15_only_a_waiting_or_matched_booking_is_lockable(booking: Booking | None, expected: bool) -> None:
    assert is_lockable(booking, NOON, CUTOFF) is expected


def test_r8_a_booking_is_lockable_from_two_weeks_before_its_start_until_its_start() -> None:
    assert not is_lockable(WAITS, SLOT.start - AVAILABLE_AHEAD - INSTANT, CUTOFF)
    assert is_lockable(WAITS, SLOT.start - AVAILABLE_AHEAD, CUTOFF)
    assert is_lockable(WAITS, SLOT.start - INSTANT, CUTOFF)
    assert not is_lockable(WAITS, SLOT.start, CUTOFF)


def test_r22_a_final_match_is_not_lockable_and_a_waiting_booking_is() -> None:
    assert is_lockable(MATCHED, SLOT.start - CUTOFF - INSTANT, CUTOFF)
    assert not is_lockable(MATCHED, SLOT.start - CUTOFF, CUTOFF)
    assert is_lockable(WAITS, SLOT.start - CUTOFF, CUTOFF)


@pytest.mark.parametrize("suspended", ["ada", "ben"])
def test_r47_a_suspended_member_is_eligible_for_nothing(suspended: str) -> None:
    suspension = Suspension(NOON, "Rude", "sol")
    one, other = (replace(each, suspension=suspension) if each.member_id == suspended else each for each in (ADA, BEN))
    for judge in (may_be_random_pair, may_lock, may_lock_by_invite):
        assert judge(PairRelations(ADA, BEN, FAVORITE, FAVORITE), NOON)
        assert not judge(PairRelations(one, other, FAVORITE, FAVORITE), NOON)
