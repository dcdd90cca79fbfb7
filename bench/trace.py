"""`python -m bench.trace` counts the request units of a random trace of two weeks on an embedded engine.

Exits with 1 if a matched booking costs more write units than the design allows.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench import favorites_view
from bench.plan import FIRST_DAY, TraceOptions
from bench.replay import Clock, TraceReplay, deployment
from bench.report import DESIGNED_PER_MATCHED, Headline, ReportRow, headline_of, lines, rows_of
from bench.request_units import RequestUnitLedger
from chalicelib.storage.connection import Table
from infra.local.aws import ACCESS_KEY, REGION
from infra.local.engine import Engine
from infra.local.settings import keep_on_this_machine
from infra.table import create_table
from tests.invariants import check_all
from tests.table_snapshot import take_snapshot

TABLE = "bench"


@dataclass(frozen=True, slots=True)
class Result:
    """The totals of a trace."""

    events: int
    requests: int
    rows: dict[str, ReportRow]
    headline: Headline


def run(table: Table, options: TraceOptions) -> Result:
    """Replay a trace on a table, and check the invariants of the table afterwards."""
    with RequestUnitLedger(table.connection.client) as ledger:
        replay = TraceReplay(table, options, ledger)
        replay.run()
    check_all(take_snapshot(table), replay.now)
    rows = rows_of(ledger.entries)
    return Result(replay.events, len(ledger.requests), rows, headline_of(rows))


def figures(options: TraceOptions, result: Result) -> dict[str, Any]:
    """Return the counts and request units of a trace, which are equal for equal options.

    Round trips are not among them, because they depend on how the threads of parallel reads are scheduled.
    """
    counted = ("entries", "requests", "read_units", "write_units")
    return {
        "options": asdict(options),
        "events": result.events,
        "requests": result.requests,
        "rows": {label: {name: getattr(row, name) for name in counted} for label, row in result.rows.items()},
        "matched": asdict(result.headline),
        "matched_booking": {"write_units": round(result.headline.write_units_per_matched, 3)},
    }


def new_table(url: str, name: str) -> Table:
    """Create an empty table on the engine at `url`."""
    # The engine accepts any key, but the client library requires one.
    os.environ.update(AWS_ACCESS_KEY_ID=ACCESS_KEY, AWS_SECRET_ACCESS_KEY=ACCESS_KEY)
    keep_on_this_machine(os.environ)
    table = Table(name, region=REGION, endpoint=url)
    create_table(table.connection.client, name)
    return table


def main(arguments: Sequence[str]) -> int:
    """Replay a trace, print its report and return the exit status."""
    given = _parsed(arguments)
    options = TraceOptions(given.members, given.days, given.bookings, given.seed)
    with Engine() as engine:
        table = new_table(engine.url, TABLE)
        result = run(table, options)
        favorites = list(favorites_view.lines(deployment(table, Clock(FIRST_DAY), options.seed + 2)))
    if given.json:
        print(json.dumps(figures(options, result), indent=2))
    else:
        print(
            f"seed {options.seed}: {options.members} members, {options.days} days, {options.bookings} bookings; "
            f"{result.events} events, {result.requests} requests"
        )
        print("\n".join([*lines(result.rows, result.headline), "", *favorites]))
    if result.headline.write_units_per_matched > DESIGNED_PER_MATCHED:
        sys.stdout.flush()
        print(f"More than {DESIGNED_PER_MATCHED} write units per matched booking.", file=sys.stderr)
        return 1
    return 0


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    usual = TraceOptions()
    parser = argparse.ArgumentParser(prog="python -m bench.trace", description=__doc__)
    parser.add_argument("--members", type=int, default=usual.members)
    parser.add_argument("--days", type=int, default=usual.days)
    parser.add_argument("--bookings", type=int, default=usual.bookings)
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--json", action="store_true", help="print the counts and units as JSON")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
