"""`python -m bench.worst_account` compares every route for an ordinary account and for the worst one (R36).

It prints request units, requests and milliseconds of processor time of both, and the ratios. Where the answers list
different numbers of things, the ratios are those for each listed thing. With `--record` it writes the most units of
each route to docs/costs.md instead. With `--json` it prints units and requests of each route, and the ratios. Exits
with 1 if docs/costs.md has another record.
"""

import argparse
import difflib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

from chalice.test import Client
from msgspec import Struct
from msgspec.structs import replace

from bench.account_sizes import DENSEST, NEAR_THE_LIMIT, ORDINARY, WORST
from bench.accounts import AccountStage, populate
from bench.route_calls import RouteCall, calls
from bench.route_client import copy_of, counted, route_client, send
from chalicelib.handlers.http.responses.session_sheet import BYTE_ORDER_MARK

RUNS = 5
MOST_UNITS = 150
RATIO = 2
COSTS = Path(__file__).parents[1] / "docs/costs.md"
BEGIN, END = "<!-- most units -->", "<!-- end of most units -->"
# The first bytes of a sheet of sessions.
SHEET_HEAD = f'{BYTE_ORDER_MARK}"startTime"'.encode()
FIRST_NEAR_THE_LIMIT = "POST /v1/sessions, the first near the limit of bookings"
VIEW = (
    "One query for the days of each of 200 favorites, half a unit for its profile and for its relation to the caller."
)
DEMAND = (
    "At most 50 waiting members are judged, at one unit each. The hours of demand cost at most 150 units in five weeks."
)
CALENDAR = f"{VIEW} {DEMAND}"
SESSIONS = "The answer has all stored sessions of the caller, each with the partner."
# The calls that cost more than 150 units, each with the reason.
EXCEPTIONS = {
    "GET /v1/me/export": "The answer is everything that is stored about the caller.",
    "GET /v1/me/export/calendar": SESSIONS,
    "GET /v1/me/export/sheet": SESSIONS,
    "GET /v1/people": "Half a unit for each person listed. A page with `limit` costs as much as its entries.",
    "PUT /v1/people/{userId}/block, of the partner of all sessions": (
        "Each of the 199 common sessions ahead is parted before the answer (R1), once."
    ),
    "PUT /v1/people/{userId}/block": "Each day ahead is written, so that no earlier decision pairs the two (R1).",
    "POST /v1/sessions/batch, 30 locks over two matches each": (
        "Each lock writes four days. The 30 locks together take few requests."
    ),
    "GET /v1/calendar, five weeks": CALENDAR,
    "GET /v1/calendar, two weeks": CALENDAR,
    "GET /v1/calendar, one day": CALENDAR,
    "GET /v1/calendar, by a follower": DEMAND,
    "GET /v1/availability/favorites": VIEW,
    FIRST_NEAR_THE_LIMIT: "Every date ahead is written, once for an account.",
}


class CallCost(Struct, frozen=True):
    """The cost of one call. `listed` is the number of things in its answer."""

    status: int
    write_units: float
    read_units: float
    requests: int
    milliseconds: float
    listed: int

    @property
    def units(self) -> float:
        """The write units and read units together."""
        return self.write_units + self.read_units


def costs(stage: AccountStage, *, runs: int = 1, only: str = "") -> dict[str, CallCost]:
    """Return the cost of each call by name, or of one call only. Each run of a call begins with the same table.

    There is one run more than `runs`, and its time does not count unless it is the only one.
    """
    found = {}
    table, start = stage.world.table, copy_of(stage.world.table)
    with counted(stage.world), route_client(stage) as client:
        for call in (call for call in calls(stage) if only in ("", call.name)):
            measured = []
            for _ in range(runs + 1):
                table.resume(start)
                measured.append(_measure(stage, client, call))
            table.resume(start)
            # The first run imports modules and fills caches, which changes only the time.
            milliseconds = median(cost.milliseconds for cost in measured[1:] or measured)
            found[call.name] = replace(measured[-1], milliseconds=milliseconds)
    return found


def _measure(stage: AccountStage, client: Client, call: RouteCall) -> CallCost:
    world = stage.world
    before = (world.capacity.writes.total, world.capacity.reads.total, world.client.requests)
    began = process_time()
    answer = send(stage, client, call)
    seconds = process_time() - began
    after = (world.capacity.writes.total, world.capacity.reads.total, world.client.requests)
    written, read, requests = (one - other for one, other in zip(after, before, strict=True))
    return CallCost(answer.status_code, written, read, int(requests), 1000 * seconds, _listed(answer.body))


def _listed(body: bytes) -> int:
    """Return the number of things in the lists of an answer, of events in a calendar and of rows in a sheet."""
    if body.startswith(b"BEGIN:VCALENDAR"):
        return body.count(b"BEGIN:VEVENT")
    try:
        return _objects(json.loads(body))
    except ValueError:
        return body.count(b"\r\n") if body.startswith(SHEET_HEAD) else 0


def _objects(value: Any) -> int:
    if isinstance(value, dict):
        return sum(map(_objects, value.values()))
    if isinstance(value, list):
        return sum(isinstance(one, dict) for one in value) + sum(map(_objects, value))
    return 0


def ratios(ordinary: CallCost, worst: CallCost) -> tuple[float, float]:
    """Return the ratios of units and milliseconds, for each listed thing where the answers differ in size."""
    share = 1.0
    if worst.listed > ordinary.listed:
        share = max(1, ordinary.listed) / worst.listed
    return (share * worst.units / max(1, ordinary.units), share * worst.milliseconds / ordinary.milliseconds)


