"""The rules of booking a slot (R9, R12, R14, R16)."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.domain.decisions.booking_rules import (
    BookingRequest,
    OwnConflicts,
    bookings_losing_partners,
    lockable_now,
    own_conflicts,
)
from chalicelib.domain.decisions.day_editor import StaleRead
from chalicelib.domain.decisions.decide_lock import decide_lock
from chalicelib.domain.model.booking import Booking, PartnerPreference
from chalicelib.domain.model.errors import Refusal, TimeConflict
from chalicelib.domain.model.member import Activity, Availability, PairRelations, Relation, WorkStyle
from tests.domain.decisions.booking_cases import (
    ADA,
    BEN,
    BLOCK,
    CY,
    DEE,
    NINE,
    NOW,
    at,
    days_of,
    lock_facts,
    locked_in,
    member,
    paired,
    snoozed,
    terms,
    waiting,
)
from tests.domain.samples import CUTOFF

DESK = WorkStyle(Activity.DESK, quiet=True)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, DESK),
        ({"activity": Activity.MOVING}, WorkStyle(Activity.MOVING, quiet=True)),
        ({"quiet": False}, WorkStyle(Activity.DESK, quiet=False)),  # `or`, which drops False
    ],
)
def test_r16_a_request_keeps_the_work_style_that_it_does_not_name(asked: dict[str, Any], expected: WorkStyle) -> None:
    request = BookingRequest(NINE, **asked)
    assert request.work_style(DESK) == expected
    held = waiting(ADA, work_style=DESK, title="Thesis")
    assert request.applied_to(held) == replace(held, work_style=expected)


MET: dict[str, tuple[BookingRequest, Booking, bool]] = {
    "a waiting booking": (BookingRequest(NINE), waiting(ADA), True),
    "a matched booking": (BookingRequest(NINE), paired(ADA, BEN), True),
    "another title": (BookingRequest(NINE, title="Thesis"), waiting(ADA), False),
    "the same title": (BookingRequest(NINE, title="Thesis"), waiting(ADA, title="Thesis"), True),
    "another work style": (BookingRequest(NINE, quiet=True), waiting(ADA), False),
    "favorites, which a waiting booking takes on": (  # a conflict, as for another title
        BookingRequest(NINE, preference=PartnerPreference(favorites=True)), waiting(ADA), True,
    ),
    "favorites, of a matched booking": (
        BookingRequest(NINE, preference=PartnerPreference(favorites=True)), paired(ADA, BEN), False,
    ),
    "favorites, asked for before": (  # a preference left out is taken back
        BookingRequest(NINE), waiting(ADA, preference=PartnerPreference(favorites=True)), True,
    ),
    "a name, which a waiting booking takes on": (
        BookingRequest(NINE, preference=PartnerPreference(named=BEN.member_id)), waiting(ADA), True,
    ),
    "a name, of a booking matched with another": (
        BookingRequest(NINE, preference=PartnerPreference(named=BEN.member_id)), paired(ADA, CY), False,
    ),
    "the partner's name": (  # compares preferences only
        BookingRequest(NINE, preference=PartnerPreference(named=BEN.member_id)), paired(ADA, BEN), True,
    ),
    "a lock that exists": (BookingRequest(NINE, lock_with=BEN.member_id), locked_in(ADA, BEN), True),
    "a lock that exists, with a title (R14)": (
        BookingRequest(NINE, lock_with=BEN.member_id, title="Thesis"), locked_in(ADA, BEN), True,
    ),
    "a lock of the random partner": (BookingRequest(NINE, lock_with=BEN.member_id), paired(ADA, BEN), False),
    "a lock with a third": (BookingRequest(NINE, lock_with=CY.member_id), locked_in(ADA, BEN), False),
}  # fmt: skip


@pytest.mark.parametrize(("request_", "held", "expected"), MET.values(), ids=MET)
def test_r16_a_booking_that_is_all_that_was_asked_for_meets_the_request(
    request_: BookingRequest, held: Booking, expected: bool
) -> None:
    assert request_.is_satisfied_by(held) is expected
    if expected:
        found = own_conflicts(request_, ADA.member_id, days_of(ADA, [held]), NOW)
        assert found == OwnConflicts(held, satisfied=True)


def test_r10_the_name_asked_for_last_replaces_the_name_of_a_waiting_booking() -> None:
    held = waiting(ADA, preference=PartnerPreference(favorites=True, named=BEN.member_id))
    asked = BookingRequest(NINE, preference=PartnerPreference(named=CY.member_id))
    assert asked.applied_to(held).preference == PartnerPreference(favorites=True, named=CY.member_id)


def test_r16_every_overlapping_booking_is_replaced_and_none_that_only_touches() -> None:
    before, after, touching = waiting(ADA, at(0.5)), waiting(ADA, at(1.75)), waiting(ADA, at(3))
    days = days_of(ADA, [before, after, touching])
    request = BookingRequest(NINE, replace=True)
    assert own_conflicts(request, ADA.member_id, days, NOW) == OwnConflicts(
        None, satisfied=False, replaced=(before, after)
    )
    with pytest.raises(TimeConflict) as refusal:
        own_conflicts(BookingRequest(NINE), ADA.member_id, days, NOW)
    assert refusal.value.field == "startTime"


def test_r12_partners_of_both_are_displaced_unless_the_two_are_each_others() -> None:
    ada, ben = paired(ADA, CY), paired(BEN, DEE)
    assert bookings_losing_partners(ada, ben) == [ada, ben]
    assert bookings_losing_partners(waiting(ADA), ben) == bookings_losing_partners(None, ben) == [ben]
    assert bookings_losing_partners(ada, waiting(BEN)) == [ada]
    assert bookings_losing_partners(paired(ADA, BEN), paired(BEN, ADA)) == []


RELATIONS = [Relation(), Relation(favorite=True), snoozed(), BLOCK]
INSTANTS = [NOW, NINE.start - CUTOFF, NINE.start]


@pytest.mark.parametrize("availability", list(Availability))
@pytest.mark.parametrize("own", [[], [waiting(ADA)], [paired(ADA, CY)], [locked_in(ADA, CY)], [waiting(ADA, at(1.5))]])
@pytest.mark.parametrize("theirs", [waiting(BEN), paired(BEN, DEE), locked_in(BEN, DEE)])
def test_r9_a_booking_is_lockable_if_and_only_if_its_lock_succeeds(
    availability: Availability, own: list[Booking], theirs: Booking
) -> None:
    target = member("Ben", availability=availability)
    others = [*[paired(CY, ADA)] * (own == [paired(ADA, CY)]), *[paired(DEE, BEN)] * (theirs == paired(BEN, DEE))]
    for outgoing in RELATIONS:
        for incoming in RELATIONS:
            relations = PairRelations(ADA, target, outgoing, incoming)
            facts = lock_facts(
                target=target, own=own, theirs=theirs, others=others, outgoing=outgoing, incoming=incoming
            )
            for now in INSTANTS:
                shown = lockable_now(relations, facts.booker.days, theirs, now, CUTOFF)
                try:
                    decide_lock(facts, terms(now=now))
                except (Refusal, StaleRead):
                    locked = False
                else:
                    locked = True
                assert shown is locked


def test_r9_a_booking_further_ahead_than_14_days_is_not_lockable() -> None:
    relations = PairRelations(ADA, BEN, Relation(favorite=True))
    near, far = waiting(BEN, at(14 * 24)), waiting(BEN, at(14 * 24 + 0.25))
    days = days_of(ADA)
    assert lockable_now(relations, days, near, NOW, CUTOFF)
    assert not lockable_now(relations, days, far, NOW, CUTOFF)
    assert lockable_now(relations, days, far, NOW + timedelta(minutes=15), CUTOFF)
    assert not lockable_now(replace(relations, member=None), days, near, NOW, CUTOFF)
