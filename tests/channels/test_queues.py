"""Deliveries reach the queues of their channels and are read from there (moto)."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws
from msgspec import DecodeError, ValidationError
from msgspec.structs import replace

from chalicelib.channels.aws_clients import SendFailed, lazy_client
from chalicelib.channels.queues import Queues, delivery_from
from chalicelib.domain.model.event import Event, EventKind
from chalicelib.domain.model.notices import Channel, Delivery
from tests.harness import MONDAY, at

EVENT = Event("evt_1", EventKind.MATCHED, "ada", MONDAY, at(1), "booking")
EVENTS = [replace(EVENT, event_id=f"evt_{number}") for number in range(23)]


@pytest.fixture
def sqs() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("sqs")


def queue(sqs: Any, name: str) -> str:
    attributes = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
    url: str = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return url


def queues(urls: dict[Channel, str]) -> Queues:
    return Queues(urls, lazy_client("sqs", region="us-east-1", endpoint=None))


def received(sqs: Any, url: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"]).get("Messages"):
        found += messages
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


def test_r43_each_delivery_is_one_message_in_the_queue_of_its_channel_and_in_order(sqs: Any) -> None:
    urls = {Channel.EMAIL: queue(sqs, "email.fifo"), Channel.WEBHOOK: queue(sqs, "webhook")}
    mails = [Delivery(Channel.EMAIL, event) for event in EVENTS]
    hooks = [Delivery(Channel.WEBHOOK, event, "hook") for event in EVENTS]
    # The deployment has no queue for push.
    queues(urls).send([*mails, *hooks, Delivery(Channel.PUSH, EVENT, "phone")])
    assert [delivery_from(message["Body"]) for message in received(sqs, urls[Channel.EMAIL])] == mails
    found = [delivery_from(message["Body"]) for message in received(sqs, urls[Channel.WEBHOOK])]
    assert sorted(found, key=lambda one: int(one.event.event_id[4:])) == hooks


def test_r43_a_repeated_message_of_a_fifo_queue_is_dropped(sqs: Any) -> None:
    url = queue(sqs, "push.fifo")
    one = Delivery(Channel.PUSH, EVENT, "phone")
    others = [replace(one, destination="laptop"), replace(one, attempt=2)]
    for _ in range(2):
        queues({Channel.PUSH: url}).send([one, *others])
    messages = received(sqs, url)
    assert [delivery_from(message["Body"]) for message in messages] == [one, *others]


def test_r43_mails_and_live_messages_wait_for_those_of_their_member_and_push_messages_for_those_of_their_browser(
    sqs: Any,
) -> None:
    urls = {channel: queue(sqs, f"{channel}.fifo") for channel in (Channel.EMAIL, Channel.LIVE, Channel.PUSH)}
    browsers = [Delivery(Channel.PUSH, EVENT, browser) for browser in ("phone", "laptop")]
    queues(urls).send([Delivery(Channel.EMAIL, EVENT), Delivery(Channel.LIVE, EVENT), *browsers])
    groups = {
        channel: [message["Attributes"]["MessageGroupId"] for message in received(sqs, url)]
        for channel, url in urls.items()
    }
    assert groups == {Channel.EMAIL: ["ada"], Channel.LIVE: ["ada"], Channel.PUSH: ["phone", "laptop"]}


def test_r42_a_message_holds_ids_and_no_name(sqs: Any) -> None:
    url = queue(sqs, "webhook")
    queues({Channel.WEBHOOK: url}).send([Delivery(Channel.WEBHOOK, EVENT, "hook")])
    (message,) = received(sqs, url)
    assert json.loads(message["Body"]) == {
        "channel": "webhook",
        "destination": "hook",
        "event": {
            "event_id": "evt_1",
            "kind": "session.matched",
            "member_id": "ada",
            "at": "2026-03-02T08:00:00Z",
            "slot": {"start": "2026-03-02T09:00:00Z", "minutes": 50},
            "booking_id": "booking",
        },
    }


def test_r43_a_later_attempt_is_delayed_and_at_most_15_minutes(sqs: Any) -> None:
    url = queue(sqs, "webhook")
    queues({Channel.WEBHOOK: url}).send([Delivery(Channel.WEBHOOK, EVENT)], delay=timedelta(hours=2))
    assert received(sqs, url) == []
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessagesDelayed"])
    assert attributes["Attributes"] == {"ApproximateNumberOfMessagesDelayed": "1"}


def test_r43_a_queue_that_fails_is_reported_and_does_not_stop_the_others(sqs: Any) -> None:
    url = queue(sqs, "webhook")
    missing = url.replace("webhook", "missing")
    with pytest.raises(SendFailed, match="email"):
        queues({Channel.EMAIL: missing, Channel.WEBHOOK: url}).send(
            [Delivery(Channel.EMAIL, EVENT), Delivery(Channel.WEBHOOK, EVENT)]
        )
    assert len(received(sqs, url)) == 1


def test_r43_without_a_queue_or_a_delivery_no_client_is_made() -> None:
    def no_client() -> Any:
        raise AssertionError

    Queues({}, no_client).send([Delivery(Channel.LIVE, EVENT)])
    Queues({Channel.LIVE: "https://sqs.example/live.fifo"}, no_client).send([])


@pytest.mark.parametrize("body", ["", "{}", "null", '{"channel": "pigeon"}'])
def test_a_message_of_unknown_form_is_an_error(body: str) -> None:
    with pytest.raises((DecodeError, ValidationError)):
        delivery_from(body)
