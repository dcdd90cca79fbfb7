"""The event sources that app.py declares, and events in the form that Lambda sends."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from types import ModuleType
from typing import Any

from chalice.app import DynamoDBEventConfig, Rate, ScheduledEventConfig, SQSEventConfig
from chalice.config import Config
from chalice.local import LambdaContext

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
        DeclaredStream(source.name, source.stream_arn, source.batch_size, source.starting_position, handler)
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


def stream_event(arn: str, records: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the event with these records of the stream."""
    return {"Records": [_stream_record(arn, record) for record in records]}


def queue_event(arn: str, messages: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the event with these messages of the queue."""
    return {"Records": [_queue_record(arn, message) for message in messages]}


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


def _stream_record(arn: str, record: dict[str, Any]) -> dict[str, Any]:
    change = dict(record["dynamodb"])
    change["ApproximateCreationDateTime"] = change["ApproximateCreationDateTime"].timestamp()
    return record | {"eventSource": "aws:dynamodb", "eventSourceARN": arn, "dynamodb": change}


def _period(rate: Rate) -> timedelta:
    return timedelta(**{rate.unit.lower(): rate.value})


def _declared(app_module: ModuleType, config: Config) -> Iterator[tuple[Any, Handler]]:
    for source in app_module.app.event_sources:
        function = getattr(app_module, source.handler_string.rpartition(".")[2])
        scoped = config.scope(config.chalice_stage, source.name)
        yield source, partial(_invoke, function, source.name, scoped.lambda_memory_size, scoped.lambda_timeout)


def _invoke(function: Callable[..., Any], name: str, memory: int, seconds: int, event: dict[str, Any]) -> Any:
    return function(event, LambdaContext(name, memory, seconds * 1000))
