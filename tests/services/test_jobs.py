"""Jobs, which the schedule and the stream run."""

from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.slot import Slot
from chalicelib.metrics import collect_metrics
from chalicelib.services.jobs import run_job_by_id, run_jobs
from chalicelib.services.transaction import ATTEMPTS
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


def test_r1_a_job_runs_by_its_id_once(world: World) -> None:
    ada, _ = blocked_pair(world, NINE)
    (job,) = take_snapshot(world.table).jobs.values()
    for _ in range(2):
        run_job_by_id(world.context, job.job_id)
    assert world.state(ada, NINE) == ("waiting", None)
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
