"""Jobs, which the schedule and the stream run."""

from datetime import timedelta

from pynamodb.exceptions import TransactWriteError

from chalicelib.domain.decisions.write_set import SETTLE
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.slot import Slot
from chalicelib.metrics import collect_metrics
from chalicelib.services.jobs import run_job_by_id, run_jobs
from chalicelib.services.transaction import ATTEMPTS
from chalicelib.storage import keys
from chalicelib.storage.items import JobItem
from chalicelib.storage.keys import JOB_SHARDS
from tests import batches
from tests.fault_proxy import Fault, FaultProxy
from tests.harness import World, at
from tests.table_snapshot import take_snapshot

NINE = at(1)


def blocked_pair(world: World, slot: Slot) -> tuple[Profile, Profile]:
    """Return two paired members with a half-finished block of one by the other."""
    one, other = world.members("Ada", "Ben")
    world.book(one, slot)
    world.book(other, slot)
    world.begin_to_block(one, other)
    return one, other


def test_r1_a_job_runs_by_its_id_and_is_deleted_when_it_is_settled(world: World) -> None:
    ada, _ = blocked_pair(world, NINE)
    (job,) = take_snapshot(world.table).jobs.values()
    for left in (1, 0, 0):
        run_job_by_id(world.context, job.job_id)
        assert world.state(ada, NINE) == ("waiting", None)
        assert len(take_snapshot(world.table).jobs) == left
        world.now += SETTLE


def test_r1_a_job_is_deleted_if_the_clock_is_set_back_by_a_minute_or_more(world: World) -> None:
    """The local runner's clock can be set. A clock that is only behind another one settles no job."""
    blocked_pair(world, NINE)
    world.now -= SETTLE - timedelta(seconds=1)
    run_jobs(world.context)
    assert len(take_snapshot(world.table).jobs) == 1
    world.now -= timedelta(seconds=1)
    run_jobs(world.context)
    assert take_snapshot(world.table).jobs == {}


def test_a_failed_job_is_left_and_delays_no_other(world: World, faults: FaultProxy) -> None:
    ada, _ = blocked_pair(world, NINE)
    cy, _ = blocked_pair(world, at(3))
    faults.plan += [Fault.CONFLICT] * ATTEMPTS
    with collect_metrics() as metrics:
        run_jobs(world.context)
    assert metrics.left == 1
    assert sorted([world.state(ada, NINE)[0], world.state(cy, at(3))[0]]) == ["matched", "waiting"]
    run_jobs(world.context)
    assert world.state(ada, NINE) == world.state(cy, at(3)) == ("waiting", None)


def test_a_job_that_fails_for_a_reason_of_its_own_holds_up_no_other(world: World, faults: FaultProxy) -> None:
    """Two crashes left a job each. The first fails by an error of the program, in every run."""
    ada, _ = blocked_pair(world, NINE)
    cy, _ = blocked_pair(world, at(3))
    faults.plan += [Fault.INVALID]
    with collect_metrics() as metrics:
        run_jobs(world.context)
    assert (metrics.left, type(metrics.error)) == (1, TransactWriteError)
    assert sorted([world.state(ada, NINE)[0], world.state(cy, at(3))[0]]) == ["matched", "waiting"]


def test_a_job_that_this_version_cannot_read_holds_up_no_other(world: World) -> None:
    ada, _ = blocked_pair(world, NINE)
    # A job of a kind that only a later version knows, first in each shard.
    places = [keys.jobs(shard) for shard in range(JOB_SHARDS)]
    ids = [next(str(n) for n in range(99) if keys.job(str(n)).pk == place) for place in places]
    unknown = [JobItem(*keys.job(job_id), task="unknown", member_id=ada.member_id) for job_id in ids]
    batches.save(world.table, unknown)
    with collect_metrics() as metrics:
        run_jobs(world.context)
    assert (metrics.left, type(metrics.error)) == (JOB_SHARDS, ValueError)
    assert world.state(ada, NINE) == ("waiting", None)
    batches.delete(world.table, [keys.Key(item.pk, item.sk) for item in unknown])


def test_a_shard_of_jobs_that_cannot_be_read_holds_up_no_other_shard(world: World, faults: FaultProxy) -> None:
    pairs = [blocked_pair(world, at(1))[0]]
    while len({keys.job(job_id).pk for job_id in take_snapshot(world.table).jobs}) < JOB_SHARDS:
        pairs.append(blocked_pair(world, at(len(pairs) + 1))[0])
    faults.meets = "Query"
    faults.plan += [Fault.LOSE_REQUEST] * 2
    with collect_metrics() as metrics:
        run_jobs(world.context)
    assert metrics.left == 1
    states = [world.state(one, at(hours))[0] for hours, one in enumerate(pairs, 1)]
    assert set(states) == {"matched", "waiting"}
