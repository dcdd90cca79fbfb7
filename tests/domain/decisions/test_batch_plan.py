"""The merging of several bookings into transactions, and what each sees of those before it (R3, R16, R36)."""

from itertools import count
from random import Random

import pytest
from msgspec.structs import replace

from chalicelib.domain.decisions.batch_plan import MOST_WRITES, BatchPlan, Grouping, is_judged_alike, number_of_writes
from chalicelib.domain.decisions.booking_facts import BookingFacts
from chalicelib.domain.decisions.day_editor import DayChange
from chalicelib.domain.decisions.decide_random import decide_random
from chalicelib.domain.decisions.write_set import QueueShardsOpened, RecordedResponse, WriteSet
from chalicelib.domain.model.limits import LimitKind, VersionedLimit, versioned_limit_of
from chalicelib.domain.model.slot import Slot
from tests.domain.decisions.booking_cases import ADA, BEN, NINE, NOW, Fit, at, random_facts, shown, terms

DAY = 24
BATCHES = versioned_limit_of(ADA.member_id, LimitKind.BATCHES)
BOOKINGS = VersionedLimit(ADA.member_id, LimitKind.BOOKINGS, version=5)


def plan_of(grouping: Grouping = Grouping.WHOLE, batches: VersionedLimit | None = None) -> BatchPlan:
    numbers = count(1)
    return BatchPlan(grouping, batches, lambda: f"plan {next(numbers)}")


def facts_at(slot: Slot, *fits: Fit, limit: VersionedLimit | None = None) -> BookingFacts:
    """Return the facts of a random booking of Ada in a slot."""
    return random_facts(
        *fits, slot=slot, booker_facts={"limit": limit}, today={"version": 3, "operations": ("before",)}
    )


def decided(plan: BatchPlan, slot: Slot, place: int, *fits: Fit, limit: VersionedLimit | None = None) -> WriteSet:
    """Decide a booking on the days as the plan leaves them, add it, and return its own write set."""
    token = f"{place:016}"
    decision = decide_random(
        plan.evolved(facts_at(slot, *fits, limit=limit)), terms(booking_token=token, operation="decision"), Random(1)
    )
    plan.add(place, slot.date, decision.changes)
    return decision.changes


def own_changes(changes: WriteSet) -> list[DayChange]:
    return [change for change in changes.days if change.after.member_id == ADA.member_id]


def test_r3_bookings_of_one_date_write_their_day_once_with_both() -> None:
    plan = plan_of()
    for place, slot in enumerate((NINE, at(3))):
        decided(plan, slot, place)
    (transaction,) = plan.transactions
    assert (transaction.places, transaction.operation) == ((0, 1), "plan 1")
    (change,) = own_changes(transaction.changes)
    assert [booking.slot for booking in change.after.bookings] == [NINE, at(3)]
    # The condition is the version that was read, and the write increments it once.
    assert (change.before.version, change.after.version) == (3, 4)
    assert change.after.operations == ("before", "plan 1")


def test_r16_a_booking_sees_those_before_it() -> None:
    plan = plan_of()
    decided(plan, NINE, 0)
    read = facts_at(at(1.5))
    evolved = plan.evolved(read)
    assert [booking.slot for booking in evolved.booker.days[ADA.member_id, NINE.date].active] == [NINE]
    assert not is_judged_alike(read, evolved, terms())
    assert is_judged_alike(facts_at(at(3)), plan.evolved(facts_at(at(3))), terms())


def test_r3_days_of_a_transaction_follow_those_of_the_one_before() -> None:
    plan = plan_of(Grouping.ITEM)
    for place, slot in enumerate((NINE, at(3))):
        decided(plan, slot, place)
    first, second = (own_changes(transaction.changes)[0] for transaction in plan.transactions)
    assert [transaction.places for transaction in plan.transactions] == [(0,), (1,)]
    assert (first.before.version, first.after.version) == (3, 4)
    assert second.before == first.after
    assert (second.after.version, second.after.operations) == (5, ("before", "plan 1", "plan 2"))
    assert [booking.slot for booking in second.after.bookings] == [NINE, at(3)]


