"""`python -m infra.audit` scans a table and prints each violation of an invariant as a line.

Exits with 0 without a violation, with 1 with violations, and with 2 if the table cannot be read to its end.
"""

import argparse
import os
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime

from pynamodb.exceptions import PynamoDBException

from chalicelib.handlers.bootstrap import real_time
from chalicelib.handlers.events.scheduled_audit import line_of
from chalicelib.services.audit import audit
from chalicelib.storage.connection import Table
from chalicelib.storage.errors import TableRequestFailed
from infra.local.aws import ACCESS_KEY, REGION
from infra.local.settings import TABLE, keep_on_this_machine

UNREAD = 2


def main(arguments: Sequence[str]) -> int:
    """Scan the table, print the violations and return the exit status."""
    options = _options(arguments)
    if options.engine:
        # The engine accepts any key, but the client library requires one.
        keep_on_this_machine(os.environ)
        os.environ.update(AWS_ACCESS_KEY_ID=ACCESS_KEY, AWS_SECRET_ACCESS_KEY=ACCESS_KEY)
    table = Table(options.table, region=options.region, endpoint=options.engine or None)
    items = violations = unsettled = 0
    try:
        for page in audit(table, lambda: options.now or real_time(), threading.Event().wait):
            items += page.items
            violations += len(page.violations)
            unsettled += page.unsettled
            for violation in page.violations:
                print(line_of(violation), flush=True)
    except (TableRequestFailed, PynamoDBException) as error:
        print(f"{options.table} cannot be read: {error.__cause__ or error!r}", file=sys.stderr)
        return UNREAD
    print(f"{options.table}: {items} items, {violations} violations, {unsettled} unsettled items")
    return 1 if violations else 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.audit", description=__doc__)
    engine = os.environ.get("LOCKSTEP_ENGINE", "")
    parser.add_argument("--engine", default=engine, help="an engine on this machine; default: LOCKSTEP_ENGINE")
    parser.add_argument("--table", default=TABLE, help=f"default: {TABLE}")
    parser.add_argument("--region", default=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION", ""))
    parser.add_argument(
        "--now", type=_instant, help="the service's time, such as 2026-03-02T09:00Z; default: real time"
    )
    options = parser.parse_args(arguments)
    if options.engine:
        options.region = REGION
    if not options.region:
        parser.error("name an --engine on this machine, or the --region of a deployed table")
    return options


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
