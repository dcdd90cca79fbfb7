"""The Lambda functions of a deployment.

They serve the HTTP API, the table's stream and the schedules. Event sources are declared here and not in blueprints:
Lambda imports this module for each function, and all functions share one composition. A function imports its handler
with its first event, so that its cold start excludes the other handlers.
"""

import os
from datetime import timedelta
from typing import Any

from chalice.app import Chalice, CloudWatchEvent, DynamoDBEvent, Rate

from chalicelib.handlers.bootstrap import bootstrap
from chalicelib.handlers.http.registration import register_routes
from chalicelib.settings import AUDIT_EVERY, BATCH_SIZE, EVENTS_BATCH_SIZE, FINALIZE_EVERY, SWEEP_EVERY

context = bootstrap(os.environ)
app = Chalice(app_name="lockstep")
register_routes(app, context)


def minutes(period: timedelta) -> Rate:
    """Return the schedule of one run in each period of whole minutes."""
    return Rate(period // timedelta(minutes=1), Rate.MINUTES)


@app.on_dynamodb_record(
    stream_arn=context.settings.stream_arn, batch_size=BATCH_SIZE, starting_position="TRIM_HORIZON", name="rematch"
)
def rematch(event: DynamoDBEvent) -> dict[str, Any]:
    """Match the members who began to wait (R18)."""
    from chalicelib.handlers.events.stream import handle_records

    return handle_records(context, event.to_dict()["Records"])


@app.on_dynamodb_record(
    stream_arn=context.settings.stream_arn,
    batch_size=EVENTS_BATCH_SIZE,
    starting_position="TRIM_HORIZON",
    name="events",
)
def events(event: DynamoDBEvent) -> dict[str, Any]:
    """Announce the changes of sessions to their members (R42)."""
    from chalicelib.handlers.events.day_stream import handle_day_records

    return handle_day_records(context, event.to_dict()["Records"])


@app.schedule(minutes(FINALIZE_EVERY), name="finalize")
def finalize(_event: CloudWatchEvent) -> None:
    """Finalize the slots that start soon and run the unfinished jobs (R21)."""
    from chalicelib.handlers.events.schedules import run_finalize

    run_finalize(context)


@app.schedule(minutes(SWEEP_EVERY), name="sweep")
def sweep(_event: CloudWatchEvent) -> None:
    """Pair all members who wait, without relying on the stream (R19)."""
    from chalicelib.handlers.events.schedules import run_sweep

    run_sweep(context)


@app.schedule(Rate(AUDIT_EVERY // timedelta(days=1), Rate.DAYS), name="audit")
def audit(_event: CloudWatchEvent) -> None:
    """Audit the whole table and log every violation."""
    from chalicelib.handlers.events.scheduled_audit import report_audit

    report_audit(context)
