"""Tests of the schedules' handlers and their log lines."""

from datetime import datetime, timedelta

import pytest

from chalicelib.domain.model.member import RelationKind
from chalicelib.handlers.event_log import EventFailed
from chalicelib.handlers.events.schedules import run_finalize, run_sweep
from tests.fault_proxy import Fault, FaultProxy
from tests.handlers.conftest import Lines, metrics_of, two_late_members
from tests.harness import World, at

NINE = at(1)


@pytest.mark.long  # A sweep reads 372 partitions.
def test_r19_a_sweep_logs_its_pairs_and_the_longest_waiting_time(world: World, lines: Lines) -> None:
    two_late_members(world)
    run_sweep(world.context)
    run_sweep(world.context)
    first, second = lines()
    assert [(line["event"], line["schedule"], line["pairs"]) for line in (first, second)] == [
        ("tick", "sweep", 1),
        ("tick", "sweep", 0),
    ]
    assert [metrics_of(line) for line in (first, second)] == [{"OldestWaitingSeconds": 30}, {"OldestWaitingSeconds": 0}]


@pytest.mark.long  # Each sweep reads 372 partitions.
def test_a_run_with_a_failed_slot_fails_and_the_next_run_pairs_it(
    world: World, lines: Lines, faults: FaultProxy
) -> None:
    two_late_members(world)
    faults.plan += [Fault.INVALID]
    with pytest.raises(EventFailed):
        run_sweep(world.context)
    faults.plan += [Fault.CONFLICT]
    run_sweep(world.context)
    failed, done = lines()
    assert (failed["outcome"], failed["pairs"], failed["error"][0]) == ("failed", 0, "TransactWriteError")
    assert (done["outcome"], done["pairs"], done["Conflicts"]) == ("ok", 1, 1)


@pytest.mark.long  # Each sweep reads 372 partitions.
def test_a_run_logs_the_number_of_slots_left_to_the_next(world: World, lines: Lines, faults: FaultProxy) -> None:
    two_late_members(world)
    faults.meets = "BatchGetItem"
    faults.plan += [Fault.LOSE_REQUEST] * 2
    run_sweep(world.context)
    run_sweep(world.context)
    assert [(line["outcome"], line["pairs"], line.get("left")) for line in lines()] == [("ok", 0, 1), ("ok", 1, None)]


def test_r23_unmatched_members_are_counted_once_per_start_and_length(world: World, lines: Lines) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    world.say(ada, RelationKind.BLOCK, ben)
    for member in (ada, ben):
        world.book(member, NINE)
    world.book(cy, at(1, minutes=75))
    for seconds in (-1, 0, 59, 60):
        world.now = NINE.start + timedelta(seconds=seconds)
        run_finalize(world.context)
    nothing = {"OldestWaitingSeconds": 0}
    assert [metrics_of(line) for line in lines()] == [
        nothing,
        {"WaitingAtStart": [0, 2, 1], **nothing},
        {"WaitingAtStart": [0, 2, 1], **nothing},
        nothing,
    ]


def test_a_run_with_a_failed_part_runs_the_other_parts_and_fails(
    world: World, lines: Lines, faults: FaultProxy
) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    for member in (ada, ben):
        world.book(member, at(3))
    world.book(cy, NINE)
    world.begin_to_block(ada, ben)
    world.now = NINE.start

    def fail_once() -> datetime:
        world.context.clock = lambda: world.now
        raise ArithmeticError

    # The first part fails, and then the last one.
    world.context.clock = fail_once
    with pytest.raises(EventFailed):
        run_finalize(world.context)
    assert world.state(ada, at(3)) == ("waiting", None)
    faults.meets = "Query"
    faults.plan += [Fault.LOSE_REQUEST] * 100
    with pytest.raises(EventFailed):
        run_finalize(world.context)
    faults.plan.clear()
    first, last = lines()
    assert (first["outcome"], first["error"][0], metrics_of(first)["WaitingAtStart"]) == (
        "failed",
        "ArithmeticError",
        [0, 1, 0],
    )
    assert (last["outcome"], last["pairs"], metrics_of(last).get("WaitingAtStart")) == ("failed", 0, None)
