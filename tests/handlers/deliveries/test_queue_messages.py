"""Tests of the handler of the queues and its log lines."""

import json
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from botocore.exceptions import ClientError

from chalicelib.channels.aws_clients import SendFailed
from chalicelib.domain.model.errors import Busy
from chalicelib.domain.model.event import Event, EventKind
from chalicelib.domain.model.notices import Channel, Delivery
from chalicelib.handlers.deliveries.queue_messages import Message, Undelivered, deliver_batch
from chalicelib.services.context import Context
from chalicelib.storage.errors import TableRequestFailed
from tests.handlers.conftest import Lines, metrics_of
from tests.harness import MONDAY, World, at

SECRET = "https://example.com/hook?key=secret"


def delivery(member: str, number: int = 1, **changes: Any) -> Delivery:
    event = Event(f"evt_{member}{number}", EventKind.MATCHED, member, MONDAY - timedelta(seconds=2), at(1), "session")
    return Delivery(changes.pop("channel", Channel.EMAIL), event, **changes)


def message(content: Delivery | str, *, identifier: str | None = None, fifo: bool = True, received: int = 1) -> Message:
    body = content if isinstance(content, str) else msgspec.json.encode(content).decode()
    group = "ada" if isinstance(content, str) else content.event.member_id
    return {
        "messageId": identifier or ("unknown" if isinstance(content, str) else content.event.event_id),
        "body": body,
        "attributes": {"ApproximateReceiveCount": str(received), **({"MessageGroupId": group} if fifo else {})},
    }


class Destination:
    """A function `deliver` that records events and fails for those with an error."""

    def __init__(self, **errors: Exception) -> None:
        self.errors = errors
        self.events: list[str] = []

    def __call__(self, _context: Context, delivered: Delivery) -> None:
        event_id = delivered.event.event_id.removeprefix("evt_")
        if event_id in self.errors:
            raise self.errors[event_id]
        self.events.append(event_id)


def failed(answer: dict[str, list[dict[str, str]]]) -> list[str]:
    return [failure["itemIdentifier"].removeprefix("evt_") for failure in answer["batchItemFailures"]]


def test_r43_every_message_is_delivered_with_a_line_of_ids(world: World, lines: Lines) -> None:
    destination = Destination()
    messages = [message(delivery("ada", 1)), message(delivery("ben", 1, destination="hook"))]
    assert deliver_batch(world.context, Channel.EMAIL, messages, destination) == {"batchItemFailures": []}
    assert destination.events == ["ada1", "ben1"]
    first, second = lines()
    assert {name: value for name, value in first.items() if name not in ("_aws", "Table")} == {
        "event": "delivery",
        "level": "info",
        "channel": "email",
        "message": "evt_ada1",
        "received": 1,
        "notice": "evt_ada1",
        "type": "session.matched",
        "attempt": 1,
        "member": "ada",
        "outcome": "ok",
        "attempts": 0,
        "readUnits": 0,
        "writeUnits": 0,
        "milliseconds": 0,
        "DeliverySeconds": 2,
    }
    assert (second["member"], second["destination"]) == ("ben", "hook")


def test_r42_the_later_messages_of_a_member_wait_for_a_failed_one(world: World) -> None:
    """Otherwise a member could get a cancellation before the booking."""
    destination = Destination(ada2=Undelivered())
    batch = [message(delivery(member, number)) for number in (1, 2, 3) for member in ("ada", "ben")]
    answer = deliver_batch(world.context, Channel.EMAIL, batch, destination)
    assert failed(answer) == ["ada2", "ada3"]
    assert destination.events == ["ada1", "ben1", "ben2", "ben3"]


def test_r43_messages_of_a_queue_without_order_do_not_wait_for_a_failed_one(world: World) -> None:
    destination = Destination(ada1=Undelivered())
    batch = [message(delivery("ada", number, channel=Channel.WEBHOOK), fifo=False) for number in (1, 2)]
    assert failed(deliver_batch(world.context, Channel.WEBHOOK, batch, destination)) == ["ada1"]
    assert destination.events == ["ada2"]


@pytest.mark.parametrize("body", ["", "{}", "[1]", '{"channel":"fax"}', "\ud800"])
def test_r43_a_message_that_is_no_delivery_fails_and_blocks_no_other_member(
    world: World, lines: Lines, body: str
) -> None:
    destination = Destination()
    answer = deliver_batch(world.context, Channel.EMAIL, [message(body), message(delivery("ben"))], destination)
    assert failed(answer) == ["unknown"]
    assert destination.events == ["ben1"]
    poison, _ = lines()
    assert (poison["level"], poison["outcome"], metrics_of(poison)) == ("error", "failed", {"PoisonMessages": 1})


@pytest.mark.parametrize(
    ("error", "code"),
    [(Undelivered(SECRET), "undelivered"), (SendFailed(SECRET), "undelivered"), (TableRequestFailed(SECRET), "busy")],
)
def test_r43_a_passing_failure_is_a_warning_without_its_text(
    world: World, lines: Lines, error: Exception, code: str
) -> None:
    answer = deliver_batch(world.context, Channel.EMAIL, [message(delivery("ada"))], Destination(ada1=error))
    assert failed(answer) == ["ada1"]
    (line,) = lines()
    assert (line["level"], line["outcome"], line["code"], metrics_of(line)) == ("warning", "refused", code, {})
    assert SECRET not in json.dumps(line)


def test_r43_the_error_code_of_a_service_is_logged(world: World, lines: Lines) -> None:
    refused = ClientError({"Error": {"Code": "AccessDenied", "Message": SECRET}}, "SendEmail")
    failure, undelivered = SendFailed("ses"), Undelivered()
    failure.__cause__, undelivered.__cause__ = refused, failure
    deliver_batch(world.context, Channel.EMAIL, [message(delivery("ada"))], Destination(ada1=undelivered))
    (line,) = lines()
    assert (line["code"], line["reason"]) == ("undelivered", "AccessDenied")
    assert SECRET not in json.dumps(line)


def test_r43_a_defect_is_an_error_without_its_text(world: World, lines: Lines) -> None:
    defect = Destination(ada1=ValueError(SECRET))
    assert failed(deliver_batch(world.context, Channel.EMAIL, [message(delivery("ada"))], defect)) == ["ada1"]
    (line,) = lines()
    assert (line["level"], line["outcome"], line["error"]) == ("error", "failed", ["ValueError"])
    assert metrics_of(line) == {"PoisonMessages": 1}
    assert SECRET not in json.dumps(line)


@pytest.mark.parametrize(("attempt", "received"), [(2, 1), (1, 2)])
def test_r43_the_seconds_of_a_retry_are_no_latency(world: World, lines: Lines, attempt: int, received: int) -> None:
    deliver_batch(
        world.context, Channel.WEBHOOK, [message(delivery("ada", attempt=attempt), received=received)], Destination()
    )
    (line,) = lines()
    assert metrics_of(line) == {}


def test_r43_an_event_from_ahead_of_the_clock_has_no_negative_latency(world: World, lines: Lines) -> None:
    world.now -= timedelta(minutes=5)
    deliver_batch(world.context, Channel.EMAIL, [message(delivery("ada"))], Destination())
    (line,) = lines()
    assert metrics_of(line) == {"DeliverySeconds": 0}


def test_a_busy_use_case_is_delivered_again(world: World) -> None:
    answer = deliver_batch(world.context, Channel.EMAIL, [message(delivery("ada"))], Destination(ada1=Busy()))
    assert failed(answer) == ["ada1"]
