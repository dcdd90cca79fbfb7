"""`python -m bench.scheduled_run` measures the scheduled matching of a slot in which every member waits.

The deployed use case runs on simulated time, on a table that throttles above 1,000 write or 3,000 read units a second
per partition key. A read takes 5 ms and a transaction 10 ms on average; parallel requests overlap. The processor time
of the function is measured on this machine. The HTTP client, which the simulation lacks, counts one millisecond per
request. Exits with 1 if the longest run takes more than a third of the function's timeout.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from time import process_time

from bench.bookers import SLOT, START
from bench.stored_slot import member_items, relation_items, waiting_booking
from chalicelib.domain.model.booking import QueuePosition
from chalicelib.domain.model.ids import unkeyed_member_id
from chalicelib.domain.model.member import Profile, Relation
from chalicelib.services.slot_matching.scheduled_matching import finalize
from chalicelib.storage.items import Item
from infra.in_memory_dynamodb.capacity import CapacityLimits
from infra.simulation.deployment import DeploymentOptions, SimulatedDeployment

MARGIN = 3
CLIENT_SECONDS = 0.001
# The relations of each member with randomly drawn others.
RELATIONS = (*[Relation(favorite=True)] * 3, Relation(blocked=True))
CONFIG = Path(__file__).parent.parent / ".chalice" / "config.json"


@dataclass(frozen=True, slots=True)
class Run:
    """The pairs, the requests and the seconds of one run of the schedule."""

    pairs: int
    requests: int
    waited: float
    computed: float

    @property
    def seconds(self) -> float:
        """The duration of the function, waiting for the table and computing."""
        return self.waited + self.computed + self.requests * CLIENT_SECONDS


def waiting_members(number: int, seed: int) -> Iterator[Item]:
    """Yield the items of members who wait in one slot, each with relations to other members."""
    rng = Random(f"job {seed}")
    members = [unkeyed_member_id("crowd", str(n)) for n in range(number)]
    for n, member in enumerate(members):
        profile = Profile(member, f"Member {n}", "Europe/Berlin", START, "first")
        queue_position = QueuePosition(displaced=False, since=START + timedelta(milliseconds=n))
        yield from member_items(profile, waiting_booking(profile, SLOT, queue_position))
        for relation in RELATIONS:
            other = rng.choice(members)
            if other != member:
                yield from relation_items(member, other, relation)


def runs(number: int, seed: int) -> Iterator[Run]:
    """Yield one run after the other until a run makes no pair."""
    options = DeploymentOptions(SLOT.start - timedelta(minutes=9), seed, limits=CapacityLimits(), schedules=False)
    world = SimulatedDeployment(options)
    world.table.load(item.serialize() for item in waiting_members(number, seed))
    while (run := _run(world)).pairs:
        yield run


def _run(world: SimulatedDeployment) -> Run:
    made: list[int] = []
    began, sent, computed = world.scheduler.seconds, world.client.requests, process_time()
    ended: list[float] = []

    def job() -> None:
        made.append(finalize(world.context))
        ended.append(world.scheduler.seconds)

    world.scheduler.spawn(job)
    while not ended:
        world.run_for(seconds=1)
    return Run(made[0], world.client.requests - sent, ended[0] - began, process_time() - computed)


def figures(found: Sequence[Run], timeout: float) -> dict[str, float]:
    """Return pairs and requests of all runs, the simulated seconds of the longest, and its share of the timeout."""
    longest = max(found, key=lambda run: run.seconds)
    return {
        "all.pairs": sum(run.pairs for run in found),
        "all.requests": sum(run.requests for run in found),
        "all.table.simulated_seconds": round(sum(run.waited for run in found), 3),
        "longest.compute_seconds": longest.computed,
        "longest.timeout_share": longest.seconds / timeout,
    }


def main(arguments: Sequence[str]) -> int:
    """Print a line for each run, or all as JSON, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench.scheduled_run", description=__doc__)
    parser.add_argument("--members", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    timeout = json.loads(CONFIG.read_text())["lambda_functions"]["finalize"]["lambda_timeout"]
    if given.json:
        found = figures(list(runs(given.members, given.seed)), timeout)
        print(json.dumps(found))
        return int(found["longest.timeout_share"] * MARGIN > 1)
    print(f"runs of the schedule with {given.members:,} members waiting in one slot:")
    print(f"  {'run':>4}{'pairs':>10}{'requests':>12}{'table s':>12}{'compute s':>14}{'of the timeout':>16}")
    longest = 0.0
    for number, run in enumerate(runs(given.members, given.seed), 1):
        share = run.seconds / timeout
        longest = max(longest, share)
        cells = f"{run.pairs:>10,}{run.requests:>12,}{run.waited:>12.1f}{run.computed:>14.1f}{share:>16.0%}"
        print(f"  {number:>4}{cells}", flush=True)
    return int(longest * MARGIN > 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
