"""Popular slots, whose queue has several shards that every search finds (R19, R20)."""

from collections.abc import Callable
from datetime import timedelta
from itertools import combinations

import pytest

from bench.request_units import RequestUnitLedger
from chalicelib.domain.decisions.queue_rows import WaitingRow
from chalicelib.domain.decisions.queue_view import (
    MAX_QUEUE_SHARDS,
    PAGE,
    SHARD_FACTOR,
    SURGE_WINDOW,
    QueueView,
)
from chalicelib.domain.decisions.write_set import QueueShardsOpened, WriteSet
from chalicelib.domain.model.booking import QueuePosition
from chalicelib.domain.model.member import Profile, RelationKind
from chalicelib.services.slot_matching.scheduled_matching import finalize, sweep
from chalicelib.storage import queue_reads
from chalicelib.storage.errors import Conflict
from chalicelib.storage.keys import POOL
from chalicelib.storage.transactions import commit
from tests.fault_proxy import Fault, FaultProxy
from tests.harness import MONDAY, World, at
from tests.table_snapshot import take_snapshot

NINE = at(1)


def open_queue_shards(world: World, before: int, after: int) -> None:
    """Change the number of queue shards."""
    commit(
        world.table,
        WriteSet(queue_shards=(QueueShardsOpened(NINE, before, after),)),
        token=world.context.token(26),
        now=world.now,
    )


def queue_shards(world: World) -> int:
    """Return the number of queue shards."""
    return take_snapshot(world.table).queue_shards.get((NINE, 0), 1)


def block_each_other(world: World, members: list[Profile]) -> None:
    """Store blocks between all of the members."""
    world.relate(combinations(members, 2), blocked=True)


def crowd(world: World, number: int) -> list[Profile]:
    """Return members who wait in shards drawn at random, and whose blocks ended."""
    members = [world.member(f"Member {n}") for n in range(number)]
    block_each_other(world, members)
    for member in members:
        world.book(member, NINE)
    world.relate(combinations(members, 2))
    return members


def waiting(world: World, members: list[Profile]) -> int:
    """Return the number of members who wait."""
    return [world.state(member, NINE)[0] for member in members].count("waiting")


def test_a_slot_with_few_bookings_has_one_queue_shard(world: World) -> None:
    members = [world.member(f"Member {n}") for n in range(PAGE)]
    block_each_other(world, members)
    for member in members:
        world.book(member, NINE)
    assert (queue_shards(world), waiting(world, members)) == (1, PAGE)


@pytest.mark.parametrize("fits", [False, True])
def test_a_booking_behind_a_full_page_adds_queue_shards_paired_or_not(world: World, fits: bool) -> None:
    members = [world.member(f"Member {n}") for n in range(PAGE + 1)]
    block_each_other(world, members[:-1] if fits else members)
    for member in members:
        world.book(member, NINE)
    assert (queue_shards(world), waiting(world, members)) == (SHARD_FACTOR, PAGE - 1 if fits else PAGE + 1)
    world.check()


def test_a_page_of_long_waiting_members_adds_no_queue_shards(world: World) -> None:
    """A page of incompatible members is full, but its bookings took longer than the surge window."""
    members = [world.member(f"Member {n}") for n in range(PAGE + 3)]
    block_each_other(world, members)
    for member in members[:-1]:
        world.book(member, NINE)
        world.now += SURGE_WINDOW / PAGE
    assert (queue_shards(world), waiting(world, members[:-1])) == (1, PAGE + 2)
    # Eight bookings within less than the window are a surge.
    world.now -= timedelta(microseconds=1)
    world.book(members[-1], NINE)
    assert queue_shards(world) == SHARD_FACTOR


def test_a_new_member_behind_a_page_of_incompatible_ones_is_found(world: World) -> None:
    members = [world.member(f"Member {n}") for n in range(PAGE + 1)]
    last, ada = world.members("Last", "Ada")
    block_each_other(world, [*members, last])
    world.relate(((ada, member) for member in members), blocked=True)
    for member in (*members, last):
        world.book(member, NINE)
        world.now += SURGE_WINDOW
    world.book(ada, NINE)
    assert world.state(ada, NINE) == ("matched", "Last")


@pytest.mark.parametrize("fits", [True, False])
def test_r10_a_named_member_is_found_in_any_queue_shard(world: World, fits: bool) -> None:
    open_queue_shards(world, 1, 64)
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    if not fits:
        world.say(ada, RelationKind.BLOCK, ben)
    world.book(ben, NINE, prefer=ada)
    assert world.state(ben, NINE) == (("matched", "Ada") if fits else ("waiting", None))


def test_the_number_of_queue_shards_grows_to_64() -> None:
    surge = [WaitingRow(NINE, QueuePosition(displaced=False, since=MONDAY), f"member {n}") for n in range(PAGE)]
    for before, after in ((1, 4), (4, 16), (16, 64), (64, None)):
        opened = QueueView(0, before, surge, surge).opened(NINE, MONDAY, contended=False)
        assert (opened and opened.after) == after
    assert QueueView(0, 4, (), ()).opened(NINE, MONDAY, contended=True) is None
    assert MAX_QUEUE_SHARDS == 64


