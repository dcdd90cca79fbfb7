"""Pairs of which a member changes a relation or setting after it was read and before that member's day was (R1, R32).

Both reads are parallel. Here the read of the relations always ends before that of the days begins.
"""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from bench.request_units import RequestUnitLedger
from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.decisions.partner_choice import RECENT
from chalicelib.domain.decisions.queue_rows import WaitingRow
from chalicelib.domain.model.booking import PartnerPreference
from chalicelib.domain.model.errors import TooLate
from chalicelib.domain.model.member import Gender, PartnerGender, Profile, RelationKind
from chalicelib.domain.model.slot import Slot
from chalicelib.services.slot_matching.rematch import match_waiting
from chalicelib.services.version_bumps import bump_all_dates_ahead
from chalicelib.storage import keys, queue_reads
from infra.simulation.interleaver import InlineExecutor
from tests.fault_proxy import FaultProxy
from tests.harness import World, at
from tests.services.rooms.absent_partners import SLOT, two_seek
from tests.staff_acts import suspend

NINE = at(1)


@pytest.fixture
def in_order(world: World) -> Iterator[None]:
    """Run parallel reads one after another in the order of their calls."""
    parallel, world.table.parallel = world.table.parallel, lambda _number: InlineExecutor()
    yield
    world.table.parallel = parallel


@pytest.fixture
def members(world: World, in_order: None) -> tuple[Profile, Profile, Profile]:
    """Ada, who books, Ben, who waits or is asked for, and a third member."""
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    return ada, ben, cy


def two_pairs(world: World, members: tuple[Profile, Profile, Profile], *slots: Slot) -> Profile:
    """Match Ada with Cy, and Ben, a favorite of Ada, with Dee, who is returned."""
    ada, ben, cy = members
    dee = world.member("Dee")
    world.favorite(ada, ben)
    for slot in slots:
        for member in (ada, cy, ben, dee):
            world.book(member, slot)
    return dee


def row_of_unpaired(world: World, ada: Profile, ben: Profile) -> WaitingRow:
    """Let Ben and then Ada wait in a slot although they may be paired, and return Ada's row."""
    world.relate([(ada, ben)], blocked=True)
    for member in (ben, ada):
        world.after(seconds=1).book(member, NINE)
    world.relate([(ada, ben)])
    rows = queue_reads.waiting_in(world.table, NINE, page=2)
    (row,) = [row for page in rows for row in page.rows if row.member_id == ada.member_id]
    return row


def between_the_reads(
    faults: FaultProxy, call: Callable[[], object], other: Callable[[], object], *, number: int = 2
) -> None:
    """Run `other` between the read of relations and that of days, which is the batch with that `number` of `call`."""
    faults.hold_next("BatchGetItem", number=number)
    thread = threading.Thread(target=call)
    thread.start()
    while thread.is_alive() and not faults.held.wait(0.005):
        """Wait until the call is held at that batch, or has ended."""
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


CHANGES: dict[str, Callable[[World, Profile, Profile], object]] = {
    "blocks": lambda world, ben, ada: world.say(ben, RelationKind.BLOCK, ada),
    "snoozes": lambda world, ben, ada: world.say(ben, RelationKind.SNOOZE, ada, until=NINE.end),
    "accepts one gender": lambda world, ben, _ada: world.set(
        ben, gender=Gender.WOMAN, partner_gender=PartnerGender.SAME
    ),
}


@pytest.mark.parametrize("waited", [False, True])
@pytest.mark.parametrize("change", CHANGES)
def test_r32_a_member_who_books_after_a_change_is_paired_by_it(
    world: World, faults: FaultProxy, members: tuple[Profile, Profile, Profile], change: str, waited: bool
) -> None:
    """A block found no day of that member to bump, and the rest bumps none. Ben may have waited in the slot before."""
    ada, ben, _cy = members
    before = world.book(ben, NINE) if waited else None

    def change_and_book() -> None:
        if before:
            world.cancel(ben, before)
        CHANGES[change](world, ben, ada)
        world.after(seconds=1).book(ben, NINE)

    request = BookingRequest(NINE, preference=PartnerPreference(named=ben.member_id))
    between_the_reads(faults, lambda: world.reply(ada, request), change_and_book)
    assert world.state(ada, NINE) == world.state(ben, NINE) == ("waiting", None)


@pytest.mark.parametrize("blocker", ["Cy", "Dee"])
def test_r12_two_displaced_members_are_no_pair_if_one_blocks_the_other_meanwhile(
    world: World, faults: FaultProxy, members: tuple[Profile, Profile, Profile], blocker: str
) -> None:
    ada, ben, cy = members
    dee = two_pairs(world, members, NINE)
    one, other = (cy, dee) if blocker == "Cy" else (dee, cy)
    # The first batch is the day of the target.
    between_the_reads(
        faults,
        lambda: world.lock(ada, ben, NINE),
        lambda: world.say(one, RelationKind.BLOCK, other),
        number=3,
    )
    assert world.state(ada, NINE) == ("locked_in", "Ben")
    assert world.state(cy, NINE) == world.state(dee, NINE) == ("waiting", None)