@pytest.mark.parametrize(
    ("grouping", "places"),
    [
        (Grouping.WHOLE, [(0, 1, 2, 3)]),
        (Grouping.DATE, [(0, 1), (2,), (3,)]),
        (Grouping.ITEM, [(0,), (1,), (2,), (3,)]),
    ],
)
def test_a_transaction_holds_consecutive_bookings(grouping: Grouping, places: list[tuple[int, ...]]) -> None:
    plan = plan_of(grouping)
    for place, slot in enumerate((NINE, at(3), at(1 + DAY), at(5))):
        decided(plan, slot, place)
    assert [transaction.places for transaction in plan.transactions] == places
    assert [grouping.smaller for grouping in Grouping] == [Grouping.DATE, Grouping.ITEM, Grouping.ITEM]


def test_a_transaction_has_at_most_100_writes() -> None:
    plan = plan_of()
    for place in range(60):
        decided(plan, at(1 + DAY * (place % 15) + 2 * (place // 15)), place)
    numbers = [number_of_writes(transaction.changes) for transaction in plan.transactions]
    # Each booking has a row, and 15 days hold four each.
    assert (numbers, sum(numbers)) == ([15 + 60], 75)
    opened = WriteSet(queue_shards=(QueueShardsOpened(NINE, 1, 4), QueueShardsOpened(at(2), 4, 16)))
    plan.add(60, NINE.date, opened)
    plan.add(61, NINE.date, opened)
    assert [number_of_writes(transaction.changes) for transaction in plan.transactions] == [95, 20]
    assert max(numbers) <= MOST_WRITES


def test_r36_the_limit_of_bookings_is_incremented_once_by_each_transaction() -> None:
    for grouping, versions in ((Grouping.WHOLE, [5]), (Grouping.ITEM, [5, 6, 7])):
        plan = plan_of(grouping, BATCHES)
        for place, slot in enumerate((NINE, at(3), at(1 + DAY))):
            assert decided(plan, slot, place, limit=BOOKINGS).versioned_limit == BOOKINGS
        limits = [transaction.changes.versioned_limit for transaction in plan.transactions]
        assert limits == [replace(BOOKINGS, version=version) for version in versions]


def test_r36_far_from_the_limit_every_transaction_of_a_dense_batch_increments_that_of_batches() -> None:
    for grouping, versions in ((Grouping.WHOLE, [0]), (Grouping.ITEM, [0, 1])):
        plan = plan_of(grouping, BATCHES)
        for place, slot in enumerate((NINE, at(3))):
            decided(plan, slot, place)
        limits = [transaction.changes.versioned_limit for transaction in plan.transactions]
        assert limits == [replace(BATCHES, version=version) for version in versions]


def test_r3_two_slots_with_one_partner_change_the_partners_day_once() -> None:
    plan = plan_of()
    decided(plan, NINE, 0, Fit(BEN))
    (transaction,) = plan.transactions
    assert shown(transaction.changes, ADA) == ("matched", BEN.member_id, "new pair")
    (theirs,) = [change for change in transaction.changes.days if change.after.member_id == BEN.member_id]
    evolved = plan.evolved(facts_at(NINE, Fit(BEN)))
    assert evolved.waiting_members
    assert evolved.waiting_members.days[BEN.member_id, NINE.date] == theirs.after


def test_r1_a_transaction_checks_a_block_once() -> None:
    plan, two = plan_of(), ((BEN.member_id, ADA.member_id),)
    for place, slot in enumerate((NINE, at(3))):
        plan.add(place, slot.date, WriteSet(unblocked=two))
    (transaction,) = plan.transactions
    assert (transaction.changes.unblocked, number_of_writes(transaction.changes)) == (two, 1)


def test_recorded_responses_of_all_bookings_are_kept() -> None:
    plan = plan_of()
    for place, slot in enumerate((NINE, at(3))):
        changes = decided(plan_of(), slot, place)
        (booking,) = own_changes(changes)[0].after.bookings
        response = RecordedResponse(f"key {place}", "digest", booking, True, False, NOW, NOW)
        plan.add(place, slot.date, WriteSet(recorded_responses=(response,)))
    (transaction,) = plan.transactions
    assert [response.key for response in transaction.changes.recorded_responses] == ["key 0", "key 1"]
