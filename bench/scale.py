"""`python -m bench.scale` computes at which size a community meets each limit of AWS and of this product.

The default has 10 million members and 2 million bookings a day, in the week of `bench.week_shape`. Units and requests
are those that the ledger counts for the deployed code. A seeded simulation of the busiest half hour finds the busiest
partitions. With `--record` it writes the tables of docs/scale.md, and with `--json` it prints the figures.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from math import ceil
from pathlib import Path

from msgspec import Struct

from bench.account_sizes import ORDINARY
from bench.accounts import populate
from bench.busy_hour import BusyHour, simulate
from bench.member_month import CALENDAR
from bench.moments import (
    Busiest,
    LargeCommunity,
    announcements_a_second,
    busiest_of,
    calls_a_second,
    concurrent_runs,
    runs_a_second,
    units_a_second,
)
from bench.monthly_bill import BYTES_AN_ITEM, GB, CommunityUse
from bench.plan import LENGTHS
from bench.scale_limits import Limit, Peaks, limits_of
from bench.unit_shares import WorkUnits, measured_units
from bench.week_shape import HOURS, MINUTES, WEEKEND_WEIGHT, ZONES
from bench.worst_account import CallCost, costs
from infra.in_memory_dynamodb.capacity import CapacityLimits

DOCUMENT = Path(__file__).parent.parent / "docs/scale.md"
BEGIN, END = "<!-- scale -->", "<!-- end of scale -->"
BYTES_OF_PARTITION = 10 * GB


class ScaleResult(Struct, frozen=True):
    """The busiest instants, the peaks and the limits of a community."""

    community: LargeCommunity
    busiest: Busiest
    peaks: Peaks
    hour: BusyHour
    limits: list[Limit]


def compute(
    community: LargeCommunity, calls: dict[str, CallCost], units: dict[str, WorkUnits], seed: int
) -> ScaleResult:
    """Compute a community from the units of the requests and of each piece of work."""
    busiest = busiest_of(community)
    peaks = _peaks(community, busiest, calls, units)
    calendars = round(1 + community.use.minutes_to_book)
    hour = simulate(busiest.visits, busiest.bookings_a_second, calendars, units, seed)
    return ScaleResult(community, busiest, peaks, hour, limits_of(community, busiest, peaks, hour, units))


def _peaks(
    community: LargeCommunity, busiest: Busiest, calls: dict[str, CallCost], units: dict[str, WorkUnits]
) -> Peaks:
    written, read = units_a_second(community, busiest, calls, units)
    stored = CommunityUse(community.members, community.use, calls).items * BYTES_AN_ITEM
    of_key = CapacityLimits()
    asked, runs = calls_a_second(community, busiest), runs_a_second(community, busiest)
    return Peaks(
        requests=sum(asked.values()),
        functions=concurrent_runs(community, busiest),
        connections=runs["WebsocketConnect"],
        write_units=written,
        read_units=read,
        calendars=asked[CALENDAR],
        announcements=announcements_a_second(busiest),
        largest_slot=busiest.starting * max(LENGTHS.values()) / sum(LENGTHS.values()),
        partitions=ceil(max(written / of_key.write, read / of_key.read, stored / BYTES_OF_PARTITION)),
    )


def figures(result: ScaleResult) -> dict[str, float]:
    """Return the peaks, and the bookings a day at which each limit is met."""
    found = {f"{name}.peak.count": round(number, 1) for name, number in _described(result).items()}
    for limit in result.limits:
        found[f"{limit.name}.bookings"] = round(limit.bookings_a_day(result.community))
    return found


def lines(result: ScaleResult) -> Iterator[str]:
    """Yield the tables of docs/scale.md."""
    community = result.community
    yield f"{community.members:,} members, {community.bookings_a_day:,} bookings a day on average."
    yield ""
    yield "| peak | |"
    yield "|---|---|"
    for name, number in _described(result).items():
        yield f"| {name} | {number:,.0f} |"
    yield ""
    yield "| limit | at the peak | limit | use | met at bookings a day | what is done then |"
    yield "|---|---|---|---|---|---|"
    for limit in result.limits:
        cells = (
            limit.name,
            f"{limit.peak:,.0f}",
            f"{limit.limit:,.0f} {limit.unit}",
            f"{limit.share:.0%}",
            f"{limit.bookings_a_day(community):,.0f}",
            limit.then,
        )
        yield f"| {' | '.join(cells)} |"


def _described(result: ScaleResult) -> dict[str, float]:
    """Return the peaks by their names in the table."""
    busiest, peaks, hour = result.busiest, result.peaks, result.hour
    return {
        f"sessions of members that start {busiest.start:%A} at {busiest.start:%H:%M} UTC": busiest.starting,
        "members of the largest slot": peaks.largest_slot,
        f"bookings a second {busiest.visits:%A} at {busiest.visits:%H:%M} UTC": busiest.bookings_a_second,
        "bookings of one slot in half an hour": hour.slot_in_all,
        "bookings of one slot in a second": hour.slot_in_second,
        "members who open a session's page in a second": busiest.arrivals_a_second,
        "requests a second": peaks.requests,
        "functions at once": peaks.functions,
        "write units a second": peaks.write_units,
        "read units a second": peaks.read_units,
        "partitions of the table, and shards of its stream": peaks.partitions,
    }


def shape_lines() -> Iterator[str]:
    """Yield the shape of the week."""
    yield "| local hour of a weekday | " + " | ".join(f"{hour}" for hour in range(24)) + " |"
    yield "|---" * 25 + "|"
    yield "| weight | " + " | ".join(f"{weight:g}" for weight in HOURS) + " |"
    yield ""
    yield f"- Saturday and Sunday: {WEEKEND_WEIGHT:g} of a weekday."
    yield "- Starts within an hour: " + ", ".join(f"{share:.0%} at :{minute:02}" for minute, share in MINUTES.items())
    yield "- Members: " + ", ".join(f"{share:.0%} in {zone}" for zone, share in ZONES.items())


def document(result: ScaleResult) -> str:
    """Return the recorded part of docs/scale.md."""
    return "\n".join([*shape_lines(), "", *lines(result)])


def recorded() -> str:
    """Return the recorded part as docs/scale.md holds it."""
    return DOCUMENT.read_text().partition(BEGIN)[2].partition(END)[0].strip()


def measured(community: LargeCommunity, seed: int) -> ScaleResult:
    """Compute a community from the units that the ledger counts now."""
    return compute(community, costs(populate(ORDINARY)), measured_units(), seed)


def main(arguments: Sequence[str]) -> int:
    """Print the tables or the figures of a community, or record the tables."""
    usual = LargeCommunity()
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("--members", type=int, default=usual.members)
    parser.add_argument("--bookings-a-day", type=int, default=usual.bookings_a_day)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--record", action="store_true")
    given = parser.parse_args(arguments)
    result = measured(LargeCommunity(given.members, given.bookings_a_day), given.seed)
    if given.record:
        before, _, rest = DOCUMENT.read_text().partition(BEGIN)
        DOCUMENT.write_text(f"{before}{BEGIN}\n{document(result)}\n{END}{rest.partition(END)[2]}")
        return 0
    print(json.dumps(figures(result)) if given.json else "\n".join(lines(result)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
