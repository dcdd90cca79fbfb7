"""The count of waiting members by the stream and the sweep (R19, R46)."""

from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.domain.decisions.write_set import DocumentChange, WriteSet
from chalicelib.domain.model.demand import HourOfDemand, WaitingMember
from chalicelib.domain.model.member import Profile, RelationKind
from chalicelib.domain.model.slot import Slot
from chalicelib.handlers.events.day_stream import handle_day_records
from chalicelib.handlers.events.schedules import run_sweep
from chalicelib.metrics import collect_metrics
from chalicelib.services.slot_matching.demand_count import count_demand, recount_demand
from chalicelib.storage import demand_reads
from chalicelib.storage.queue_reads import Queue
from chalicelib.storage.transactions import commit
from tests.announcements import day_records
from tests.fault_proxy import Fault, FaultProxy
from tests.harness import World, at

NINE, QUARTER_PAST = at(1), at(1.25, minutes=25)


def counted(world: World) -> dict[Slot, list[str]]:
    """Return the ids of the counted members by slot."""
    hour = demand_reads.hour_counted(world.table, NINE.start)
    return {slot: [member.member_id for member in members] for slot, members in hour.waiting.items()} if hour else {}


def announce(world: World, records: list[dict[str, Any]] | None = None) -> None:
    """Deliver stream records to the function that announces events."""
    delivered = day_records(world) if records is None else records
    assert handle_day_records(world.context, delivered) == {"batchItemFailures": []}


def store(world: World, **waiting: WaitingMember) -> None:
    """Store a wrong count of the hour."""
    before = demand_reads.hour_counted(world.table, NINE.start)
    after = (before or HourOfDemand(hour=NINE.start)).counting({NINE: tuple(waiting.values())})
    changes = WriteSet(documents=(DocumentChange(before, after),))
    commit(world.table, changes, token=world.context.token(26), now=world.now)


def two_apart(world: World) -> tuple[Profile, Profile]:
    """Return two members who are never paired at random."""
    ada, ben = world.members("Ada", "Ben")
    world.say(ada, RelationKind.BLOCK, ben)
    return ada, ben


def test_r46_the_stream_counts_the_members_who_wait(world: World) -> None:
    ada, ben = two_apart(world)
    session = world.book(ada, NINE)
    world.book(ben, QUARTER_PAST)
    announce(world)
    assert counted(world) == {NINE: [ada.member_id], QUARTER_PAST: [ben.member_id]}
    world.cancel(ada, session)
    announce(world)
    assert counted(world) == {QUARTER_PAST: [ben.member_id]}


def test_r46_a_pair_does_not_wait_and_the_partner_of_a_cancel_does(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    announce(world)
    assert counted(world) == {NINE: [ada.member_id]}
    session = world.book(ben, NINE)
    announce(world)
    assert counted(world) == {}
    world.cancel(ben, session)
    announce(world)
    hour = demand_reads.hour_counted(world.table, NINE.start)
    assert hour
    assert hour.waiting == {NINE: (WaitingMember(ada.member_id, (ben.member_id[:8],)),)}


def test_r19_a_repeated_late_or_reversed_record_counts_what_holds_now(world: World) -> None:
    ada, ben = two_apart(world)
    session = world.book(ada, NINE)
    world.book(ben, NINE)
    records = day_records(world)
    world.cancel(ada, session)
    records += day_records(world)
    for delivered in (records, records[::-1], records[:1]):
        announce(world, delivered)
        assert counted(world) == {NINE: [ben.member_id]}


def test_r46_a_count_without_a_change_writes_nothing(world: World) -> None:
    ada, _ = two_apart(world)
    world.book(ada, NINE)
    announce(world)
    before = demand_reads.hour_counted(world.table, NINE.start)
    assert count_demand(world.context, [NINE, QUARTER_PAST]) == 1
    assert demand_reads.hour_counted(world.table, NINE.start) == before
    assert before
    assert before.version == 1


def test_r46_a_slot_that_has_started_is_not_counted(world: World) -> None:
    ada, _ = two_apart(world)
    world.book(ada, NINE)
    world.after(hours=1)
    assert count_demand(world.context, [NINE]) == 0
    assert counted(world) == {}


def test_r46_of_two_concurrent_counts_the_later_queue_wins(world: World, faults: FaultProxy) -> None:
    ada, _ = two_apart(world)
    world.book(ada, NINE)
    faults.plan += [Fault.CONFLICT]
    count_demand(world.context, [NINE])
    assert counted(world) == {NINE: [ada.member_id]}


def test_r19_a_count_that_fails_is_left_to_the_sweep(world: World, faults: FaultProxy) -> None:
    ada, _ = two_apart(world)
    world.book(ada, NINE)
    faults.plan += [Fault.CONFLICT] * 8
    with collect_metrics() as metrics:
        count_demand(world.context, [NINE])
    assert metrics.left == 1
    assert counted(world) == {}
    queues: dict[date, list[Queue]] = {NINE.date: [Queue(NINE, [ada.member_id], contended=False, sharded=False)]}
    assert recount_demand(world.context, queues) == 1
    assert counted(world) == {NINE: [ada.member_id]}
    assert recount_demand(world.context, queues) == 0


def test_r19_the_sweep_removes_members_who_wait_no_more(world: World) -> None:
    store(world, gone=WaitingMember("0" * 24))
    assert recount_demand(world.context, {NINE.date - timedelta(days=1): []}) == 0
    assert recount_demand(world.context, {NINE.date: []}) == 1
    assert counted(world) == {}


@pytest.mark.long  # A sweep reads 372 partitions.
def test_r19_the_sweep_counts_without_the_stream(world: World) -> None:
    ada, ben = two_apart(world)
    world.book(ada, NINE)
    world.after(seconds=1).book(ben, NINE)
    run_sweep(world.context)
    assert counted(world) == {NINE: [ada.member_id, ben.member_id]}
