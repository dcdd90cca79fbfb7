"""A batch of bookings gives each request the result of the same single booking, in few requests (R3, R16, R20, R36)."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from random import Random
from typing import Any

import msgspec
import pytest

from bench.request_units import RequestUnitLedger
from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.model.booking import PartnerPreference, State
from chalicelib.domain.model.errors import (
    OUTCOME_UNKNOWN_DETAIL,
    Busy,
    IdempotencyKeyReused,
    NotAvailable,
    RateLimited,
    Refusal,
    TimeConflict,
    Unauthenticated,
)
from chalicelib.domain.model.limits import LARGEST_BATCH, LimitKind, MemberLimits, versioned_limit_of
from chalicelib.domain.model.member import Profile, RelationKind
from chalicelib.domain.model.slot import Slot
from chalicelib.handlers.http.responses import serializers
from chalicelib.services.bookings.batch import BatchedRequest, book_sessions
from chalicelib.services.bookings.book import KeyedRequest, Reply
from chalicelib.services.transaction import ATTEMPTS
from chalicelib.storage import reads
from tests.contract.client import at_once
from tests.fault_proxy import Fault, FaultProxy
from tests.harness import World, at
from tests.table_snapshot import take_snapshot

NINE = at(1)
DAY = 24
LONG_TITLE = "\N{CYRILLIC CAPITAL LETTER ZHE}" * 200


def ask(*slots: Slot, **more: Any) -> list[BatchedRequest]:
    """Return one request for each slot."""
    return [BatchedRequest(BookingRequest(slot, **more)) for slot in slots]


def keyed(requests: Sequence[BatchedRequest], key: str = "key") -> list[BatchedRequest]:
    """Return the requests with the idempotency keys of a batch."""
    return [
        BatchedRequest(one.request, KeyedRequest(f"{key} {place}", f"digest {one.request}"))
        for place, one in enumerate(requests)
    ]


def results(world: World, member: Profile, requests: Sequence[BatchedRequest]) -> list[Reply | Refusal]:
    return book_sessions(world.context, member, requests)


def outcomes(found: Sequence[Reply | Refusal]) -> list[Any]:
    """Return what the caller sees of each result, without ids."""
    return [_outcome(result) for result in found]


def _outcome(result: Reply | Refusal) -> Any:
    if isinstance(result, Refusal):
        return (type(result).__name__, result.field, result.detail)
    session = json.loads(msgspec.json.encode(serializers.session(result.view)))
    partners = [(user["name"], user["isFavorite"]) for user in session["users"][1:]]
    return (result.new, session["state"], session["startTime"], session["title"], session["changes"], partners)


def new(found: Sequence[Reply | Refusal]) -> list[bool | str]:
    return [result.new if isinstance(result, Reply) else type(result).__name__ for result in found]


@contextmanager
def counted(world: World, most: int) -> Iterator[RequestUnitLedger]:
    """Assert that the block sends at most this number of requests to the table."""
    with RequestUnitLedger(world.table.connection.client) as ledger:
        yield ledger
    assert len(ledger.requests) <= most, [request.shape for request in ledger.requests]


def spread(days: int, *, number: int = LARGEST_BATCH) -> list[Slot]:
    """Return the slots of a batch over a number of days, at times that do not overlap."""
    return [at(1 + DAY * (place % days) + 0.5 * (place // days), minutes=25) for place in range(number)]


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("days", [1, 30, pytest.param(5, marks=pytest.mark.long)])
@pytest.mark.parametrize("others", [0, 1])
@pytest.mark.parametrize("with_keys", [False, True])
def test_30_bookings_take_at_most_40_requests(world: World, days: int, others: int, with_keys: bool) -> None:
    slots = spread(days)
    names = [f"Other {number}" for number in range(others)]
    for other in world.members(*names):
        results(world, other, ask(*slots))
    ada = world.member("Ada")
    requests = ask(*slots, title=LONG_TITLE)
    with counted(world, 38):
        found = results(world, ada, keyed(requests) if with_keys else requests)
    assert new(found) == [True] * LARGEST_BATCH
    assert [outcome[-1] for outcome in outcomes(found)] == [[(name, False) for name in names]] * LARGEST_BATCH
    world.check()


def test_30_locks_with_one_favorite_take_at_most_40_requests(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    slots = spread(10)
    results(world, ben, ask(*slots))
    world.favorite(ada, ben)
    with counted(world, 10):
        found = results(world, ada, ask(*slots, lock_with=ben.member_id))
    assert new(found) == [True] * LARGEST_BATCH
    assert {outcome[1] for outcome in outcomes(found)} == {"locked_in"}
    world.check()


def test_30_repeated_bookings_take_at_most_40_requests(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    slots = spread(30)
    results(world, ben, ask(*slots))
    requests = keyed(ask(*slots, title=LONG_TITLE))
    first = results(world, ada, requests)
    world.after(minutes=2)
    with counted(world, 5):
        assert outcomes(results(world, ada, requests)) == outcomes(first)
    with counted(world, 5):
        assert new(results(world, ada, ask(*slots, title=LONG_TITLE))) == [False] * LARGEST_BATCH
    with counted(world, 10):
        assert new(results(world, ada, ask(*slots[:1] * LARGEST_BATCH))) == [False] * LARGEST_BATCH


@pytest.mark.long  # Books 200 sessions first.
@pytest.mark.parametrize(("limit", "held"), [(1000, 200), (200, 170)])
def test_30_bookings_of_a_member_with_many_long_titles_take_at_most_40_requests(
    world: World, limit: int, held: int
) -> None:
    ada = world.member("Ada")
    world.allow(bookings=limit)
    slots = [at(13 + DAY * (place % 85) + place // 85, minutes=25) for place in range(held)]
    for first in range(0, held, LARGEST_BATCH):
        # Near the limit of 200 these put the versioned limit in force.
        results(world, ada, ask(*slots[first : first + LARGEST_BATCH], title=LONG_TITLE))
    with counted(world, 40):
        assert new(results(world, ada, ask(*spread(30), title=LONG_TITLE))) == [True] * LARGEST_BATCH
    if limit < 1000:
        assert new(results(world, ada, ask(*spread(2, number=2), replace=True))) == [False] * 2
        assert new(results(world, ada, ask(at(1 + 40 * DAY), at(1 + 41 * DAY)))) == ["RateLimited"] * 2
    world.check()


class Scene:
    """Members, bookings and a batch by random numbers, the same for the same seed."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.draw = world, Random(seed)
        world.rng.seed(seed)
        world.now = at(0).start
        self.ada, *self.others = world.members("Ada", "Ben", "Cy", "Dee", "Eve")
        self.slots = [
            at(1 + 0.25 * self.draw.randrange(12) + DAY * self.draw.choice((0, 0.625, 1, 3)), minutes=minutes)
            for minutes in self.draw.choices((25, 50, 75), k=8)
        ]
        for member in (self.ada, *self.others):
            for slot in self.draw.sample(self.slots, 4):
                book_sessions(world.context, member, ask(slot))
        for other in self.others:
            kind = self.draw.choice((None, RelationKind.FAVORITE, RelationKind.FAVORITE, RelationKind.BLOCK))
            if kind:
                world.say(self.ada, kind, other)

    def requests(self) -> list[BatchedRequest]:
        """Return a batch with conflicts, repetitions, locks, replacements and refusals."""
        return [self._request() for _ in range(self.draw.choice((2, 5, 10)))]

    def _request(self) -> BatchedRequest:
        other = self.draw.choice(self.others).member_id
        locks = self.draw.random() < 0.4
        return BatchedRequest(
            BookingRequest(
                self.draw.choice(self.slots),
                title=self.draw.choice((None, "Thesis", LONG_TITLE)),
                preference=PartnerPreference(named=None if locks or self.draw.random() < 0.7 else other),
                lock_with=other if locks else None,
                replace=self.draw.random() < 0.3,
            )
        )


