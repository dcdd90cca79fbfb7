"""`python -m bench.hot_slot` measures the costs and waiting times of a slot that all members book.

The deployed services run on simulated time. First 100, 1,000, ... members book at a moderate rate. Then many book
within seconds, on a table that throttles above 1,000 write or 3,000 read units a second per partition key. Latencies
are drawn around 5 ms for a read and 10 ms for a transaction. A caller that gets `busy` retries after one to two
seconds. Only the duration of the run depends on the machine.

Exits with 1 if the total costs grow too fast, or if a member of the rush waits too long.
"""

import argparse
import math
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bench.bookers import START, Bookers, start_bookers
from infra.in_memory_dynamodb.capacity import CapacityLimits, Meter
from infra.simulation.deployment import DeploymentOptions, SimulatedDeployment

SMALLEST = 100
MODERATE_PER_SECOND = 50
LONGEST = timedelta(hours=5)
MOST_EXPONENT = 1.02
# Seconds until every member has a booking, and a partner.
MOST_TO_BOOKING, MOST_TO_PARTNER = 30, 60
PROCESSES = 500


@dataclass(frozen=True, slots=True)
class Cost:
    """The requests and request units of a number of members, with those of the stream and the schedules."""

    members: int
    write_units: float
    read_units: float
    requests: int


def cost_of(members: int, seed: int) -> Cost:
    """Return the cost until all members, booking at a moderate rate, have a partner."""
    world, bookers = start_bookers(DeploymentOptions(START, seed), members, members / MODERATE_PER_SECOND)
    bookers.run(LONGEST)
    assert bookers.settled, "a member has no partner"
    capacity = world.capacity
    return Cost(members, capacity.writes.total, capacity.reads.total, world.client.requests)


def exponent(points: Iterable[tuple[float, float]]) -> float:
    """Return the exponent x of the y = c * n^x that fits the points (n, y) best, by least squares of log y."""
    logs = [(math.log(n), math.log(y)) for n, y in points]
    mean_n, mean_y = (sum(column) / len(logs) for column in zip(*logs, strict=True))
    spread = sum((n - mean_n) ** 2 for n, _ in logs)
    return sum((n - mean_n) * (y - mean_y) for n, y in logs) / spread


def growth_lines(costs: Sequence[Cost]) -> Iterator[str]:
    """Yield a line for each number of members, then the growth of the totals."""
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
    """Return the exponents of the growth of write units and read units with the number of members."""
    return (
        exponent((cost.members, cost.write_units) for cost in costs),
        exponent((cost.members, cost.read_units) for cost in costs),
    )


def growth(largest: int, seed: int) -> bool:
    """Print the cost of 100, 1,000, ... members, and return whether the totals grow slowly enough."""
    sizes = [SMALLEST * 10**n for n in range(10) if SMALLEST * 10**n <= largest]
    costs = [cost_of(members, seed) for members in sizes]
    _print(growth_lines(costs))
    return len(costs) < 2 or max(exponents(costs)) <= MOST_EXPONENT


def rush(members: int, within: float, at_most: timedelta, seed: int) -> bool:
    """Print the waiting times of members who book within seconds, and return whether they are short enough."""
    print(f"{members:,} members book one slot within {within:g} seconds, served by {PROCESSES} processes:", flush=True)
    world, bookers = start_bookers(DeploymentOptions(START, seed, limits=CapacityLimits()), members, within, PROCESSES)
    began = time.perf_counter()
    bookers.run(at_most)
    took = time.perf_counter() - began
    _print([*_waiting_lines(bookers), *_table_lines(world), _run_line(world, took)])
    booking = max(booker.to_booking or 0 for booker in bookers.members.values())
    partner = max(booker.to_partner or 0 for booker in bookers.members.values())
    return bookers.settled and booking <= MOST_TO_BOOKING and partner <= MOST_TO_PARTNER


def _run_line(world: SimulatedDeployment, took: float) -> str:
    ran, requests = world.scheduler.seconds - START.timestamp(), world.client.requests
    return f"  {ran:.0f} simulated seconds, {requests:,} requests in {took:.0f} s, {requests / took:,.0f} a second"


def _waiting_lines(bookers: Bookers) -> Iterator[str]:
    members = bookers.members.values()
    refused = [booker.refused for booker in members]
    yield _row("seconds to", "median", "p99", "max", "without")
    yield _spread("a booking", [booker.to_booking for booker in members])
    yield _spread("a partner", [booker.to_partner for booker in members])
    busy = sum(number > 0 for number in refused)
    yield f"  busy (503): {sum(refused):,} times, {busy:,} members, at most {max(refused)} times for one member"


def _table_lines(world: SimulatedDeployment) -> Iterator[str]:
    for name, meter in (("write", world.capacity.writes), ("read", world.capacity.reads)):
        yield f"  {name} units: {_highest(meter)}; throttled {meter.refused.total():,} times"
    yield f"  left in the stream: {world.delivery.backlog:,} records; failed functions: {len(world.crashes):,}"


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
    """Run both measurements and print their lines as they come."""
    parser = argparse.ArgumentParser(prog="python -m bench.hot_slot", description=__doc__)
    parser.add_argument("--members", type=int, default=50_000, help="members of the rush; 0 skips it")
    parser.add_argument("--within", type=float, default=10, help="the seconds within which they book")
    parser.add_argument("--minutes", type=float, default=15, help="the longest simulated time of the rush")
    parser.add_argument(
        "--largest", type=int, default=100_000, help="the largest number at a moderate rate; 0 skips it"
    )
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
