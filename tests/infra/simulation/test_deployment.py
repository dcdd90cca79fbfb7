"""The deployed services on simulated time, with stream and schedules, determined by one seed."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest

from bench.bookers import START, start_bookers
from chalicelib.domain.model.booking import State
from chalicelib.domain.model.ids import unkeyed_member_id
from chalicelib.domain.model.member import Profile, RelationKind
from chalicelib.services.bookings.availability import favorites_availability
from chalicelib.services.members.relationships import set_relation
from chalicelib.storage.errors import TableRequestFailed
from infra.in_memory_dynamodb.capacity import CapacityLimits
from infra.local.engine import ROOT
from infra.simulation.client import Latency
from infra.simulation.deployment import DeploymentOptions, SimulatedDeployment
from infra.simulation.stream_delivery import EventSource
from tests.invariants import check_all
from tests.simulation.engine.trace import digest, trace
from tests.table_snapshot import take_snapshot

STREAM_OFF = EventSource(poll_seconds=24 * 3600)


@pytest.mark.long  # Simulates a crowd twice.
def test_the_same_seed_sends_the_same_requests_in_the_same_order() -> None:
    first = trace(1)
    assert len(first) > 300
    assert any(line.endswith("TransactionCanceledException") for line in first)
    assert any(line.endswith("ProvisionedThroughputExceededException") for line in first)
    assert trace(1) == first
    assert trace(2) != first


@pytest.mark.long  # Starts processes.
def test_the_trace_does_not_depend_on_the_hash_seed_of_the_process() -> None:
    command = [sys.executable, "-m", "tests.simulation.engine.trace", "1"]
    digests = set()
    for seed in ("1", "2"):
        hashing = {**os.environ, "PYTHONHASHSEED": seed}
        ran = subprocess.run(command, cwd=ROOT, env=hashing, capture_output=True, text=True, check=True)
        digests.add(ran.stdout.strip())
    assert digests == {digest(trace(1))}


# Each crowd takes a second of a core.
@pytest.mark.long  # Simulates a crowd.
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in (1, 2))])
def test_an_overloaded_crowd_is_paired_without_a_violation(seed: int) -> None:
    """Leave no member of an even crowd waiting after throttled requests (R3, R19)."""
    world, people = start_bookers(DeploymentOptions(START, seed=seed, limits=CapacityLimits(write=20)), 60, within=0.5)
    people.run(timedelta(minutes=51))
    assert people.settled
    assert world.capacity.writes.refused.total() > 0
    assert world.capacity.writes.highest.units <= 20
    snapshot = take_snapshot(world.context.table)
    assert all(isinstance(crash, TableRequestFailed) for crash in world.crashes)
    check_all(snapshot, world.scheduler.now())
    assert not snapshot.waiting_rows
    assert len(snapshot.pair_rows) == 30


def both_wait(world: SimulatedDeployment) -> None:
    """Check that two members booked at the same instant and neither read the other's row."""
    world.run_for(milliseconds=100)
    assert states(world) == [State.WAITING, State.WAITING]


def states(world: SimulatedDeployment) -> list[State]:
    return [held.state for day in take_snapshot(world.context.table).days.values() for held in day.active]


def test_the_stream_pairs_two_members_who_both_wait() -> None:
    """The stream pairs them soon after (R18)."""
    world, _ = start_bookers(DeploymentOptions(START), 2, within=0)
    both_wait(world)
    world.run_for(milliseconds=500)
    assert states(world) == [State.MATCHED, State.MATCHED]


def test_the_sweep_pairs_them_if_the_stream_is_off() -> None:
    """The schedule pairs them within ten minutes (R19)."""
    world, _ = start_bookers(DeploymentOptions(START, source=STREAM_OFF), 2, within=0)
    both_wait(world)
    world.run_for(minutes=9, seconds=59)
    assert states(world) == [State.WAITING, State.WAITING]
    # The sweep queries four shards of 93 dates and starts with any of them.
    world.run_for(seconds=5)
    assert states(world) == [State.MATCHED, State.MATCHED]


def test_parallel_reads_take_one_round_trip() -> None:
    """The view of all favorites reads in threads, which are tasks here."""
    options = DeploymentOptions(START, latency=Latency(read=1, transaction=1), schedules=False)
    world = SimulatedDeployment(options)
    people = [Profile(unkeyed_member_id("side by side", str(n)), f"Member {n}", "UTC", START, "r") for n in range(20)]
    world.load_members(people)
    for other in people[1:]:
        set_relation(world.context, people[0].member_id, other.member_id, RelationKind.FAVORITE)
    took: list[float] = []

    def look() -> None:
        before = world.scheduler.seconds
        favorites_availability(world.context, people[0])
        took.append(world.scheduler.seconds - before)

    requests = world.client.requests
    world.scheduler.spawn(look)
    world.run_for(minutes=10)
    assert world.client.requests - requests > 20
    # One after the other they would take twenty seconds. A request takes a second on average.
    assert took[0] < 12
