"""`python -m infra.retention` gives the days of a table the expiry of a changed retention (R33).

A deployment writes the expiry with each day. So after a change of `RetentionDays` only the days that are not written
again keep the old one. The command can be stopped and repeated: it skips what is right already.
"""

import argparse
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import botocore.session
from botocore.client import BaseClient

from chalicelib.settings import LEAST_RETENTION_DAYS
from chalicelib.storage.keys import DAY, TITLE, Key
from chalicelib.storage.retention import date_of, expiry_seconds
from infra.local.aws import REGION, client
from infra.local.settings import TABLE, keep_on_this_machine
from infra.table import EXPIRY_ATTRIBUTE

# Writes a second. They take a small share of what one partition of the table accepts.
WRITES_PER_SECOND = 50


class Pace(NamedTuple):
    """The greatest rate of writes, by a clock in seconds."""

    writes_per_second: int
    clock: Callable[[], float]
    pause: Callable[[float], object]


def main(arguments: Sequence[str]) -> int:
    """Rewrite the expiry of a table's days, print the number and return the exit status."""
    options = _options(arguments)
    if options.engine:
        keep_on_this_machine(os.environ)
        database = client("dynamodb", options.engine)
    else:
        database = botocore.session.get_session().create_client("dynamodb", region_name=options.region)
    retention = timedelta(days=options.days) if options.days else None
    pace = Pace(options.writes, time.monotonic, threading.Event().wait)
    written = keep_for(database, options.table, retention, pace)
    print(f"{options.table}: {written} items changed")
    return 0


def keep_for(database: BaseClient, table: str, retention: timedelta | None, pace: Pace) -> int:
    """Give every day and long title the expiry of a retention, and return the number of changed items."""
    written = 0
    began = pace.clock()
    for raw in _dated_items(database, table):
        key = Key(raw["PK"]["S"], raw["SK"]["S"])
        expiry = expiry_seconds(date_of(key), retention)
        stored = raw.get(EXPIRY_ATTRIBUTE, {}).get("N")
        if (None if stored is None else int(stored)) == expiry:
            continue
        _write(database, table, raw, expiry)
        written += 1
        pace.pause(max(0.0, began + written / pace.writes_per_second - pace.clock()))
    return written


def _dated_items(database: BaseClient, table: str) -> Iterator[dict[str, Any]]:
    pages = database.get_paginator("scan").paginate(
        TableName=table,
        FilterExpression="begins_with(SK, :day) OR begins_with(SK, :title)",
        ExpressionAttributeValues={":day": {"S": DAY}, ":title": {"S": TITLE}},
        ProjectionExpression="PK, SK, #expires",
        ExpressionAttributeNames={"#expires": EXPIRY_ATTRIBUTE},
    )
    for page in pages:
        yield from page["Items"]


def _write(database: BaseClient, table: str, raw: dict[str, Any], expiry: int | None) -> None:
    """Write the expiry of an item, unless the item is gone. Nothing else of the item changes."""
    change = {"UpdateExpression": "REMOVE #expires"}
    if expiry is not None:
        change = {
            "UpdateExpression": "SET #expires = :expiry",
            "ExpressionAttributeValues": {":expiry": {"N": str(expiry)}},
        }
    try:
        database.update_item(
            TableName=table,
            Key={"PK": raw["PK"], "SK": raw["SK"]},
            # The item exists.
            ConditionExpression="attribute_exists(PK)",
            ExpressionAttributeNames={"#expires": EXPIRY_ATTRIBUTE},
            **change,
        )
    except database.exceptions.ConditionalCheckFailedException:
        return


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.retention", description=__doc__)
    parser.add_argument("--days", type=_days, required=True, help="the RetentionDays of the deployment; 0 for ever")
    parser.add_argument("--table", default=TABLE, help=f"default: {TABLE}")
    parser.add_argument("--writes", type=int, default=WRITES_PER_SECOND, help="writes a second; default: 50")
    engine = os.environ.get("LOCKSTEP_ENGINE", "")
    parser.add_argument("--engine", default=engine, help="an engine on this machine; default: LOCKSTEP_ENGINE")
    parser.add_argument("--region", default=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION", ""))
    options = parser.parse_args(arguments)
    if options.engine:
        options.region = REGION
    if not options.region:
        parser.error("name an --engine on this machine, or the --region of a deployed table")
    return options


def _days(text: str) -> int:
    days = int(text)
    if days < 0 or 0 < days < LEAST_RETENTION_DAYS:
        raise argparse.ArgumentTypeError(f"neither 0 nor at least {LEAST_RETENTION_DAYS}")
    return days


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
