"""The event sources that app.py declares, and events in the form that Lambda sends."""

import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from types import ModuleType
from typing import Any

from chalice.app import DynamoDBEventConfig, Rate, ScheduledEventConfig, SNSEventConfig, SQSEventConfig
from chalice.config import Config
from chalice.local import LambdaContext

from chalicelib.event_sources import STREAM_SOURCES
from infra.local.aws import REGION

ACCOUNT = "000000000000"

Handler = Callable[[dict[str, Any]], Any]


@dataclass(frozen=True)
class DeclaredSchedule:
    """A function of app.py that runs once per period."""

    name: str
    period: timedelta
    handler: Handler


@dataclass(frozen=True)
class DeclaredStream:
    """A function of app.py that gets the records of a stream."""

    name: str
    arn: str
    batch_size: int
    retries: int
    starting_position: str
    handler: Handler


@dataclass(frozen=True)
class DeclaredQueue:
    """A function of app.py that gets the messages of a queue."""

    name: str
    arn: str
    batch_size: int
    concurrency: int
    handler: Handler


def declared_schedules(app_module: ModuleType, config: Config) -> list[DeclaredSchedule]:
    """Return the schedules of app.py in its order. Each must be a `Rate`."""
    return [
        DeclaredSchedule(source.name, _period(source.schedule_expression), handler)
        for source, handler in _declared(app_module, config)
        if isinstance(source, ScheduledEventConfig)
    ]


def declared_streams(app_module: ModuleType, config: Config) -> list[DeclaredStream]:
    """Return the streams of app.py in its order."""
    return [
        DeclaredStream(
            source.name,
            source.stream_arn,
            source.batch_size,
            STREAM_SOURCES[source.name].retries,
            source.starting_position,
            handler,
        )
        for source, handler in _declared(app_module, config)
        if isinstance(source, DynamoDBEventConfig)
    ]


def declared_queues(app_module: ModuleType, config: Config) -> list[DeclaredQueue]:
    """Return the queues of app.py in its order."""
    return [
        DeclaredQueue(source.name, source.queue_arn, source.batch_size, source.maximum_concurrency, handler)
        for source, handler in _declared(app_module, config)
        if isinstance(source, SQSEventConfig)
    ]


def declared_topics(app_module: ModuleType, config: Config) -> dict[str, Handler]:
    """Return the functions of app.py that get the messages of a topic, by name."""
    return {
        source.name: handler for source, handler in _declared(app_module, config) if isinstance(source, SNSEventConfig)
    }


def declared_websockets(app_module: ModuleType, config: Config) -> dict[str, Handler]:
    """Return the WebSocket functions of app.py by the route of the gateway, such as `$connect`."""
    return {
        source.route_key_handled: _handler(app_module, config, source)
        for source in app_module.app.websocket_handlers.values()
    }


def schedule_event(name: str, now: datetime) -> dict[str, Any]:
    """Return the event that a schedule with this name sends."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{name}"],
        "detail": {},
    }


def websocket_event(
    route: str, connection_id: str, connected_at: datetime, context: Mapping[str, Any], more: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the event that the gateway sends for a WebSocket connection.

    `context` is what this event adds to the context of the request, and `more` what it has besides the context.
    """
    kind = {"$connect": "CONNECT", "$disconnect": "DISCONNECT"}.get(route, "MESSAGE")
    request_id = str(uuid.uuid4())
    return {
        "requestContext": {
            "routeKey": route,
            "eventType": kind,
            "connectionId": connection_id,
            "connectedAt": int(connected_at.timestamp() * 1000),
            "requestTimeEpoch": int(datetime.now(UTC).timestamp() * 1000),
            "requestId": request_id,
            "extendedRequestId": request_id,
            "messageDirection": "IN",
            "domainName": "localhost",
            "apiId": "local",
            "stage": "api",
            **context,
        },
        "isBase64Encoded": False,
        **more,
    }


def stream_event(
    arn: str, records: list[dict[str, Any]], dated: Callable[[datetime], datetime] = lambda real: real
) -> dict[str, Any]:
    """Return the event with these records of the stream. `dated` returns the service's instant of a real one."""
    return {"Records": [_stream_record(arn, record, dated) for record in records]}


def queue_event(arn: str, messages: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the event with these messages of the queue."""
    return {"Records": [_queue_record(arn, message) for message in messages]}


def topic_event(message: dict[str, Any]) -> dict[str, Any]:
    """Return the event with this message of a topic."""
    published = {
        "MessageId": str(uuid.uuid4()),
        "Message": json.dumps(message),
        "Subject": None,
        "MessageAttributes": {},
        "Type": "Notification",
    }
    return {"Records": [{"EventSource": "aws:sns", "EventVersion": "1.0", "Sns": published}]}


def _queue_record(arn: str, message: dict[str, Any]) -> dict[str, Any]:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": {},
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": REGION,
    }


def _stream_record(arn: str, record: dict[str, Any], dated: Callable[[datetime], datetime]) -> dict[str, Any]:
    change = dict(record["dynamodb"])
    change["ApproximateCreationDateTime"] = dated(change["ApproximateCreationDateTime"]).timestamp()
    return record | {"eventSource": "aws:dynamodb", "eventSourceARN": arn, "dynamodb": change}


def _period(rate: Rate) -> timedelta:
    return timedelta(**{rate.unit.lower(): rate.value})


def _declared(app_module: ModuleType, config: Config) -> Iterator[tuple[Any, Handler]]:
    for source in app_module.app.event_sources:
        yield source, _handler(app_module, config, source)


def _handler(app_module: ModuleType, config: Config, source: Any) -> Handler:
    function = getattr(app_module, source.handler_string.rpartition(".")[2])
    scoped = config.scope(config.chalice_stage, source.name)
    return partial(_invoke, function, source.name, scoped.lambda_memory_size, scoped.lambda_timeout)


def _invoke(function: Callable[..., Any], name: str, memory: int, seconds: int, event: dict[str, Any]) -> Any:
    return function(event, LambdaContext(name, memory, seconds * 1000))