def days_of(world: World, scene: Scene) -> Any:
    """Return the active bookings of all members by name, without ids."""
    names = {member.member_id: member.name for member in (scene.ada, *scene.others)}
    return {
        (names[day.member_id], booking.slot): (booking.state, booking.partner and names[booking.partner.member_id])
        for day in take_snapshot(world.table).days.values()
        for booking in day.active
    }


@pytest.mark.parametrize("with_keys", [pytest.param(False, marks=pytest.mark.long), True])
@pytest.mark.parametrize("limit", [pytest.param(200, marks=pytest.mark.long), 7])
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 40))])
def test_a_batch_gives_the_results_of_single_bookings(world: World, seed: int, limit: int, with_keys: bool) -> None:
    found: list[Any] = []
    for book in (book_sessions, singly):
        world.clear()
        world.allow(bookings=200)
        scene = Scene(world, seed)
        world.allow(bookings=limit)
        requests = scene.requests()
        replies = book(world.context, scene.ada, keyed(requests) if with_keys else requests)
        found.append((outcomes(replies), days_of(world, scene)))
        world.check()
    assert found[0] == found[1]


def singly(context: Any, caller: Profile, requests: Sequence[BatchedRequest]) -> list[Reply | Refusal]:
    """Book each request alone."""
    return [result for request in requests for result in book_sessions(context, caller, [request])]


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("fault", [Fault.CONFLICT, Fault.THROTTLED, Fault.LOSE_RESPONSE, Fault.LOSE_REQUEST])
@pytest.mark.parametrize("with_keys", [False, True])
@pytest.mark.parametrize("number", [1, pytest.param(2, marks=pytest.mark.long)])
def test_a_batch_that_meets_a_fault_gives_the_same_results(
    world: World, faults: FaultProxy, fault: Fault, with_keys: bool, number: int
) -> None:
    """A transaction is sent twice before its outcome is unknown, so two lost ones are a failed attempt."""
    ada, ben = world.members("Ada", "Ben")
    world.favorite(ada, ben)
    slots = [*spread(2, number=4), at(26)]
    results(world, ben, ask(*slots[:2]))
    requests = [*ask(slots[0], lock_with=ben.member_id), *ask(*slots[1:], title="Thesis"), *ask(slots[1])]
    faults.plan += [fault] * number
    found = results(world, ada, keyed(requests) if with_keys else requests)
    assert faults.plan == []
    assert new(found) == [True, True, True, True, True, False]
    states = [outcome[1] for outcome in outcomes(found)]
    assert states == ["locked_in", "matched", "waiting", "waiting", "waiting", "matched"]
    listed = [booking for day in take_snapshot(world.table).days.values() for booking in day.active]
    assert len([booking for booking in listed if booking.member_id == ada.member_id]) == len(slots)


