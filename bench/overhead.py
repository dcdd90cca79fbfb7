"""`python -m bench.overhead` compares the work of a booking with that of its bare transactions.

Members book slots in pairs on an embedded engine. Then the client library alone sends the same transactions to another
table, without reads, decisions and models. Both happen in one run and one thread. The same number of log lines is
written, with the metrics of a booking, to a list. Exits with 1 if a booking takes more than ten times the processor
time of its transactions.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from datetime import timedelta
from time import perf_counter, process_time
from typing import Any, NamedTuple
from uuid import uuid4

from bench.plan import FIRST_DAY
from bench.replay import Clock, deployment
from bench.trace import new_table
from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.model.slot import Slot
from chalicelib.handlers.event_log import log_event
from chalicelib.metrics import current_metrics
from chalicelib.services.bookings.book import book_session
from chalicelib.services.members.profiles import Claims, get_or_create_member
from chalicelib.storage.connection import Table
from infra.local.engine import Engine
from infra.table import create_table

SENT = "provide-client-params.dynamodb.TransactWriteItems"
BARE = "bare"
MOST_TIMES = 10


class WorkTimes(NamedTuple):
    """Elapsed seconds and processor seconds of this process."""

    elapsed: float
    processor: float


def timed(work: Callable[[], object]) -> WorkTimes:
    """Run the work and return its times."""
    began, processor = perf_counter(), process_time()
    work()
    return WorkTimes(perf_counter() - began, process_time() - processor)


def book_in_pairs(table: Table, bookings: int, seed: int) -> tuple[WorkTimes, list[dict[str, Any]]]:
    """Book slots in pairs, and return the times and the transactions that were sent."""
    context = deployment(table, Clock(FIRST_DAY), seed)
    members = [
        get_or_create_member(context, Claims("bench", str(n), f"Member {n}", None, "UTC", FIRST_DAY))
        for n in range(bookings)
    ]
    slots = [Slot(FIRST_DAY + timedelta(hours=1 + n), 50) for n in range(bookings // 2)]
    sent: list[dict[str, Any]] = []

    def keep(params: dict[str, Any], **_call: Any) -> None:
        sent.append(params)

    def book_all() -> None:
        for n, member in enumerate(members):
            book_session(context, member, BookingRequest(slots[n // 2]), None)

    table.connection.client.meta.events.register(SENT, keep)
    took = timed(book_all)
    table.connection.client.meta.events.unregister(SENT, keep)
    return took, sent


def send_bare(table: Table, transactions: list[dict[str, Any]]) -> WorkTimes:
    """Send the same transactions to a separate table."""
    client = table.connection.client
    create_table(client, BARE)
    for transaction in transactions:
        transaction["ClientRequestToken"] += BARE
        for action in transaction["TransactItems"]:
            for request in action.values():
                request["TableName"] = BARE

    def send_all() -> None:
        for transaction in transactions:
            client.transact_write_items(**transaction)

    return timed(send_all)


def write_log_lines(table: Table, number: int, seed: int) -> tuple[WorkTimes, list[str]]:
    """Write the log lines of a number of bookings, and return the times and the lines."""
    context = deployment(table, Clock(FIRST_DAY), seed)
    lines: list[str] = []
    context.log = lines.append

    def write_all() -> None:
        for _ in range(number):
            with log_event(context, "request", request=str(uuid4()), route="POST /v1/sessions") as line:
                current_metrics().member = "24 characters of an id.."
                current_metrics().count_attempt(1)
                current_metrics().count_units(read=1.5)
                current_metrics().count_units(write=4)
                line.fields["status"] = 201

    return timed(write_all), lines


def figures(bookings: int, served: WorkTimes, bare: WorkTimes, lines: Sequence[str]) -> dict[str, float]:
    """Return the milliseconds of a booking and of its bare transactions, and the bytes of a log line."""
    found: dict[str, float] = {"log_line.bytes": len(lines[0].encode())}
    for name, took in (("booking", served), ("transactions", bare)):
        found[f"{name}.elapsed.milliseconds"] = 1000 * took.elapsed / bookings
        found[f"{name}.processor.milliseconds"] = 1000 * took.processor / bookings
    return {**found, "booking.processor.time_ratio": served.processor / bare.processor}


def main(arguments: Sequence[str]) -> int:
    """Print the times and their ratio, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench.overhead", description=__doc__)
    parser.add_argument("--bookings", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    with Engine() as engine:
        table = new_table(engine.url, "overhead")
        served, transactions = book_in_pairs(table, given.bookings, given.seed)
        bare = send_bare(table, transactions)
    logged, lines = write_log_lines(table, given.bookings, given.seed)
    ratios = [one / other for one, other in zip(served, bare, strict=True)]
    if given.json:
        print(json.dumps(figures(given.bookings, served, bare, lines)))
        return int(ratios[1] > MOST_TIMES)
    print(f"{given.bookings:,} bookings, {len(transactions):,} transactions; milliseconds each:")
    print(f"  {'':>20}{'elapsed':>12}{'processor':>12}")
    rows = (("by the service", served), ("transactions alone", bare), ("log lines alone", logged))
    for name, took in rows:
        print(f"  {name:>20}" + "".join(f"{1000 * seconds / given.bookings:>12.2f}" for seconds in took))
    print(f"  {'times as long':>20}" + "".join(f"{ratio:>12.1f}" for ratio in ratios) + "  as transactions alone")
    print(f"a log line has {len(lines[0].encode())} bytes")
    return int(ratios[1] > MOST_TIMES)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
