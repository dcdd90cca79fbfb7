"""`python -m bench.hot_slot` measures the costs and waiting times of a slot that all members book.

The deployed services run on simulated time. First 100, 1,000, ... members book at a moderate rate. Then many book
within seconds, on a table that throttles above 1,000 write or 3,000 read units a second per partition key. Latencies
are drawn around 5 ms for a read and 10 ms for a transaction. A caller that gets `busy` retries after one to two
seconds. Only the duration of the run depends on the machine.

Exits with 1 if the total costs grow too fast, or if a member of the rush waits too long.
"""

import argparse
import json
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


def growth(largest: int, seed: int) -> list[Cost]:
    """Return the cost of 100, 1,000, ... members."""
    sizes = [SMALLEST * 10**n for n in range(10) if SMALLEST * 10**n <= largest]
    return [cost_of(members, seed) for members in sizes]


def grows_slowly(costs: Sequence[Cost]) -> bool:
    """Return whether the totals grow slowly enough."""
    return len(costs) < 2 or max(exponents(costs)) <= MOST_EXPONENT


@dataclass(frozen=True, slots=True)
class Rush:
    """The members who booked within seconds, their deployment, and the seconds that its simulation took."""

    within: float
    world: SimulatedDeployment
    bookers: Bookers
    took: float

    @property
    def to_booking(self) -> float:
        """The longest time until a booking."""
        return max(booker.to_booking or 0 for booker in self.bookers.members.values())

    @property
    def to_partner(self) -> float:
        """The longest time until a partner."""
        return max(booker.to_partner or 0 for booker in self.bookers.members.values())

    @property
    def is_met(self) -> bool:
        """True if every member has a booking and a partner in time."""
        return self.bookers.settled and self.to_booking <= MOST_TO_BOOKING and self.to_partner <= MOST_TO_PARTNER


def rush(members: int, within: float, at_most: timedelta, seed: int) -> Rush:
    """Let members book within seconds."""
    world, bookers = start_bookers(DeploymentOptions(START, seed, limits=CapacityLimits()), members, within, PROCESSES)
    began = time.perf_counter()
    bookers.run(at_most)
    return Rush(within, world, bookers, time.perf_counter() - began)


def figures(costs: Sequence[Cost], rushed: Rush | None) -> dict[str, float]:
    """Return the units per booking, their exponents, and the longest simulated times of the rush."""
    found: dict[str, float] = {}
    for cost in costs:
        found[f"growth.{cost.members}.write_units"] = round(cost.write_units / cost.members, 4)
        found[f"growth.{cost.members}.read_units"] = round(cost.read_units / cost.members, 4)
    if len(costs) > 1:
        written, read = exponents(costs)
        found |= {"growth.written.exponent": round(written, 4), "growth.read.exponent": round(read, 4)}
    if rushed:
        capacity = rushed.world.capacity
        found |= {
            "rush.booking.simulated_seconds": round(rushed.to_booking, 3),
            "rush.partner.simulated_seconds": round(rushed.to_partner, 3),
            "rush.partition.write_units": capacity.writes.highest.units,
            "rush.partition.read_units": capacity.reads.highest.units,
            "rush.seconds": rushed.took,
        }
    return found


def rush_lines(rushed: Rush) -> Iterator[str]:
    """Yield the waiting times and the use of the table."""
    members = len(rushed.bookers.members)
    yield f"{members:,} members book one slot within {rushed.within:g} seconds, served by {PROCESSES} processes:"
    yield from _waiting_lines(rushed.bookers)
    yield from _table_lines(rushed.world)
    yield _run_line(rushed.world, rushed.took)


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
    """Run both measurements, print their lines as they come or all as JSON, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench.hot_slot", description=__doc__)
    parser.add_argument("--members", type=int, default=50_000, help="members of the rush; 0 skips it")
    parser.add_argument("--within", type=float, default=10, help="the seconds within which they book")
    parser.add_argument("--minutes", type=float, default=15, help="the longest simulated time of the rush")
    parser.add_argument(
        "--largest", type=int, default=100_000, help="the largest number at a moderate rate; 0 skips it"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    costs = growth(given.largest, given.seed)
    if costs and not given.json:
        _print(growth_lines(costs))
    at_most = timedelta(minutes=given.minutes)
    rushed = rush(given.members, given.within, at_most, given.seed) if given.members else None
    if given.json:
        print(json.dumps(figures(costs, rushed)))
    elif rushed:
        _print(rush_lines(rushed))
    return int(not grows_slowly(costs) or (rushed is not None and not rushed.is_met))


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, flush=True)
    print()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
