"""The reads of a batch, and the requests that wait for an earlier one (R1, R16, R30, R36)."""

from collections.abc import Sequence

import pytest

from bench.request_units import RequestUnitLedger
from chalicelib.domain.decisions.booking_facts import BookingFacts
from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.decisions.queue_view import PAGE
from chalicelib.domain.model.limits import LimitKind, versioned_limit_of
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.slot import Slot
from chalicelib.services.bookings.batch_facts import BatchFacts, WantedFacts, depends, gather_batch
from chalicelib.services.bookings.book import terms_of
from chalicelib.storage import keys, reads
from tests.harness import World, at
from tests.storage.test_booking_reads import in_order

NINE = at(1)
DAY = 24


def gathered(world: World, member: Profile, *requests: BookingRequest, key: str | None = None) -> BatchFacts:
    terms = [terms_of(world.context, world.now, f"operation {place}", "0" * 16) for place in range(len(requests))]
    wanted = [WantedFacts(one, key, each, contended=False) for one, each in zip(requests, terms, strict=True)]
    return gather_batch(world.context, member, wanted, world.now)


def ready(facts: BatchFacts) -> list[bool]:
    """Return for each request whether it is decided in this round."""
    return [isinstance(one, BookingFacts) for one in facts.facts]


def test_r1_the_limits_are_read_before_the_days_and_the_queues_before_the_candidates(world: World) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    slots = [NINE, at(1 + DAY)]
    for slot, member in zip(slots, (ben, cy), strict=True):
        world.book(member, slot)
    with RequestUnitLedger(world.table.connection.client) as ledger:
        gathered(world, ada, *map(BookingRequest, slots))
    me = ada.member_id
    limit, days, *queues, one, other = in_order(ledger)
    assert limit == {keys.versioned_limit(me, LimitKind.BOOKINGS)}
    assert days == {keys.member(me)}
    assert set().union(*queues) == {keys.pool_of(slot, 0) for slot in slots}
    others = (ben.member_id, cy.member_id)
    candidates = {keys.day(other, slot.date) for other, slot in zip(others, slots, strict=True)}
    profiles = {keys.profile(member_id) for member_id in (me, *others)}
    relations = profiles | {key for other in others for key in (keys.about(me, other), keys.about(other, me))}
    # One batch each, in parallel.
    assert (candidates in (one, other), one | other) == (True, candidates | relations)


@pytest.mark.parametrize(
    ("slots", "decided"),
    [
        ([NINE, at(2), at(1 + DAY)], [True, True, True]),
        ([NINE, NINE, at(3)], [True, False, True]),
        ([NINE, at(1.5), at(2)], [True, False, False]),
        # A footprint that passes midnight overlaps a slot of the next date.
        ([at(15.75), at(16), at(1)], [True, False, True]),
    ],
)
def test_r3_a_request_waits_for_an_earlier_one_whose_slot_overlaps(
    world: World, slots: Sequence[Slot], decided: Sequence[bool]
) -> None:
    ada = world.member("Ada")
    assert ready(gathered(world, ada, *map(BookingRequest, slots))) == decided


def test_r16_a_request_that_is_refused_or_exists_makes_no_other_wait(world: World) -> None:
    ada = world.member("Ada")
    world.book(ada, NINE)
    assert (
        ready(gathered(world, ada, BookingRequest(NINE), BookingRequest(at(1.5)), BookingRequest(NINE))) == [True] * 3
    )


def test_r16_after_a_waiting_request_that_may_replace_another_all_wait() -> None:
    later, replacing = BookingRequest(at(5)), BookingRequest(NINE, replace=True)
    assert not depends(later, [BookingRequest(NINE)], limited=False)
    assert depends(later, [replacing], limited=False)
    assert depends(later, [BookingRequest(NINE)], limited=True)
    assert depends(later, [BookingRequest(at(5.5))], limited=False)
    assert not depends(later, [], limited=True)


def test_r30_a_slot_on_a_date_that_cannot_be_booked_reads_no_further_day(world: World) -> None:
    ada = world.member("Ada")
    far = Slot(at(0).start.replace(year=9998), 50)
    found = gathered(world, ada, BookingRequest(far), BookingRequest(NINE))
    assert ready(found) == [True, True]
    (first, _) = found.facts
    assert isinstance(first, BookingFacts)
    assert len(list(first.booker.days)) < 200


def test_r36_near_the_limit_it_is_put_in_force_and_the_days_are_read_after_it(world: World) -> None:
    world.allow(bookings=100)
    ada = world.member("Ada")
    limit = versioned_limit_of(ada.member_id, LimitKind.BOOKINGS)
    (first, _) = gathered(world, ada, BookingRequest(NINE), BookingRequest(at(3))).facts
    assert isinstance(first, BookingFacts)
    assert first.booker.limit == reads.versioned_limit(world.table, limit)
    assert first.booker.limit.version == 2
    with RequestUnitLedger(world.table.connection.client) as ledger:
        again = gathered(world, ada, BookingRequest(NINE), BookingRequest(at(3)))
    assert in_order(ledger)[:2] == [
        {keys.versioned_limit(ada.member_id, kind) for kind in (LimitKind.BOOKINGS, LimitKind.BATCHES)},
        {keys.member(ada.member_id)},
    ]
    assert [one.booker.limit for one in again.facts if isinstance(one, BookingFacts)] == [first.booker.limit] * 2
    # The account is read once for both.
    assert len(ledger.requests) == 2 + 2 + 1


def test_r20_a_full_page_and_several_queue_shards_need_no_round_of_their_own(world: World) -> None:
    ada = world.member("Ada")
    members = world.members(*(f"Other {number}" for number in range(PAGE + 1)))
    world.relate(((one, other) for one in members for other in members if one != other), blocked=True)
    for member in members:
        # Later than the surge window, so that no further queue shard is opened.
        world.after(seconds=2).book(member, NINE)
    found = gathered(world, ada, BookingRequest(NINE), BookingRequest(at(3)))
    assert [type(one) for one in found.facts] == [BookingFacts] * 2
    (first, _) = found.facts
    assert isinstance(first, BookingFacts)
    assert first.waiting_members
    assert len(first.waiting_members.queue.latest) == PAGE