@pytest.mark.parametrize("leave", [suspend, World.leave], ids=["suspended", "deleted"])
def test_r47_a_member_who_leaves_after_the_start_gets_no_partner_by_a_lock_from_before_it(
    world: World, faults: FaultProxy, members: tuple[Profile, Profile, Profile], leave: Callable[[World, Profile], None]
) -> None:
    """After the start neither cancels the pair that the lock ends."""
    ada, ben, cy = members
    dee = two_pairs(world, members, NINE)
    world.now = NINE.start - timedelta(seconds=2)

    def lock() -> None:
        with pytest.raises(TooLate):
            world.lock(ada, ben, NINE)

    between_the_reads(faults, lock, lambda: leave(world.after(seconds=3), dee), number=3)
    assert world.state(cy, NINE) == ("matched", "Ada")


def test_r47_a_member_suspended_after_the_start_gets_no_partner_by_a_booking_from_before_it(
    world: World, faults: FaultProxy, members: tuple[Profile, Profile, Profile]
) -> None:
    """A suspension after the start does not cancel the session of a member who waits."""
    ada, ben, _cy = members
    world.book(ben, NINE)
    world.now = NINE.start - timedelta(seconds=2)

    def book() -> None:
        with pytest.raises(TooLate):
            world.reply(ada, BookingRequest(NINE))

    between_the_reads(faults, book, lambda: suspend(world.after(seconds=3), ben))
    assert world.state(ben, NINE) == ("unmatched", None)


def test_r1_the_stream_pairs_no_member_who_blocks_the_other_meanwhile(
    world: World, faults: FaultProxy, members: tuple[Profile, Profile, Profile]
) -> None:
    ada, ben, _cy = members
    row = row_of_unpaired(world, ada, ben)
    between_the_reads(
        faults,
        lambda: match_waiting(world.context, row),
        lambda: world.say(ben, RelationKind.BLOCK, ada),
    )
    assert world.state(ada, NINE) == world.state(ben, NINE) == ("waiting", None)


@pytest.mark.usefixtures("in_order")
def test_r47_the_stream_gives_no_second_chance_with_a_member_suspended_meanwhile(
    world: World, faults: FaultProxy
) -> None:
    """A suspension cancels no session that has begun."""
    ada, cy, row = two_seek(world)
    # The first batch is the own day.
    between_the_reads(faults, lambda: match_waiting(world.context, row), lambda: suspend(world, cy), number=3)
    assert world.state(ada, SLOT) == ("waiting", None)


@pytest.mark.usefixtures("in_order")
def test_r47_the_stream_pairs_no_member_suspended_after_the_start_meanwhile(world: World, faults: FaultProxy) -> None:
    ada, ben = world.members("Ada", "Ben")
    row = row_of_unpaired(world, ada, ben)
    world.now = NINE.start - timedelta(seconds=2)
    between_the_reads(faults, lambda: match_waiting(world.context, row), lambda: suspend(world.after(seconds=3), ben))
    assert world.state(ada, NINE) == ("unmatched", None)


def test_r36_a_pair_with_a_member_who_has_just_blocked_another_costs_one_more_check(
    world: World, members: tuple[Profile, Profile, Profile]
) -> None:
    """The relation to the booker is in the transaction only for some minutes after the block.

    A bump for the limit of bookings adds none.
    """
    ada, ben, cy = members
    slots = (NINE, at(3), at(5))
    for slot in slots:
        world.book(ben, slot)
    checked = []
    for slot in slots:
        with RequestUnitLedger(world.table.connection.client) as ledger:
            world.book(ada, slot)
        written = {tuple(access.key) for request in ledger.requests if request.writes for access in request.accesses}
        checked.append(tuple(keys.about(ben.member_id, ada.member_id)) in written)
        assert world.state(ada, slot) == ("matched", "Ben")
        if slot == NINE:
            world.say(ben, RelationKind.BLOCK, cy)
        else:
            world.now += RECENT
            bump_all_dates_ahead(world.context, ben.member_id)
    assert checked == [False, True, False]


def test_r36_a_lock_excludes_blocks_between_displaced_members_only_after_a_recent_one(
    world: World, members: tuple[Profile, Profile, Profile]
) -> None:
    ada, ben, cy = members
    slots = (NINE, at(3), at(5))
    dee, eve = two_pairs(world, members, *slots), world.member("Eve")
    checked = []
    for slot in slots:
        with RequestUnitLedger(world.table.connection.client) as ledger:
            world.lock(ada, ben, slot)
        written = {tuple(access.key) for request in ledger.requests if request.writes for access in request.accesses}
        ways = ((cy, dee), (dee, cy))
        checked.append([tuple(keys.about(one.member_id, other.member_id)) in written for one, other in ways])
        assert world.state(cy, slot) == ("matched", "Dee")
        if slot == NINE:
            world.say(cy, RelationKind.BLOCK, eve)
        else:
            world.now += RECENT
    assert checked == [[False, False], [True, False], [False, False]]
