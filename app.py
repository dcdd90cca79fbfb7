"""The Lambda functions of a deployment.

They serve the HTTP API, the table's stream, the queues of the channels and the schedules. Event sources are declared
here and not in blueprints: Lambda imports this module for each function, and all functions share one composition. A
function imports its handler with its first event, so that its cold start excludes the other handlers.
"""

import gc
import os
from datetime import timedelta
from functools import cache
from typing import Any

# Modules live as long as the function, so collections during their import free nothing and take a tenth of the start.
gc.disable()

from chalice.app import (
    Chalice,
    CloudWatchEvent,
    DynamoDBEvent,
    Rate,
    SNSEvent,
    SQSEvent,
    WebsocketEvent,
)

from chalicelib.domain.model.notices import Channel
from chalicelib.event_sources import AUDIT_EVERY, EVENTS, FINALIZE_EVERY, QUEUE_SOURCES, REMATCH, SWEEP_EVERY
from chalicelib.handlers.bootstrap import bootstrap
from chalicelib.handlers.function_snapshot import register_hooks
from chalicelib.handlers.http.registration import register_routes

context = bootstrap(os.environ)
register_hooks(context)
app = Chalice(app_name="lockstep")
app.experimental_feature_flags.add("WEBSOCKETS")
register_routes(app, context)
# Later collections leave out what the start has made.
gc.freeze()
gc.enable()


def minutes(period: timedelta) -> Rate:
    """Return the schedule of one run in each period of whole minutes."""
    return Rate(period // timedelta(minutes=1), Rate.MINUTES)


def queue(channel: Channel) -> dict[str, Any]:
    """Return the event source of a channel's queue. The template of the stack replaces the ARN."""
    source = QUEUE_SOURCES[channel]
    return {
        "queue_arn": f"arn:aws:sqs:us-east-1:000000000000:{channel.value}",
        "batch_size": source.batch_size,
        "maximum_concurrency": source.concurrency,
        "name": f"deliver_{channel.value}",
    }


@app.on_dynamodb_record(
    stream_arn=context.settings.stream_arn,
    batch_size=REMATCH.batch_size,
    starting_position="TRIM_HORIZON",
    name="rematch",
)
def rematch(event: DynamoDBEvent) -> dict[str, Any]:
    """Match the members who began to wait (R18)."""
    from chalicelib.handlers.events.stream import handle_records

    return handle_records(context, event.to_dict()["Records"])


@app.on_dynamodb_record(
    stream_arn=context.settings.stream_arn,
    batch_size=EVENTS.batch_size,
    starting_position="TRIM_HORIZON",
    name="events",
)
def events(event: DynamoDBEvent) -> dict[str, Any]:
    """Announce the changes of sessions to their members (R42)."""
    from chalicelib.handlers.events.day_stream import handle_day_records

    return handle_day_records(context, event.to_dict()["Records"])


@app.on_sqs_message(**queue(Channel.EMAIL))
def deliver_email(event: SQSEvent) -> dict[str, Any]:
    """Mail the events that members chose for e-mail (R43)."""
    from chalicelib.handlers.deliveries.queue_messages import handle_messages

    return handle_messages(context, Channel.EMAIL, event.to_dict()["Records"])


@app.on_sqs_message(**queue(Channel.PUSH))
def deliver_push(event: SQSEvent) -> dict[str, Any]:
    """Send the events that members chose for push notifications to their browsers (R43)."""
    from chalicelib.handlers.deliveries.queue_messages import handle_messages

    return handle_messages(context, Channel.PUSH, event.to_dict()["Records"])


@app.on_sqs_message(**queue(Channel.WEBHOOK))
def deliver_webhook(event: SQSEvent) -> dict[str, Any]:
    """Post events to the webhooks of members (R43)."""
    from chalicelib.handlers.deliveries.queue_messages import handle_messages

    return handle_messages(context, Channel.WEBHOOK, event.to_dict()["Records"])


@app.on_sqs_message(**queue(Channel.LIVE))
def deliver_live(event: SQSEvent) -> dict[str, Any]:
    """Send events to the open connections of members (R43)."""
    from chalicelib.handlers.deliveries.queue_messages import handle_messages

    return handle_messages(context, Channel.LIVE, event.to_dict()["Records"])


# The template of the stack replaces the topic.
@app.on_sns_message(topic="mail-feedback", name="mail_feedback")
def mail_feedback(event: SNSEvent) -> None:
    """Use an address no more after a bounce or a complaint (R43)."""
    from chalicelib.handlers.events.mail_feedback import handle_feedback

    handle_feedback(context, event.to_dict()["Records"])


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


@cache
def live_socket() -> Any:
    """Return the WebSocket `/live`. It keeps the keys of the issuer between the messages."""
    from chalicelib.handlers.live.live_socket import LiveSocket

    return LiveSocket(context)


@app.on_ws_connect(name="websocket_connect")
def websocket_connect(event: WebsocketEvent) -> dict[str, int]:
    """Accept a new connection of a page that may call the API (R43)."""
    response: dict[str, int] = live_socket().connect(event.to_dict())
    return response


@app.on_ws_message(name="websocket_message")
def websocket_message(event: WebsocketEvent) -> None:
    """Answer a message of a page (R43)."""
    live_socket().receive(event.to_dict())


@app.on_ws_disconnect(name="websocket_disconnect")
def websocket_disconnect(event: WebsocketEvent) -> None:
    """Forget a closed connection (R43)."""
    live_socket().disconnect(event.to_dict())
