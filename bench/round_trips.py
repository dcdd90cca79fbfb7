"""`python -m bench.round_trips` counts the sequential round trips to the table of every route.

Each call runs on simulated time, on which every request takes one unit. Requests that run in parallel end together, so
the time at which a request is served is its place in the critical path. The callers have used their credentials before
on that date. The first request of a date and kind writes the record of uses, which takes one round trip more (R35).

The latency of a call is simulated from its round trips. A round trip ends with its slowest request. AWS publishes
averages only. That of a request such as GetItem or PutItem has a single digit of milliseconds (AWS re:Post, on high
latency of a DynamoDB table). A transaction does two underlying reads or writes of each item (developer guide, on
transactions). So the mean is 5 ms for a read, and 10 ms for a write, which is nearly always a transaction. The shape is
assumed, as in the simulator. It is half of the mean, and above it one exponentially distributed part for each way.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from random import Random
from statistics import quantiles

from chalice.test import Client
from msgspec import Struct

from bench.account_sizes import ORDINARY, TOMORROW
from bench.accounts import AccountStage, populate, sign_in
from bench.route_calls import MEMBER, STAFF, STRANGER, RouteCall, calls, slot_body
from bench.route_client import copy_of, counted, route_client, send
from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.model.access_record import AccessKind
from chalicelib.domain.model.member import RelationKind
from chalicelib.domain.model.slot import ONE_DAY, Slot, day_start
from chalicelib.services.bookings.book import book_session
from chalicelib.services.members.api_keys import record_use
from chalicelib.services.members.relationships import set_relation
from chalicelib.storage import reads
from infra.simulation.client import Latency, ServedRequest
from infra.simulation.stream_delivery import EventSource

SAMPLES = 10_000
# The seconds of a request while round trips are counted, and those of the longest call.
UNIT, LONGEST = 0.0001, 0.1
LATENCY = Latency()
# No record of the stream is delivered while the calls run.
WITHOUT_STREAM = EventSource(poll_seconds=30 * 24 * 3600)


class CriticalPath(Struct, frozen=True):
    """The requests of one call, by round trip, and the status of its response."""

    status: int
    round_trips: tuple[tuple[str, ...], ...]

    @property
    def length(self) -> int:
        """The number of round trips."""
        return len(self.round_trips)

    def milliseconds(self, rng: Random) -> float:
        """Return a random latency of all round trips together."""
        return 1000 * sum(max(_seconds(one, rng) for one in round_trip) for round_trip in self.round_trips)


class SimulatedLatency(Struct, frozen=True):
    """The median and the 99th percentile of a latency in milliseconds."""

    p50: float
    p99: float


class _OneUnit(Latency):
    """The latency with which every request takes one unit of time."""

    def draw(self, _operation: str, _rng: Random) -> float:
        """Return half a unit for each way."""
        return UNIT / 2


def _seconds(operation: str, rng: Random) -> float:
    return LATENCY.draw(operation, rng) + LATENCY.draw(operation, rng)


def prepared() -> AccountStage:
    """Return an ordinary account, whose callers have used their credentials on the date, and a favorite who waits."""
    stage = populate(ORDINARY, WITHOUT_STREAM)
    context = stage.world.context
    book_session(context, stage.members.stranger, BookingRequest(_of_the_stranger()), None)
    set_relation(context, stage.member.member_id, stage.members.stranger.member_id, RelationKind.FAVORITE)
    for subject in (MEMBER, STRANGER, STAFF):
        member_id = sign_in(stage.world, subject).member_id
        for kind in AccessKind:
            profile = reads.profile(context.table, member_id)
            assert profile
            record_use(context, profile, kind)
    stage.world.client.latency = _OneUnit()
    return stage


def _of_the_stranger() -> Slot:
    """Return the slot in which the stranger waits, on the evening of tomorrow, which the account leaves free."""
    return Slot(day_start(TOMORROW) + ONE_DAY - timedelta(minutes=120), 25)


def all_calls(stage: AccountStage) -> list[RouteCall]:
    """Return the calls of every route, and calls of sessions that differ in their round trips."""
    sessions = "/v1/sessions"
    unbooked = Slot(day_start(TOMORROW) + 30 * ONE_DAY, 25)
    lock = slot_body(_of_the_stranger(), partnerId=stage.members.stranger.member_id)
    return [
        *calls(stage),
        RouteCall("POST", sessions, sessions, "waits, on a date without sessions", slot_body(unbooked)),
        RouteCall("POST", sessions, sessions, "lock over no match", lock),
    ]


def critical_paths(stage: AccountStage, only: Collection[str] = ()) -> dict[str, CriticalPath]:
    """Return the critical path of each call by name, or of some calls. Each call begins with the same table."""
    table, start = stage.world.table, copy_of(stage.world.table)
    found = {}
    with counted(stage.world), route_client(stage) as client:
        for call in (call for call in all_calls(stage) if not only or call.name in only):
            found[call.name] = _critical_path(stage, client, call)
            table.resume(start)
    return found


def _critical_path(stage: AccountStage, client: Client, call: RouteCall) -> CriticalPath:
    world = stage.world
    began = world.scheduler.seconds
    status: list[int] = []
    places: dict[int, list[str]] = defaultdict(list)

    def place(served: ServedRequest) -> None:
        places[int((served.at - began) / UNIT)].append(served.operation)

    world.client.listeners.append(place)
    world.scheduler.spawn(lambda: status.append(send(stage, client, call).status_code))
    world.run_for(seconds=LONGEST)
    world.client.listeners.remove(place)
    (answered,) = status
    return CriticalPath(answered, tuple(tuple(sorted(places[number])) for number in sorted(places)))


def latency_of(path: CriticalPath, seed: int, samples: int = SAMPLES) -> SimulatedLatency:
    """Return the simulated latency of a critical path. Equal seeds have equal results."""
    rng = Random(seed)
    if not path.round_trips:
        return SimulatedLatency(0, 0)
    percentiles = quantiles((path.milliseconds(rng) for _ in range(samples)), n=100)
    return SimulatedLatency(round(percentiles[49], 1), round(percentiles[98], 1))


def lines(paths: Mapping[str, CriticalPath], seed: int) -> Iterator[str]:
    """Yield a line for each call, with its round trips and its latency."""
    yield f"{'':<62}{'round trips':>12}{'requests':>9}{'p50 ms':>8}{'p99 ms':>8}"
    for name, path in paths.items():
        latency = latency_of(path, seed)
        requests = sum(map(len, path.round_trips))
        yield f"{name:<62}{path.length:>12}{requests:>9}{latency.p50:>8.1f}{latency.p99:>8.1f}"


def as_json(paths: Mapping[str, CriticalPath], seed: int) -> str:
    """Return the round trips and latencies of each call as JSON."""
    found = {}
    for name, path in paths.items():
        latency = latency_of(path, seed)
        found[name] = {
            "round_trips": path.length,
            "requests": sum(map(len, path.round_trips)),
            "p50_milliseconds": latency.p50,
            "p99_milliseconds": latency.p99,
        }
    return json.dumps(found, indent=2)


def main(arguments: Sequence[str]) -> int:
    """Print the round trips of every route."""
    parser = argparse.ArgumentParser(prog="python -m bench.round_trips", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    paths = critical_paths(prepared())
    print(as_json(paths, given.seed) if given.json else "\n".join(lines(paths, given.seed)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