@pytest.mark.long  # Loses 1,000 races.
def test_a_batch_that_loses_every_race_is_busy_and_books_nothing(world: World, faults: FaultProxy) -> None:
    ada = world.member("Ada")
    faults.plan += [Fault.CONFLICT] * 1000
    assert new(results(world, ada, ask(*spread(1, number=3)))) == ["Busy"] * 3
    # The first two conflicts make the transactions smaller. Each request then has as many attempts as a single one.
    assert 1000 - len(faults.plan) == 2 + 3 * ATTEMPTS
    faults.plan.clear()
    assert [*take_snapshot(world.table).days.values()] == []


@pytest.mark.long  # Waits for eight lost requests.
def test_an_unknown_outcome_of_two_attempts_is_busy_for_its_requests_alone(world: World, faults: FaultProxy) -> None:
    ada = world.member("Ada")
    # A transaction is sent twice, and each time by two tries of the client.
    faults.plan += [Fault.CONFLICT, *[Fault.LOSE_REQUEST] * 8]
    first, second = results(world, ada, ask(NINE, at(1 + DAY)))
    assert isinstance(first, Busy)
    assert first.detail == OUTCOME_UNKNOWN_DETAIL
    assert isinstance(second, Reply)


@pytest.mark.long  # Waits for lost requests.
def test_reads_without_a_response_refuse_every_request_of_the_batch(world: World, faults: FaultProxy) -> None:
    ada = world.member("Ada")
    faults.meets = "Query"
    faults.plan += [Fault.THROTTLED] * 1000
    assert new(results(world, ada, ask(NINE, at(1 + DAY)))) == ["Busy"] * 2
    faults.plan.clear()


def meanwhile(
    world: World,
    faults: FaultProxy,
    book: Callable[[], list[Reply | Refusal]],
    change: Callable[[], object],
    held: str = "TransactWriteItems",
) -> list[Reply | Refusal]:
    """Make a change while the first request of a kind of a batch is on its way, and return the results."""
    found: list[Reply | Refusal] = []
    faults.hold_next(held)
    booking = threading.Thread(target=lambda: found.extend(book()))
    booking.start()
    assert faults.held.wait(60)
    change()
    faults.release_held()
    booking.join()
    return found


def test_r1_a_block_before_the_commit_parts_every_pair_of_the_batch_on_a_new_day(
    world: World, faults: FaultProxy
) -> None:
    ada, ben = world.members("Ada", "Ben")
    slots = spread(3, number=6)
    results(world, ben, ask(*slots))
    found = meanwhile(
        world,
        faults,
        lambda: results(world, ada, ask(*slots)),
        lambda: world.say(ada, RelationKind.BLOCK, ben),
    )
    assert {outcome[1] for outcome in outcomes(found)} == {"waiting"}
    assert {world.state(member, slot) for member in (ada, ben) for slot in slots} == {("waiting", None)}