def lines(ordinary: Mapping[str, CallCost], worst: Mapping[str, CallCost]) -> Iterator[str]:
    """Yield a line for each call, and the calls above a ratio of 2."""
    yield f"{'':<62}{'ordinary':>28}{'worst':>28}{'ratio':>16}"
    columns = f"{'units':>9}{'requests':>9}{'ms':>8}{'listed':>7}"
    yield f"{'':<56}{columns}{columns}{'units':>8}{'ms':>7}"
    above = []
    for name, usual in ordinary.items():
        most = worst[name]
        units, milliseconds = ratios(usual, most)
        cells = "".join(
            f"{cost.units:>9.1f}{cost.requests:>9}{cost.milliseconds:>8.1f}{cost.listed:>7}" for cost in (usual, most)
        )
        yield f"{name:<56}{cells}{units:>8.2f}{milliseconds:>7.2f}"
        if max(units, milliseconds) > RATIO:
            above.append(name)
    yield ""
    yield f"above a ratio of {RATIO}: {', '.join(above) or 'none'}"


def figures(ordinary: Mapping[str, CallCost], worst: Mapping[str, CallCost]) -> dict[str, float]:
    """Return units and requests of each call by both accounts, and their ratios."""
    found: dict[str, float] = {}
    for name, usual in ordinary.items():
        for account, cost in (("ordinary", usual), ("worst", worst[name])):
            found[f"{account}.{name}.units"] = cost.units
            found[f"{account}.{name}.requests"] = cost.requests
        units, milliseconds = ratios(usual, worst[name])
        found[f"{name}.ratio"], found[f"{name}.time_ratio"] = round(units, 4), round(milliseconds, 4)
    return found


def most_units(*accounts: Mapping[str, CallCost]) -> dict[str, CallCost]:
    """Return for each call the cost with the most units."""
    first, *others = accounts
    return {
        name: max((cost, *(other[name] for other in others)), key=lambda one: one.units) for name, cost in first.items()
    }


def table(most: Mapping[str, CallCost]) -> str:
    """Return the table of docs/costs.md."""
    rows = ["| route | write units | read units | requests |", "|---|---|---|---|"]
    for name, cost in most.items():
        route, _, label = name.partition(", ")
        shown = f"`{route}`" + (f", {label}" if label else "")
        rows.append(f"| {shown} | {cost.write_units:g} | {cost.read_units:g} | {cost.requests} |")
    return "\n".join(rows)


def exceptions(most: Mapping[str, CallCost]) -> str:
    """Return the list of the calls above 150 units, with their reasons. Raises KeyError for a call without one."""
    above = {name: cost.units for name, cost in most.items() if cost.units > MOST_UNITS}
    return "\n".join(f"- {units:g} for `{name}`: {EXCEPTIONS[name]}" for name, units in above.items())


def ratio_table(ordinary: Mapping[str, CallCost], worst: Mapping[str, CallCost]) -> str:
    """Return the table of the calls that cost the worst account more than twice as much (R36)."""
    rows = ["| route | ordinary | worst | ratio of units | ratio of time |", "|---|---|---|---|---|"]
    for name, usual in ordinary.items():
        units, milliseconds = ratios(usual, worst[name])
        if max(units, milliseconds) > RATIO:
            cells = (f"{usual.units:g}", f"{worst[name].units:g}", f"{units:.1f}", f"{milliseconds:.1f}")
            rows.append(f"| `{name}` | {' | '.join(cells)} |")
    return "\n".join(rows)


def document(worst: Mapping[str, CallCost]) -> str:
    """Return the recorded part of docs/costs.md from the costs of `WORST` and of the other worst accounts."""
    most = most_units(worst, costs(populate(DENSEST), runs=0))
    (most[FIRST_NEAR_THE_LIMIT],) = costs(populate(NEAR_THE_LIMIT), runs=0, only="POST /v1/sessions, waits").values()
    return f"{table(most)}\n\nAbove {MOST_UNITS} units:\n\n{exceptions(most)}"


def recorded() -> str:
    """Return the recorded part as docs/costs.md holds it."""
    return COSTS.read_text().partition(BEGIN)[2].partition(END)[0].strip()


def changes(before: str, after: str) -> list[str]:
    """Return the lines that a record lost and gained, each after its sign."""
    lines_of = difflib.unified_diff(before.splitlines(), after.splitlines(), "recorded", "found", n=0, lineterm="")
    return list(lines_of)


def main(arguments: Sequence[str]) -> int:
    """Print the comparison as a table or as JSON, or record the most units of each route."""
    parser = argparse.ArgumentParser(prog="python -m bench.worst_account", description=__doc__)
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    worst = costs(populate(WORST), runs=1 if given.record else given.runs)
    found = document(worst)
    if given.record:
        before, _, rest = COSTS.read_text().partition(BEGIN)
        COSTS.write_text(f"{before}{BEGIN}\n{found}\n{END}{rest.partition(END)[2]}")
        return 0
    ordinary = costs(populate(ORDINARY), runs=given.runs)
    if given.json:
        print(json.dumps(figures(ordinary, worst)))
    else:
        print("\n".join(lines(ordinary, worst)))
        print(ratio_table(ordinary, worst))
    changed = changes(recorded(), found)
    if changed:
        print(f"{COSTS.name} has another record, see --record:", *changed, sep="\n", file=sys.stderr)
    return int(bool(changed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
