"""Popular slots: a queue in several lanes, which everybody who looks for somebody finds (R19, R20)."""

from collections.abc import Callable
from datetime import timedelta
from itertools import combinations

import pytest

from bench.request_units import Ledger
from chalicelib.domain.decisions.queue_rows import WaitingRow
from chalicelib.domain.decisions.write_set import QueueShardsOpened, WriteSet
from chalicelib.domain.model.booking import QueuePosition
from chalicelib.domain.model.member import Profile, RelationKind
from chalicelib.services.slot_matching.partner_search import (
    MORE_QUEUE_SHARDS,
    MOST_QUEUE_SHARDS,
    PAGE,
    SURGE_WINDOW,
    QueueView,
)
from chalicelib.services.slot_matching.scheduled_matching import finalize, sweep
from chalicelib.storage import queue_reads
from chalicelib.storage.errors import Conflict
from chalicelib.storage.keys import POOL
from chalicelib.storage.transactions import commit
from tests.fault_proxy import Fault, FaultyEngine
from tests.harness import MONDAY, World, at
from tests.table_snapshot import take_snapshot

NINE = at(1)


def open_lanes(world: World, before: int, after: int) -> None:
    """Give the queue so many lanes."""
    commit(
        world.table,
        WriteSet(queue_shards=QueueShardsOpened(NINE, before, after)),
        token=world.context.token(26),
        now=world.now,
    )


def queue_shards(world: World) -> int:
    """How many lanes the queue has."""
    return take_snapshot(world.table).queue_shards.get((NINE, 0), 1)


def apart(world: World, members: list[Profile]) -> None:
    """Let nobody of them be paired with another."""
    world.relate(combinations(members, 2), blocked=True)


def crowd(world: World, number: int) -> list[Profile]:
    """Members who wait in lanes drawn for each, and fit since a moment."""
    members = [world.member(f"Member {n}") for n in range(number)]
    apart(world, members)
    for member in members:
        world.book(member, NINE)
    world.relate(combinations(members, 2))
    return members


def waiting(world: World, members: list[Profile]) -> int:
    """How many of them wait."""
    return [world.state(member, NINE)[0] for member in members].count("waiting")


def test_a_quiet_slot_has_one_lane(world: World) -> None:
    members = [world.member(f"Member {n}") for n in range(PAGE)]
    apart(world, members)
    for member in members:
        world.book(member, NINE)
    assert (queue_shards(world), waiting(world, members)) == (1, PAGE)


@pytest.mark.parametrize("fits", [False, True])
def test_whoever_finds_a_page_full_opens_more_lanes_paired_or_not(world: World, fits: bool) -> None:
    members = [world.member(f"Member {n}") for n in range(PAGE + 1)]
    apart(world, members[:-1] if fits else members)
    for member in members:
        world.book(member, NINE)
    assert (queue_shards(world), waiting(world, members)) == (MORE_QUEUE_SHARDS, PAGE - 1 if fits else PAGE + 1)
    world.check()


def test_those_who_have_waited_for_long_open_no_lanes(world: World) -> None:
    """Some who fit nobody fill a page; others who come now and then are no rush."""
    members = [world.member(f"Member {n}") for n in range(PAGE + 3)]
    apart(world, members)
    for member in members[:-1]:
        world.book(member, NINE)
        world.now += SURGE_WINDOW / PAGE
    assert (queue_shards(world), waiting(world, members[:-1])) == (1, PAGE + 2)
    # The last eight within less than that are one.
    world.now -= timedelta(microseconds=1)
    world.book(members[-1], NINE)
    assert queue_shards(world) == MORE_QUEUE_SHARDS


def test_whoever_comes_is_not_lost_behind_those_who_fit_nobody(world: World) -> None:
    members = [world.member(f"Member {n}") for n in range(PAGE + 1)]
    last, ada = world.members("Last", "Ada")
    apart(world, [*members, last])
    world.relate(((ada, member) for member in members), blocked=True)
    for member in (*members, last):
        world.book(member, NINE)
        world.now += SURGE_WINDOW
    world.book(ada, NINE)
    assert world.state(ada, NINE) == ("matched", "Last")


@pytest.mark.parametrize("fits", [True, False])
def test_r10_whoever_is_asked_for_by_name_is_found_in_any_lane(world: World, fits: bool) -> None:
    open_lanes(world, 1, 64)
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    if not fits:
        world.say(ada, RelationKind.BLOCK, ben)
    world.book(ben, NINE, prefer=ada)
    assert world.state(ben, NINE) == (("matched", "Ada") if fits else ("waiting", None))


