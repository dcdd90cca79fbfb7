"""Bookings whose partner blocks the booker after the relations were read and before the partner's day was (R1).

Both reads are parallel. Here the read of the relations always ends before that of the days begins.
"""

import threading
from collections.abc import Callable, Iterator

import pytest

from bench.request_units import RequestUnitLedger
from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.model.booking import PartnerPreference
from chalicelib.domain.model.member import Profile, RelationKind
from chalicelib.services.slot_matching.rematch import match_waiting
from chalicelib.storage import keys, queue_reads
from infra.simulation.interleaver import InlineExecutor
from tests.fault_proxy import FaultProxy
from tests.harness import World, at

NINE = at(1)


@pytest.fixture
def members(world: World) -> Iterator[tuple[Profile, Profile, Profile]]:
    """Ada, who books, Ben, who waits or is asked for, and a third member."""
    parallel, world.table.parallel = world.table.parallel, lambda _number: InlineExecutor()
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    yield ada, ben, cy
    world.table.parallel = parallel


def between_the_reads(faults: FaultProxy, call: Callable[[], object], other: Callable[[], object]) -> None:
    """Run `other` between the read of relations and that of days, the first and the second batch of `call`."""
    faults.hold_next("BatchGetItem", number=2)
    thread = threading.Thread(target=call)
    thread.start()
    while thread.is_alive() and not faults.held.wait(0.005):
        """Wait until the call is held at the second batch, or has ended."""
    assert thread.is_alive()
    other()
    faults.release_held()
    thread.join()


def test_r1_a_member_who_waits_and_blocks_the_booker_is_no_partner(
    world: World, faults: FaultProxy, members: tuple[Profile, Profile, Profile]
) -> None:
    ada, ben, _cy = members
    world.book(ben, NINE)
    between_the_reads(
        faults,
        lambda: world.reply(ada, BookingRequest(NINE)),
        lambda: world.say(ben, RelationKind.BLOCK, ada),
    )
    assert world.state(ada, NINE) == world.state(ben, NINE) == ("waiting", None)


def test_r1_a_named_member_who_blocks_the_booker_and_then_books_first_is_no_partner(
    world: World, faults: FaultProxy, members: tuple[Profile, Profile, Profile]
) -> None:
    """The block found no day of that member to bump."""
    ada, ben, _cy = members

    def block_and_book() -> None:
        world.say(ben, RelationKind.BLOCK, ada)
        world.book(ben, NINE)

    request = BookingRequest(NINE, preference=PartnerPreference(named=ben.member_id))
    between_the_reads(faults, lambda: world.reply(ada, request), block_and_book)
    assert world.state(ada, NINE) == world.state(ben, NINE) == ("waiting", None)


def test_r1_the_stream_pairs_no_member_who_blocks_the_other_meanwhile(
    world: World, faults: FaultProxy, members: tuple[Profile, Profile, Profile]
) -> None:
    ada, ben, _cy = members
    world.relate([(ada, ben)], blocked=True)
    for member in (ben, ada):
        world.after(seconds=1).book(member, NINE)
    world.relate([(ada, ben)])
    rows = queue_reads.waiting_in(world.table, NINE, page=2)
    (row,) = [row for page in rows for row in page.rows if row.member_id == ada.member_id]
    between_the_reads(
        faults,
        lambda: match_waiting(world.context, row),
        lambda: world.say(ben, RelationKind.BLOCK, ada),
    )
    assert world.state(ada, NINE) == world.state(ben, NINE) == ("waiting", None)


def test_r1_a_pair_with_a_member_who_has_blocked_another_costs_one_more_check(
    world: World, members: tuple[Profile, Profile, Profile]
) -> None:
    """The relation to the booker is in the transaction only for a day that was bumped."""
    ada, ben, cy = members
    checked = []
    for slot, block in ((NINE, False), (at(3), True)):
        world.book(ben, slot)
        if block:
            world.say(ben, RelationKind.BLOCK, cy)
        with RequestUnitLedger(world.table.connection.client) as ledger:
            world.book(ada, slot)
        written = {tuple(access.key) for request in ledger.requests if request.writes for access in request.accesses}
        checked.append(tuple(keys.about(ben.member_id, ada.member_id)) in written)
        assert world.state(ada, slot) == ("matched", "Ben")
    assert checked == [False, True]
