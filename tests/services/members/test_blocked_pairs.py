"""The parting of the pairs of a member and a blocked member (R1)."""

import threading
from typing import Any

from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.decisions.write_set import SETTLE
from chalicelib.domain.model.member import RelationKind
from chalicelib.services.jobs import run_jobs
from chalicelib.services.members.blocked_pairs import run_parting
from tests.fault_proxy import FaultProxy
from tests.harness import World, at
from tests.table_snapshot import take_snapshot

NINE = at(1)


def test_r1_a_block_keeps_started_sessions_and_pairs_with_others(world: World) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    world.book(ada, NINE)
    world.book(ben, NINE)
    world.book(ada, at(2))
    world.book(cy, at(2))
    world.now = NINE.start
    world.say(ada, RelationKind.BLOCK, ben)
    assert world.state(ada, NINE) == ("matched", "Ben")
    assert world.state(ada, at(2)) == ("matched", "Cy")


def test_r1_a_removed_block_parts_no_pair(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.favorite(ada, ben)
    world.begin_to_block(ada, ben)
    world.take_back(ada, RelationKind.BLOCK, ben)
    world.book(ben, NINE)
    world.lock(ada, ben, NINE)
    run_jobs(world.context)
    world.deliver()
    assert world.state(ada, NINE) == ("locked_in", "Ben")


def test_r1_a_job_that_settles_while_it_runs_is_left(world: World) -> None:
    """Its reads were perhaps before the commit of a request that was there when the job was stored."""
    ada, ben = world.members("Ada", "Ben")
    world.begin_to_block(ada, ben)
    (job,) = take_snapshot(world.table).jobs.values()
    events = world.table.connection.client.meta.events

    def let_a_minute_pass(**_: Any) -> None:
        events.unregister("after-call.dynamodb.Query", let_a_minute_pass)
        world.now += SETTLE

    events.register("after-call.dynamodb.Query", let_a_minute_pass)
    run_parting(world.context, job)
    assert take_snapshot(world.table).jobs == {job.job_id: job}
    run_parting(world.context, job)
    assert take_snapshot(world.table).jobs == {}


def test_r1_a_pair_stays_if_its_block_is_removed_before_the_parting(world: World, faults: FaultProxy) -> None:
    """Only the condition on the block can fail, because all reads were before its removal."""
    ada, ben = world.members("Ada", "Ben")
    world.favorite(ada, ben)
    world.book(ben, NINE)
    world.reply(ada, BookingRequest(NINE, lock_with=ben.member_id))
    faults.hold_next("TransactWriteItems", number=2)
    blocking = threading.Thread(target=lambda: world.say(ada, RelationKind.BLOCK, ben))
    blocking.start()
    assert faults.held.wait(60)
    world.take_back(ada, RelationKind.BLOCK, ben)
    faults.release_held()
    blocking.join()
    assert world.state(ada, NINE) == ("locked_in", "Ben")
    assert world.state(ben, NINE) == ("locked_in", "Ada")