def test_there_are_no_more_lanes_than_so_many() -> None:
    rush = [WaitingRow(NINE, QueuePosition(displaced=False, since=MONDAY), f"member {n}") for n in range(PAGE)]
    for before, after in ((1, 4), (4, 16), (16, 64), (64, None)):
        opened = QueueView(0, before, rush, rush).opened(NINE, MONDAY, contended=False)
        assert (opened and opened.after) == after
    assert QueueView(0, 4, (), ()).opened(NINE, MONDAY, contended=True) is None
    assert MOST_QUEUE_SHARDS == 64


def test_whoever_loses_two_races_for_a_partner_opens_more_lanes_once(world: World, faults: FaultyEngine) -> None:
    for lost, expected in ((1, 1), (2, MORE_QUEUE_SHARDS), (2, MORE_QUEUE_SHARDS)):
        one, other = world.members("One", "Other")
        world.book(one, NINE)
        faults.plan[:] = [Fault.CONFLICT] * lost
        world.book(other, NINE)
        assert queue_shards(world) == expected


def test_whoever_loses_races_of_another_kind_opens_none(world: World, faults: FaultyEngine) -> None:
    """Somebody's own day is changed all the time; nobody else wants that slot."""
    faults.plan[:] = [Fault.CONFLICT] * 3
    world.book(world.member("Ada"), NINE)
    assert queue_shards(world) == 1


WAYS: dict[str, Callable[[World], object]] = {
    "the stream": lambda world: world.deliver(),
    "the sweep": lambda world: sweep(world.context),
    "the finalizing": lambda world: finalize(world.context),
}


@pytest.mark.parametrize("way", WAYS)
def test_r19_whoever_waits_in_any_lane_is_found(world: World, way: str) -> None:
    open_lanes(world, 1, 4)
    members = crowd(world, 9)
    assert len({row.queue_shard for row in take_snapshot(world.table).waiting_rows}) > 2
    assert waiting(world, members) == 9
    world.now = at(0.9).start
    WAYS[way](world)
    assert waiting(world, members) == 1
    world.check()


@pytest.mark.long  # Sweeps, and fills many shards.
@pytest.mark.parametrize("way", WAYS)
def test_r19_two_who_wait_in_the_last_lanes_are_found_where_nobody_waits_in_the_first(world: World, way: str) -> None:
    open_lanes(world, 1, 64)
    members = crowd(world, 2)
    assert {row.queue_shard for row in take_snapshot(world.table).waiting_rows}.isdisjoint({0})
    world.now = at(0.9).start
    WAYS[way](world)
    assert waiting(world, members) == 0


@pytest.mark.long  # Fills many shards.
def test_a_pair_of_another_lane_is_found_to_be_moved(world: World) -> None:
    """A slot of several lanes in which two can only be paired if the pair between them is given up (R21)."""
    open_lanes(world, 1, 64)
    ada, ben, cy, dee = world.members("Ada", "Ben", "Cy", "Dee")
    apart(world, [ada, cy])
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


def test_lanes_are_opened_as_they_were_read_or_not_at_all(world: World) -> None:
    open_lanes(world, 1, 4)
    for before, after in ((1, 4), (1, 64), (16, 64)):
        with pytest.raises(Conflict):
            open_lanes(world, before, after)
    assert queue_shards(world) == 4
    open_lanes(world, 4, 16)
    assert queue_shards(world) == 16
    assert next(queue_reads.waiting_in(world.table, NINE, page=PAGE)) == ([], 16)


def looks(world: World, member: Profile) -> int:
    """How many times the queue is looked at when a member books."""
    with Ledger(world.table.connection.client) as ledger:
        world.book(member, NINE)
    return sum(
        any(access.key.pk.startswith(POOL) for access in one.accesses) for one in ledger.requests if not one.writes
    )


def test_a_booking_looks_once_and_once_more_where_lanes_are_news(world: World) -> None:
    members = [world.member(f"Member {n}") for n in range(7)]
    apart(world, members)
    assert [looks(world, member) for member in members[:2]] == [1, 1]
    open_lanes(world, 1, 4)
    assert [looks(world, member) for member in members[2:5]] == [2, 1, 1]
    open_lanes(world, 4, 64)
    assert [looks(world, member) for member in members[5:]] == [2, 1]
    assert {row.queue_shard for row in take_snapshot(world.table).waiting_rows} > {0}


def test_lanes_that_a_process_remembers_of_another_table_lead_nobody_astray(world: World) -> None:
    world.context.queue_shards[NINE] = 64
    world.rng.seed(1)
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    world.book(ben, NINE)
    assert world.state(ada, NINE) == ("matched", "Ben")
    world.check()
