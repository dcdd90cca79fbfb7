"""The second look of a booking that created its owner's day (R1, R33)."""

import threading
from collections.abc import Callable
from contextlib import suppress

import pytest

from bench.request_units import RequestUnitLedger
from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.decisions.write_set import SETTLE
from chalicelib.domain.model.errors import OUTCOME_UNKNOWN_DETAIL, Busy
from chalicelib.domain.model.member import RelationKind
from chalicelib.services.bookings.book import KeyedRequest
from chalicelib.services.jobs import run_jobs
from tests.fault_proxy import Fault, FaultProxy
from tests.harness import RenderedReply, World, at
from tests.table_snapshot import take_snapshot

NINE = at(1)


def meanwhile(world: World, faults: FaultProxy, book: Callable[[], RenderedReply], change: Callable[[], None]) -> str:
    """Make a change while the transaction of a booking is on its way, and return the body of the booking's reply."""
    replies: list[RenderedReply] = []
    faults.hold_next()
    booking = threading.Thread(target=lambda: replies.append(book()))
    booking.start()
    assert faults.held.wait(60)
    change()
    faults.release_held()
    booking.join()
    (reply,) = replies
    return reply.body


@pytest.mark.parametrize("way", ["lock", "book"])
def test_r1_a_block_of_a_booker_without_a_day_parts_the_pair_before_the_response(
    world: World, faults: FaultProxy, way: str
) -> None:
    """Ada has no day to bump when she blocks Ben, so only her second look sees the block."""
    ada, ben = world.members("Ada", "Ben")
    world.favorite(ada, ben)
    world.book(ben, NINE)
    asked = BookingRequest(NINE, lock_with=ben.member_id if way == "lock" else None)
    body = meanwhile(world, faults, lambda: world.reply(ada, asked), lambda: world.say(ada, RelationKind.BLOCK, ben))
    assert '"state": "waiting"' in body
    assert '"partner_cancelled"' in body
    assert world.state(ada, NINE) == world.state(ben, NINE) == ("waiting", None)


def test_r1_second_thoughts_keep_the_pair(world: World, faults: FaultProxy) -> None:
    """Ada blocks Ben and removes the block while her booking is on its way."""
    ada, ben = world.members("Ada", "Ben")
    world.book(ben, NINE)

    def block_and_unblock() -> None:
        world.say(ada, RelationKind.BLOCK, ben)
        world.take_back(ada, RelationKind.BLOCK, ben)

    meanwhile(world, faults, lambda: world.reply(ada, BookingRequest(NINE)), block_and_unblock)
    assert world.state(ada, NINE) == ("matched", "Ben")


def test_r1_a_pair_whose_second_look_failed_is_parted_by_the_job(world: World, faults: FaultProxy) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ben, NINE)
    raised: list[Busy] = []

    def book() -> RenderedReply:
        try:
            return world.reply(ada, BookingRequest(NINE))
        except Busy as refusal:
            raised.append(refusal)
            return RenderedReply(503, "")

    def block_and_fail() -> None:
        world.say(ada, RelationKind.BLOCK, ben)
        faults.meets = "BatchGetItem"
        faults.plan += [Fault.LOSE_REQUEST] * 2

    meanwhile(world, faults, book, block_and_fail)
    assert [refusal.detail for refusal in raised] == [OUTCOME_UNKNOWN_DETAIL]
    assert world.state(ada, NINE) == ("matched", "Ben")
    world.now += SETTLE
    run_jobs(world.context)
    assert world.state(ada, NINE) == world.state(ben, NINE) == ("waiting", None)
    assert take_snapshot(world.table).jobs == {}


def test_r1_a_repetition_of_a_booking_that_died_before_its_second_look_shows_no_parted_pair(
    world: World, faults: FaultProxy
) -> None:
    """Ada's block cannot see the day that is on its way. Her process dies after its commit, and she tries again."""
    ada, ben = world.members("Ada", "Ben")
    world.book(ben, NINE)
    keyed = KeyedRequest("key", "digest")

    def book() -> RenderedReply:
        with suppress(Busy):
            world.reply(ada, BookingRequest(NINE), keyed)
        return RenderedReply(503, "")

    def block_and_fail() -> None:
        world.say(ada, RelationKind.BLOCK, ben)
        faults.meets = "BatchGetItem"
        faults.plan += [Fault.LOSE_REQUEST] * 2

    meanwhile(world, faults, book, block_and_fail)
    assert world.state(ada, NINE) == ("matched", "Ben")
    repeated = world.reply(ada, BookingRequest(NINE), keyed)
    assert (repeated.status, '"state": "waiting"' in repeated.body) == (201, True)
    assert world.state(ada, NINE) == world.state(ben, NINE) == ("waiting", None)


def test_r36_a_repeated_response_is_looked_at_again_for_a_minute(world: World) -> None:
    """Only a response with a partner can show a pair that a block has parted."""
    ada, ben = world.members("Ada", "Ben")
    keyed = KeyedRequest("key", "digest")
    replies = [world.reply(member, BookingRequest(NINE), keyed) for member in (ben, ada)]

    def repeated(number: int) -> int:
        """Return the number of requests of a repetition, which returns the first response."""
        with RequestUnitLedger(world.table.connection.client) as ledger:
            assert world.reply((ben, ada)[number], BookingRequest(NINE), keyed) == replies[number]
        return len(ledger.requests)

    first = repeated(0), repeated(1)
    world.now += SETTLE
    later = repeated(0), repeated(1)
    assert (first[0] - later[0], first[1] - later[1]) == (0, 1)


def test_r36_only_a_booking_that_creates_its_day_looks_again(world: World) -> None:
    ada = world.member("Ada")
    with RequestUnitLedger(world.table.connection.client) as ledger:
        last = []
        for slot in (NINE, at(3), at(25)):
            with ledger.entry("booking") as entry:
                world.book(ada, slot)
            last.append(entry.requests[-1].shape[0])
    assert last == ["BatchGetItem", "TransactWriteItems", "BatchGetItem"]