def test_r33_a_deletion_before_the_commit_leaves_no_booking_of_the_batch(world: World, faults: FaultProxy) -> None:
    ada = world.member("Ada")
    found = meanwhile(world, faults, lambda: results(world, ada, ask(*spread(2, number=3))), lambda: world.leave(ada))
    assert new(found) == [Unauthenticated.__name__] * 3
    assert [day for day in take_snapshot(world.table).days.values() if day.member_id == ada.member_id] == []


def test_r12_a_partner_who_is_locked_before_the_commit_is_not_taken(world: World, faults: FaultProxy) -> None:
    """The batch had chosen Ben for nine, and Cy locks in with Ben then. The other slots stay as they were decided."""
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    world.favorite(cy, ben)
    slots = [NINE, at(3), at(1 + DAY)]
    results(world, ben, ask(*slots))
    found = meanwhile(world, faults, lambda: results(world, ada, ask(*slots)), lambda: world.lock(cy, ben, NINE))
    assert [outcome[1] for outcome in outcomes(found)] == ["waiting", "matched", "matched"]
    assert world.state(cy, NINE) == ("locked_in", "Ben")


def test_r16_a_booking_before_the_commit_is_a_conflict_of_its_own_slot_alone(world: World, faults: FaultProxy) -> None:
    ada = world.member("Ada")
    slots = [NINE, at(3), at(1 + DAY)]
    found = meanwhile(world, faults, lambda: results(world, ada, ask(*slots)), lambda: world.book(ada, at(1.5)))
    assert new(found) == [TimeConflict.__name__, True, True]


def test_r3_two_equal_batches_at_once_book_each_slot_once(world: World) -> None:
    for days in (1, 6):
        ada = world.member("Ada")
        slots = spread(days, number=12)
        found = at_once([partial(results, world, ada, ask(*slots)) for _ in range(2)])
        assert [sorted(pair) for pair in zip(*map(new, found), strict=True)] == [[False, True]] * len(slots)


def test_r3_a_batch_and_locks_of_others_at_once_leave_mutual_pairs(world: World) -> None:
    ada, ben, *others = world.members("Ada", "Ben", "Cy", "Dee")
    slots = spread(2, number=6)
    results(world, ben, ask(*slots))
    for other in others:
        world.favorite(other, ben)
        world.favorite(ben, other)
    calls = [partial(results, world, ada, ask(*slots))]
    calls += [partial(results, world, other, ask(*slots, lock_with=ben.member_id)) for other in others]
    found = at_once(calls)
    # Each of Ben's sessions is locked in by one of the two others.
    locked = [[result is True for result in new(one)] for one in found[1:]]
    assert [sorted(pair) for pair in zip(*locked, strict=True)] == [[False, True]] * len(slots)
    assert new(found[0]) == [True] * len(slots)
    world.check()


@pytest.mark.long
def test_r36_concurrent_batches_do_not_pass_the_limit_of_bookings_together(world: World) -> None:
    """Each batch is for one date, so the days of two batches do not conflict."""
    ada = world.member("Ada")
    batches = [[at(1 + DAY * day + 0.5 * place, minutes=25) for place in range(LARGEST_BATCH)] for day in range(8)]
    found = at_once([partial(results, world, ada, ask(*slots)) for slots in batches])
    booked = [one for results_of_one in map(new, found) for one in results_of_one]
    assert booked.count(True) <= MemberLimits().bookings
    assert set(booked) <= {True, RateLimited.__name__, Busy.__name__}
    assert booked.count(True) >= MemberLimits().bookings - LARGEST_BATCH


def test_r36_a_limit_that_is_opened_between_the_first_reads_of_a_batch_counts(world: World, faults: FaultProxy) -> None:
    """The batch reads the limit before the days, which the other booking has bumped then."""
    ada = world.member("Ada")
    limit = versioned_limit_of(ada.member_id, LimitKind.BOOKINGS)
    world.allow(bookings=1000)

    def book_near_the_limit() -> None:
        world.allow(bookings=3)
        world.book(ada, at(9))

    found = meanwhile(
        world, faults, lambda: results(world, ada, ask(*spread(2, number=2))), book_near_the_limit, held="Query"
    )
    assert new(found) == [True, True]
    # Put in force with version 2, it was incremented by the booking and by the batch.
    assert reads.versioned_limit(world.table, limit).version == 4


