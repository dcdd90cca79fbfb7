"""The redrive of a failure queue announces what waits there (moto)."""

import io
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber
from moto import mock_aws

from chalicelib.channels.aws_clients import lazy_client
from chalicelib.channels.failure_queue import FailureQueue
from chalicelib.handlers.events.day_stream import handle_day_records
from infra.redrive import Redrive, invoke, is_handled, redrive
from tests.announcements import day_records, logged_kinds, record_channels
from tests.harness import World, at

UNHANDLED: list[Any] = [{"FunctionError": "Unhandled"}, {"batchItemFailures": [{"itemIdentifier": "1"}]}]


@pytest.fixture
def sqs() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("sqs")


def failure_queue(sqs: Any) -> tuple[str, FailureQueue]:
    url = sqs.create_queue(QueueName="unannounced")["QueueUrl"]
    return url, FailureQueue(url, lazy_client("sqs", region="us-east-1", endpoint=None))


def in_queue(sqs: Any, url: str) -> int:
    return int(
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]["ApproximateNumberOfMessages"]
    )


@pytest.mark.parametrize("response", [None, {}, {"batchItemFailures": []}])
def test_a_response_without_failures_is_handled(response: Any) -> None:
    assert is_handled(response)


# A redrive waits a second for the end of the queue.
@pytest.mark.long
@pytest.mark.parametrize("response", UNHANDLED)
def test_a_failed_message_stays_visible_in_the_queue(sqs: Any, response: Any) -> None:
    url, queue = failure_queue(sqs)
    queue.keep({"n": 1})
    queue.keep({"n": 2})
    called: list[Any] = []

    def fail_on_first(event: str) -> Any:
        called.append(json.loads(event)["Records"][0]["n"])
        return response if called[-1] == 1 else None

    assert redrive(sqs, url, fail_on_first) == Redrive(handled=1, left=1)
    assert (called, in_queue(sqs, url)) == ([1, 2], 1)
    assert redrive(sqs, url, lambda _: None) == Redrive(handled=1, left=0)
    assert redrive(sqs, url, lambda _: None) == Redrive(handled=0, left=0)


def test_a_failed_function_differs_from_one_that_responds() -> None:
    functions = boto3.client("lambda", region_name="us-east-1")
    answers: list[tuple[dict[str, str], bytes, bool]] = [
        ({"FunctionError": "Unhandled"}, b'{"errorMessage": "x"}', False),
        ({}, b'{"batchItemFailures": []}', True),
        ({}, b"null", True),
    ]
    with Stubber(functions) as stub:
        for more, payload, handled in answers:
            body = StreamingBody(io.BytesIO(payload), len(payload))
            stub.add_response("invoke", {"Payload": body, **more}, {"FunctionName": "events", "Payload": b"{}"})
            assert is_handled(invoke(functions, "events", "{}")) is handled


# A redrive waits a second for the end of the queue.
@pytest.mark.long
def test_r42_a_redrive_announces_the_records_oldest_first(world: World, sqs: Any) -> None:
    bus, _ = record_channels(world)
    url, queue = failure_queue(sqs)
    ada = world.member("Ada")
    world.cancel(ada, world.book(ada, at(1)))
    for record in day_records(world):
        queue.keep(record)
    done = redrive(sqs, url, lambda event: handle_day_records(world.context, json.loads(event)["Records"]))
    assert done == Redrive(handled=2, left=0)
    assert logged_kinds(world, ada) == ["booked", "cancelled"]
    assert [event.kind for event in bus.events] == ["session.booked", "session.cancelled"]
    assert in_queue(sqs, url) == 0
