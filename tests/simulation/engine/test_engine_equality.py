"""The use cases on the in-memory table and on the embedded engine, with the same results, table and stream."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.model.errors import Refusal
from chalicelib.domain.model.member import Availability, RelationKind
from chalicelib.services.bookings.book import KeyedRequest
from chalicelib.services.jobs import run_jobs
from infra.in_memory_dynamodb.stream_records import ItemChange, Record
from infra.simulation.deployment import DeploymentOptions, SimulatedDeployment
from tests.harness import MONDAY, World, at, settings
from tests.infra.in_memory_dynamodb.test_table import ordered
from tests.table_snapshot import read_whole_table

NINE, TEN, MIDNIGHT = at(1), at(2), at(15.5)


@dataclass
class StreamFixture:
    """The stream of the in-memory table, with the interface of the test harness."""

    changes: list[ItemChange] = field(default_factory=list)

    def records(self) -> list[Record]:
        """Return the records since the last call."""
        found = [change.record() for change in self.changes]
        self.changes.clear()
        return found


def observed_results(world: World) -> dict[str, Any]:
    """Run a sequence of use cases with fixed ids and return everything observable."""
    world.ids = Random("story")
    world.context = replace(world.context, ids=world.ids, rng=Random(7))
    results: list[Any] = []

    def do(call: Callable[..., Any], *given: Any, **more: Any) -> Any:
        try:
            results.append(call(*given, **more))
        except Refusal as refusal:
            results.append(refusal.code)
        world.after(seconds=1)
        return results[-1]

    ada, ben, cy, dee, eve = (do(world.member, name) for name in ("Ada", "Ben", "Cy", "Dee", "Eve"))
    do(world.set, dee, availability=Availability.NO_ONE, gender=None)
    do(world.favorite, ada, ben, cy, dee)
    do(world.say, cy, RelationKind.SNOOZE, eve, until=MONDAY + timedelta(days=1))
    first = do(world.book, ada, NINE)
    do(world.book, ben, NINE)
    do(world.book, cy, NINE)
    do(world.lock, ada, cy, NINE)
    do(world.lock, ada, dee, TEN)
    do(world.book, dee, NINE, title="titled", quiet=True)
    do(world.book, eve, TEN, prefer=ada)
    do(world.book, eve, MIDNIGHT)
    do(world.book, ada, MIDNIGHT, prefer_favorites=True)
    do(world.cancel, ada, first)
    token = do(world.invite, ben, max_uses=1)
    do(world.accept, eve, token, NINE)
    do(world.accept, dee, token, NINE)
    do(world.reply, cy, BookingRequest(TEN), KeyedRequest("key", "digest"))
    do(world.reply, cy, BookingRequest(TEN), KeyedRequest("key", "digest"))
    do(world.reply, cy, BookingRequest(TEN), KeyedRequest("key", "another digest"))
    do(world.say, eve, RelationKind.BLOCK, ada)
    do(world.take_back, ada, RelationKind.FAVORITE, ben)
    do(world.revoke, ben)
    do(world.leave, eve)
    do(world.book, eve, at(5))
    do(run_jobs, world.context)
    records = world.records()
    do(world.tick)
    everything = [ordered(raw) for raw in read_whole_table(world.table).values()]
    return {
        "results": results,
        "items": sorted(everything, key=str),
        "records": sorted((record["eventName"], str(record["dynamodb"]["Keys"])) for record in records),
    }


@pytest.mark.long  # The same calls on the engine and in memory.
def test_the_use_cases_have_the_same_results_on_both_engines(world: World) -> None:
    theirs = observed_results(world)
    stream = StreamFixture()
    deployment = SimulatedDeployment(DeploymentOptions(MONDAY, schedules=False))
    deployment.table.listen(stream.changes.append)
    ours = observed_results(World(settings("", ""), stream, deployment.context.table))
    assert {"not_available", "invite_unavailable", "idempotency_key_reused"} <= set(map(str, theirs["results"]))
    assert len(theirs["records"]) > 40
    assert ours == theirs