def test_two_conflicts_about_a_partner_add_queue_shards_once(world: World, faults: FaultProxy) -> None:
    for lost, expected in ((1, 1), (2, SHARD_FACTOR), (2, SHARD_FACTOR)):
        one, other = world.members("One", "Other")
        world.book(one, NINE)
        faults.plan[:] = [Fault.CONFLICT] * lost
        world.book(other, NINE)
        assert queue_shards(world) == expected


def test_conflicts_about_the_own_day_add_no_queue_shards(world: World, faults: FaultProxy) -> None:
    """The member's day changes during every attempt. No other member books the slot."""
    faults.plan[:] = [Fault.CONFLICT] * 3
    world.book(world.member("Ada"), NINE)
    assert queue_shards(world) == 1


SEARCHES: dict[str, Callable[[World], object]] = {
    "the stream": lambda world: world.deliver(),
    "the sweep": lambda world: sweep(world.context),
    "finalize": lambda world: finalize(world.context),
}


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("search", SEARCHES)
def test_r19_waiting_members_of_any_queue_shard_are_paired(world: World, search: str) -> None:
    open_queue_shards(world, 1, 4)
    members = crowd(world, 9)
    assert len({row.queue_shard for row in take_snapshot(world.table).waiting_rows}) > 2
    assert waiting(world, members) == 9
    world.now = at(0.9).start
    SEARCHES[search](world)
    assert waiting(world, members) == 1
    world.check()


@pytest.mark.long  # Sweeps, and fills many shards.
@pytest.mark.parametrize("search", SEARCHES)
def test_r19_two_waiting_members_are_paired_though_the_first_queue_shard_is_empty(world: World, search: str) -> None:
    open_queue_shards(world, 1, 64)
    members = crowd(world, 2)
    assert {row.queue_shard for row in take_snapshot(world.table).waiting_rows}.isdisjoint({0})
    world.now = at(0.9).start
    SEARCHES[search](world)
    assert waiting(world, members) == 0


@pytest.mark.long  # Fills many shards.
def test_r21_a_pair_in_another_queue_shard_is_broken_to_gain_one(world: World) -> None:
    """The slot has several shards, and two members can only be paired if the pair between them is broken."""
    open_queue_shards(world, 1, 64)
    ada, ben, cy, dee = world.members("Ada", "Ben", "Cy", "Dee")
    block_each_other(world, [ada, cy])
    for one, other in ((ada, dee), (ben, dee)):
        world.say(one, RelationKind.BLOCK, other)
    for member in (ben, cy):
        world.book(member, NINE)
    world.deliver()
    assert world.state(ben, NINE) == ("matched", "Cy")
    for member in (ada, dee):
        world.book(member, NINE)
    world.now = at(0.9).start
    assert finalize(world.context) == 1
    assert [world.state(member, NINE)[1] for member in (ada, dee)] == ["Ben", "Cy"]
    world.check()


def test_queue_shards_are_added_only_if_their_number_is_unchanged_since_the_read(world: World) -> None:
    open_queue_shards(world, 1, 4)
    for before, after in ((1, 4), (1, 64), (16, 64)):
        with pytest.raises(Conflict):
            open_queue_shards(world, before, after)
    assert queue_shards(world) == 4
    open_queue_shards(world, 4, 16)
    assert queue_shards(world) == 16
    assert next(queue_reads.waiting_in(world.table, NINE, page=PAGE)) == ([], 16)


def count_queue_reads(world: World, member: Profile) -> int:
    """Return the number of reads of the queue while a member books."""
    with RequestUnitLedger(world.table.connection.client) as ledger:
        world.book(member, NINE)
    return sum(
        any(access.key.pk.startswith(POOL) for access in one.accesses) for one in ledger.requests if not one.writes
    )


def test_a_booking_reads_the_queue_once_and_once_more_after_queue_shards_were_added(world: World) -> None:
    members = [world.member(f"Member {n}") for n in range(7)]
    block_each_other(world, members)
    assert [count_queue_reads(world, member) for member in members[:2]] == [1, 1]
    open_queue_shards(world, 1, 4)
    assert [count_queue_reads(world, member) for member in members[2:5]] == [2, 1, 1]
    open_queue_shards(world, 4, 64)
    assert [count_queue_reads(world, member) for member in members[5:]] == [2, 1]
    assert {row.queue_shard for row in take_snapshot(world.table).waiting_rows} > {0}


def test_a_cached_number_of_queue_shards_of_another_table_is_corrected(world: World) -> None:
    world.context.queue_shards[NINE] = 64
    world.rng.seed(1)
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    world.book(ben, NINE)
    assert world.state(ada, NINE) == ("matched", "Ben")
    world.check()
