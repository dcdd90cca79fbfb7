"""`python -m bench.popular`: what a popular slot costs, and how long it takes when all want it at once.

On simulated time, with the services as they are: a growing crowd that comes at a moderate rate, then a rush on a table
that refuses what passes 1,000 write or 3,000 read units per second and partition key. Latencies are drawn around 5 ms
for a read and 10 ms for a transaction; a caller who is told that the service is busy waits for one to two seconds and
asks again. Nothing depends on the machine but the time it takes.
"""

import argparse
import math
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bench.crowd import START, Crowd, crowd
from infra.simulated.capacity import Limits, Meter
from infra.simulated.world import Options, World

SMALLEST = 100
MODERATE_PER_SECOND = 50
LONGEST = timedelta(hours=5)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a crowd of one size took of the table, everything that stream and schedules did included."""

    members: int
    write_units: float
    read_units: float
    requests: int


def cost_of(members: int, seed: int) -> Cost:
    """What it takes until everybody who comes at a moderate rate has a partner."""
    with crowd(Options(START, seed), members, members / MODERATE_PER_SECOND) as (world, people):
        people.run(LONGEST)
        assert people.settled, "somebody was left without a partner"
        capacity = world.capacity
        return Cost(members, capacity.writes.total, capacity.reads.total, world.client.requests)


def exponent(points: Iterable[tuple[float, float]]) -> float:
    """The x of y = c * n^x that fits the points (n, y) best: least squares of log y on log n."""
    logs = [(math.log(n), math.log(y)) for n, y in points]
    mean_n, mean_y = (sum(column) / len(logs) for column in zip(*logs, strict=True))
    spread = sum((n - mean_n) ** 2 for n, _ in logs)
    return sum((n - mean_n) * (y - mean_y) for n, y in logs) / spread


def growth_lines(largest: int, seed: int) -> Iterator[str]:
    """A line for each size of the crowd, ten times the one before, and how the totals grow."""
    yield f"one slot, {MODERATE_PER_SECOND} bookings a second, each figure per booking:"
    yield _row("members", "write units", "read units", "requests")
    costs = []
    members = SMALLEST
    while members <= largest:
        cost = cost_of(members, seed)
        costs.append(cost)
        each = (cost.write_units / members, cost.read_units / members, cost.requests / members)
        yield _row(f"{members:,}", *(f"{figure:.2f}" for figure in each))
        members *= 10
    if len(costs) > 1:
        written = exponent((cost.members, cost.write_units) for cost in costs)
        read = exponent((cost.members, cost.read_units) for cost in costs)
        yield "units in all grow as members^x, x by least squares of log units on log members (1 is linear):"
        yield f"  written x = {written:.3f}, read x = {read:.3f}"


def rush_lines(members: int, within: float, at_most: timedelta, seed: int) -> Iterator[str]:
    """How a crowd fares that comes within seconds."""
    yield f"{members:,} members book one slot within {within:g} seconds:"
    with crowd(Options(START, seed, limits=Limits()), members, within) as (world, people):
        began = time.perf_counter()
        people.run(at_most)
        took = time.perf_counter() - began
        yield from _fared(people)
        yield from _served(world)
        ran = world.scheduler.seconds - START.timestamp()
        requests = world.client.requests
        yield f"  {ran:.0f} simulated seconds, {requests:,} requests in {took:.0f} s, {requests / took:,.0f} a second"


def _fared(people: Crowd) -> Iterator[str]:
    everybody = people.people.values()
    refused = [person.refused for person in everybody]
    yield _row("seconds to", "median", "p99", "max", "without")
    yield _spread("a booking", [person.booked and person.booked - person.came for person in everybody])
    yield _spread("a partner", [person.paired and person.paired - person.came for person in everybody])
    told = sum(number > 0 for number in refused)
    yield f"  told to come back (503): {sum(refused):,} times, {told:,} members, one at most {max(refused)} times"


def _served(world: World) -> Iterator[str]:
    for name, meter in (("write", world.capacity.writes), ("read", world.capacity.reads)):
        yield f"  {name} units: {_highest(meter)}; refused {meter.refused.total():,} times"
    yield f"  left in the stream: {world.delivery.backlog:,} records; functions that failed: {len(world.crashes):,}"


def _highest(meter: Meter) -> str:
    units, pk, second = meter.highest
    after = second - START.timestamp()
    return f"at most {units:,.0f} in a second (limit {meter.limit:,.0f}), at {pk}, second {after:.0f}"


def _spread(name: str, found: Sequence[float | None]) -> str:
    seconds = sorted(one for one in found if one is not None)
    if not seconds:
        return _row(name, "-", "-", "-", f"{len(found):,}")
    at = (seconds[len(seconds) // 2], seconds[len(seconds) * 99 // 100], seconds[-1])
    return _row(name, *(f"{one:.2f}" for one in at), f"{len(found) - len(seconds):,}")


def _row(*cells: str) -> str:
    return f"  {cells[0]:>12}" + "".join(f"{cell:>14}" for cell in cells[1:])


def main(arguments: Sequence[str]) -> int:
    """Play both, and print as it goes."""
    parser = argparse.ArgumentParser(prog="python -m bench.popular", description=__doc__)
    parser.add_argument("--members", type=int, default=50_000, help="of the rush; 0 leaves it out")
    parser.add_argument("--within", type=float, default=10, help="the seconds within which they come")
    parser.add_argument("--minutes", type=float, default=15, help="how long to look at the rush, at most")
    parser.add_argument("--largest", type=int, default=100_000, help="of the growing crowds; 0 leaves them out")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    if given.largest:
        _print(growth_lines(given.largest, given.seed))
    if given.members:
        _print(rush_lines(given.members, given.within, timedelta(minutes=given.minutes), given.seed))
    return 0


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, flush=True)
    print()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
