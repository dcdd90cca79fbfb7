"""`python -m bench.overhead`: the service's work per booking beside the bare transactions that it makes.

Members book slots two by two on an embedded engine; then the very same transactions are sent to another table by the
client library alone, without a read, a decision or a model. Both in the same run, in one thread. So are as many lines
of the log, each counted for and written as that of a booking, to nowhere. Exits with 1 where a booking reckons more
than ten times as long as its transactions alone.
"""

import argparse
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


class Took(NamedTuple):
    """Seconds from beginning to end, and those that this process reckoned."""

    elapsed: float
    reckoned: float


def timed(work: Callable[[], object]) -> Took:
    """How long some work takes."""
    began, reckoned = perf_counter(), process_time()
    work()
    return Took(perf_counter() - began, process_time() - reckoned)


def book_in_pairs(table: Table, bookings: int, seed: int) -> tuple[Took, list[dict[str, Any]]]:
    """Book slots two by two; gives what it took, and the transactions that were sent."""
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


def send_bare(table: Table, transactions: list[dict[str, Any]]) -> Took:
    """Send the same transactions to a table of their own."""
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


def tell_lines(table: Table, number: int, seed: int) -> tuple[Took, list[str]]:
    """Tell the lines of so many bookings; gives what it took, and the lines."""
    context = deployment(table, Clock(FIRST_DAY), seed)
    lines: list[str] = []
    context.log = lines.append

    def tell_all() -> None:
        for _ in range(number):
            with log_event(context, "request", request=str(uuid4()), route="POST /v1/sessions") as line:
                current_metrics().member = "24 characters of an id.."
                current_metrics().tried(1)
                current_metrics().charged(read=1.5)
                current_metrics().charged(write=4)
                line.fields["status"] = 201

    return timed(tell_all), lines


def main(arguments: Sequence[str]) -> int:
    """Print both, and how much longer a booking takes."""
    parser = argparse.ArgumentParser(prog="python -m bench.overhead", description=__doc__)
    parser.add_argument("--bookings", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    with Engine() as engine:
        table = new_table(engine.url, "overhead")
        served, transactions = book_in_pairs(table, given.bookings, given.seed)
        bare = send_bare(table, transactions)
    told_in, lines = tell_lines(table, given.bookings, given.seed)
    print(f"{given.bookings:,} bookings, {len(transactions):,} transactions; milliseconds each:")
    print(f"  {'':>20}{'elapsed':>12}{'reckoned':>12}")
    rows = (("by the service", served), ("transactions alone", bare), ("lines of the log", told_in))
    for name, took in rows:
        print(f"  {name:>20}" + "".join(f"{1000 * seconds / given.bookings:>12.2f}" for seconds in took))
    ratios = [one / other for one, other in zip(served, bare, strict=True)]
    print(f"  {'times as long':>20}" + "".join(f"{ratio:>12.1f}" for ratio in ratios) + "  as transactions alone")
    print(f"a line has {len(lines[0].encode())} bytes")
    return int(ratios[1] > MOST_TIMES)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