def test_r36_the_limits_count_the_earlier_items_of_the_batch(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.allow(bookings=3, responses=2)
    found = results(world, ada, ask(*spread(2, number=5)))
    assert new(found) == [True, True, True, RateLimited.__name__, RateLimited.__name__]
    found = results(world, ben, keyed(ask(*spread(2, number=3))))
    assert new(found) == [True, True, RateLimited.__name__]
    # Each of these replaces a match, which counts as a cancel.
    world.allow(cancelled_matches=2)
    cy, dee = world.members("Cy", "Dee")
    slots = [at(30 + 2 * number) for number in range(4)]
    for member in (cy, dee):
        results(world, member, ask(*slots))
    moved = [at(30.5 + 2 * number) for number in range(4)]
    assert new(results(world, dee, ask(*moved, replace=True))) == [True, True, *[RateLimited.__name__] * 2]


def test_r20_an_item_sees_the_partners_of_the_items_before_it(world: World) -> None:
    """Ada meets Ben in the first item, so the second prefers Cy, who has waited for less time."""
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    for slots, member in (([NINE, at(1 + DAY)], ben), ([at(1 + DAY)], cy)):
        world.relate([(ben, cy)], blocked=True)
        results(world, member, ask(*slots))
        world.after(minutes=1)
    assert [outcome[-1] for outcome in outcomes(results(world, ada, ask(NINE, at(1 + DAY))))] == [
        [("Ben", False)],
        [("Cy", False)],
    ]


def test_a_used_key_with_another_body_refuses_its_item_alone(world: World) -> None:
    ada = world.member("Ada")
    results(world, ada, keyed(ask(NINE, at(3))))
    changed = keyed([*ask(NINE), *ask(at(3), title="New"), *ask(at(5))])
    assert new(results(world, ada, changed)) == [True, IdempotencyKeyReused.__name__, True]


def test_r11_an_unknown_partner_refuses_its_item_alone(world: World) -> None:
    ada = world.member("Ada")
    found = results(world, ada, [*ask(NINE, lock_with="unknown"), *ask(NINE), *ask(at(3), lock_with=ada.member_id)])
    assert new(found) == [NotAvailable.__name__, True, NotAvailable.__name__]


def test_r36_only_a_batch_with_several_bookings_of_one_date_writes_a_versioned_limit(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    results(world, ada, ask(NINE, at(1 + DAY)))
    results(world, ben, ask(NINE, at(3)))
    for member, version in ((ada, 0), (ben, 1)):
        limits = (LimitKind.BATCHES, LimitKind.BOOKINGS)
        found = [reads.versioned_limit(world.table, versioned_limit_of(member.member_id, kind)) for kind in limits]
        assert [limit.version for limit in found] == [version, 0]


def answered_after_four_lost_responses(
    world: World, faults: FaultProxy, member: Profile, asked: Sequence[BatchedRequest], meanwhile: Callable[[], None]
) -> list[Reply | Refusal]:
    """Return the results of a batch whose first transaction commits after `meanwhile`, and loses its response."""
    found: list[Reply | Refusal] = []
    faults.plan += [Fault.LOSE_RESPONSE] * 4
    faults.hold_next()
    booking = threading.Thread(target=lambda: found.extend(results(world, member, asked)))
    booking.start()
    assert faults.held.wait(60)
    planned, faults.plan[:] = faults.plan[:], []
    meanwhile()
    faults.plan[:] = planned
    faults.release_held()
    booking.join()
    return found


@pytest.mark.sampled(every=4)
@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("with_keys", [False, True])
def test_r1_a_batch_looks_again_after_a_lost_response(
    world: World, faults: FaultProxy, number: int, with_keys: bool
) -> None:
    """A look that is forgotten in the next attempt leaves a pair with a member who was blocked meanwhile."""
    ada, ben = world.members("Ada", "Ben")
    slots = spread(3, number=3)
    results(world, ben, ask(*slots))
    asked = ask(*slots[:number])
    found = answered_after_four_lost_responses(
        world, faults, ada, keyed(asked) if with_keys else asked, lambda: world.say(ada, RelationKind.BLOCK, ben)
    )
    assert [outcome[1] for outcome in outcomes(found)] == ["waiting"] * number
    assert [world.state(ada, slot) for slot in slots[:number]] == [(State.WAITING, None)] * number


@pytest.mark.sampled(every=4)
@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("with_keys", [False, True])
def test_r33_a_batch_books_nothing_for_a_deleted_account_after_a_lost_response(
    world: World, faults: FaultProxy, number: int, with_keys: bool
) -> None:
    ada = world.member("Ada")
    asked = ask(*spread(3, number=number))
    found = answered_after_four_lost_responses(
        world, faults, ada, keyed(asked) if with_keys else asked, lambda: world.leave(ada)
    )
    assert new(found) == ["Unauthenticated"] * number
    assert [day for day in take_snapshot(world.table).days.values() if day.member_id == ada.member_id] == []
