"""`python -m bench.hot_slot`: what a popular slot costs, and how long it takes when all want it at once.

On simulated time, with the services as they are: a growing crowd that comes at a moderate rate, then a rush on a table
that refuses what passes 1,000 write or 3,000 read units per second and partition key. Latencies are drawn around 5 ms
for a read and 10 ms for a transaction; a caller who is told that the service is busy waits for one to two seconds and
asks again. Nothing depends on the machine but the time it takes.

Exits with 1 where the totals grow faster than they may, or where somebody of the rush waits too long.
"""

import argparse
import math
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bench.bookers import START, Crowd, crowd
from infra.in_memory_dynamodb.capacity import CapacityLimits, Meter
from infra.simulation.deployment import Options, World

SMALLEST = 100
MODERATE_PER_SECOND = 50
LONGEST = timedelta(hours=5)
MOST_EXPONENT = 1.02
# Seconds until everybody has a booking, and a partner.
MOST_TO_BOOKING, MOST_TO_PARTNER = 30, 60
PROCESSES = 500


@dataclass(frozen=True, slots=True)
class Cost:
    """What a crowd of one size took of the table, everything that stream and schedules did included."""

    members: int
    write_units: float
    read_units: float
    requests: int


def cost_of(members: int, seed: int) -> Cost:
    """What it takes until everybody who comes at a moderate rate has a partner."""
    world, people = crowd(Options(START, seed), members, members / MODERATE_PER_SECOND)
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


def growth_lines(costs: Sequence[Cost]) -> Iterator[str]:
    """A line for each size of the crowd, and how the totals grow."""
    yield f"one slot, {MODERATE_PER_SECOND} bookings a second, each figure per booking:"
    yield _row("members", "write units", "read units", "requests")
    for cost in costs:
        each = (cost.write_units, cost.read_units, cost.requests)
        yield _row(f"{cost.members:,}", *(f"{figure / cost.members:.2f}" for figure in each))
    if len(costs) > 1:
        written, read = exponents(costs)
        yield "units in all grow as members^x, x by least squares of log units on log members (1 is linear):"
        yield f"  written x = {written:.3f}, read x = {read:.3f}"


def exponents(costs: Sequence[Cost]) -> tuple[float, float]:
    """How the units written and read grow with the members."""
    return (
        exponent((cost.members, cost.write_units) for cost in costs),
        exponent((cost.members, cost.read_units) for cost in costs),
    )


def growth(largest: int, seed: int) -> bool:
    """Print what crowds cost, each ten times the one before; gives whether the totals grow as slowly as they must."""
    sizes = [SMALLEST * 10**n for n in range(10) if SMALLEST * 10**n <= largest]
    costs = [cost_of(members, seed) for members in sizes]
    _print(growth_lines(costs))
    return len(costs) < 2 or max(exponents(costs)) <= MOST_EXPONENT


def rush(members: int, within: float, at_most: timedelta, seed: int) -> bool:
    """Print how a crowd fares that comes within seconds; gives whether everybody was served soon enough."""
    print(f"{members:,} members book one slot within {within:g} seconds, served by {PROCESSES} processes:", flush=True)
    world, people = crowd(Options(START, seed, limits=CapacityLimits()), members, within, PROCESSES)
    began = time.perf_counter()
    people.run(at_most)
    took = time.perf_counter() - began
    _print([*_fared(people), *_served(world), _ran(world, took)])
    booking = max(person.to_booking or 0 for person in people.people.values())
    partner = max(person.to_partner or 0 for person in people.people.values())
    return people.settled and booking <= MOST_TO_BOOKING and partner <= MOST_TO_PARTNER


def _ran(world: World, took: float) -> str:
    ran, requests = world.scheduler.seconds - START.timestamp(), world.client.requests
    return f"  {ran:.0f} simulated seconds, {requests:,} requests in {took:.0f} s, {requests / took:,.0f} a second"


def _fared(people: Crowd) -> Iterator[str]:
    everybody = people.people.values()
    refused = [person.refused for person in everybody]
    yield _row("seconds to", "median", "p99", "max", "without")
    yield _spread("a booking", [person.to_booking for person in everybody])
    yield _spread("a partner", [person.to_partner for person in everybody])
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
    parser = argparse.ArgumentParser(prog="python -m bench.hot_slot", description=__doc__)
    parser.add_argument("--members", type=int, default=50_000, help="of the rush; 0 leaves it out")
    parser.add_argument("--within", type=float, default=10, help="the seconds within which they come")
    parser.add_argument("--minutes", type=float, default=15, help="how long to look at the rush, at most")
    parser.add_argument("--largest", type=int, default=100_000, help="of the growing crowds; 0 leaves them out")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    grows = not given.largest or growth(given.largest, given.seed)
    fares = not given.members or rush(given.members, given.within, timedelta(minutes=given.minutes), given.seed)
    return int(not grows or not fares)


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, flush=True)
    print()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
