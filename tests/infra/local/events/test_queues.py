"""Delivery of real queues by Lambda's rules to functions of the tests."""

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.client import BaseClient

from chalicelib.channels.failure_queue import FailureQueue
from chalicelib.domain.model.event import Event, EventKind
from chalicelib.domain.model.notices import Channel, Delivery
from chalicelib.domain.model.slot import Slot
from chalicelib.event_sources import QueueSource
from infra.local.aws import client
from infra.local.events.queues import (
    IDLE_SECONDS,
    NudgingQueues,
    QueueDelivery,
    create_failure_queue,
    create_queue,
    create_queues,
)
from infra.local.events.sources import DeclaredQueue
from tests.infra.poll import until

NINE = datetime(2026, 12, 1, 9, tzinfo=UTC)
SOURCE = QueueSource(batch_size=10, concurrency=2, seconds=1, receives=2)

Records = list[dict[str, Any]]


class ChannelQueue:
    """A queue of one test with its deliveries."""

    def __init__(self, messages: BaseClient, channel: Channel, source: QueueSource) -> None:
        self._messages = messages
        self._name = f"queue-{uuid.uuid4()}"
        self.channel = channel
        self.source = source
        self.address = create_queue(messages, self._name, source)
        self._deliveries: list[QueueDelivery] = []

    def send(self, *events: str) -> None:
        deliveries = [
            Delivery(self.channel, Event(event, EventKind.BOOKED, event[:-1], NINE, Slot(NINE, 50), "b"))
            for event in events
        ]
        readers = {self.channel: self._deliveries[-1]} if self._deliveries else {}
        NudgingQueues({self.channel: self.address}, lambda: self._messages, readers).send(deliveries)

    def deliver_to(self, handler: Callable[[Records], Any], idle_seconds: float = IDLE_SECONDS) -> None:
        declared = DeclaredQueue(
            self._name,
            "arn",
            self.source.batch_size,
            self.source.concurrency,
            lambda event: handler(event["Records"]),
        )
        delivery = QueueDelivery(self._messages, declared, self.address, idle_seconds)
        self._deliveries.append(delivery)
        delivery.start()

    def failures(self) -> list[str]:
        suffix = ".fifo" if self.address.endswith(".fifo") else ""
        address = self._messages.get_queue_url(QueueName=f"{self._name}-failures{suffix}")["QueueUrl"]
        found = self._messages.receive_message(QueueUrl=address, MaxNumberOfMessages=10).get("Messages", [])
        return [message["Body"] for message in found]

    def stop(self) -> None:
        for delivery in self._deliveries:
            delivery.stop()


OpenQueue = Callable[..., ChannelQueue]


@pytest.fixture
def open_queue(engine: str) -> Iterator[OpenQueue]:
    messages = client("sqs", engine)
    opened: list[ChannelQueue] = []

    def new(channel: Channel = Channel.EMAIL, source: QueueSource = SOURCE) -> ChannelQueue:
        opened.append(ChannelQueue(messages, channel, source))
        return opened[-1]

    yield new
    for queue in opened:
        queue.stop()
    messages.close()


def events(records: Records) -> list[str]:
    return [record["body"].split('"event_id":"')[1].split('"')[0] for record in records]


def failed(records: Records, *bad: str) -> dict[str, list[dict[str, str]]]:
    failures = [record for record in records if events([record])[0] in bad]
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in failures]}


def test_messages_have_the_form_of_lambda(open_queue: OpenQueue) -> None:
    queue, delivered = open_queue(), []
    queue.send("ada1")
    queue.deliver_to(delivered.extend)
    until(lambda: delivered)
    record = delivered[0]
    assert (record["eventSource"], record["messageAttributes"]) == ("aws:sqs", {})
    assert record["attributes"]["MessageGroupId"] == "ada"
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert events([record]) == ["ada1"]


def test_messages_of_a_member_come_in_order_and_repeated_ones_once(open_queue: OpenQueue) -> None:
    queue, delivered = open_queue(), []
    queue.send("ada1", "ben1", "ada2")
    queue.send("ada1", "ada3")
    queue.deliver_to(lambda records: delivered.extend(events(records)))
    until(lambda: "ada3" in delivered)
    assert [event for event in delivered if event.startswith("ada")] == ["ada1", "ada2", "ada3"]


def test_a_message_that_is_sent_to_an_idle_queue_is_delivered_without_an_idle_wait(open_queue: OpenQueue) -> None:
    queue, delivered = open_queue(), []
    queue.deliver_to(lambda records: delivered.extend(events(records)), idle_seconds=3600)
    for event in ("ada1", "ada2", "ben1"):
        queue.send(event)
        until(lambda event=event: event in delivered)
    assert delivered == ["ada1", "ada2", "ben1"]


@pytest.mark.long  # A failed message is hidden for two seconds.
def test_a_partial_failure_repeats_only_the_failed_message(open_queue: OpenQueue) -> None:
    queue, batches = open_queue(), []

    def fail_once(records: Records) -> Any:
        batches.append(events(records))
        return failed(records, "ben1") if len(batches) == 1 else None

    queue.send("ada1", "ben1", "cy1")
    queue.deliver_to(fail_once)
    until(lambda: len(batches) == 2)
    assert batches == [["ada1", "ben1", "cy1"], ["ben1"]]


@pytest.mark.long  # A failed message is hidden for two seconds.
def test_a_message_that_always_fails_goes_to_the_failure_queue(
    open_queue: OpenQueue, caplog: pytest.LogCaptureFixture
) -> None:
    queue, delivered = open_queue(), []

    def never_ada(records: Records) -> None:
        delivered.extend(events(records))
        if "ada1" in events(records):
            raise ValueError("ada")

    queue.send("ada1", "ben1")
    queue.deliver_to(never_ada)
    found: list[str] = []
    until(lambda: found, doing=lambda: found.extend(queue.failures()))
    assert events([{"body": body} for body in found])[0] == "ada1"
    assert delivered.count("ada1") == SOURCE.receives
    assert "they come again" in caplog.text


@pytest.mark.long  # A failed message is hidden for two seconds.
def test_an_unknown_identifier_repeats_the_whole_batch(open_queue: OpenQueue) -> None:
    queue, batches = open_queue(), []

    def answer_wrongly_once(records: Records) -> Any:
        batches.append(events(records))
        return {"batchItemFailures": [{"itemIdentifier": "x"}]} if len(batches) == 1 else None

    queue.send("ada1", "ben1")
    queue.deliver_to(answer_wrongly_once)
    until(lambda: len(batches) == 2)
    assert batches == [["ada1", "ben1"]] * 2


def test_a_slow_batch_delays_neither_other_members_nor_other_queues(open_queue: OpenQueue) -> None:
    webhooks = open_queue(
        Channel.WEBHOOK, QueueSource(batch_size=1, concurrency=2, seconds=30, receives=3, ordered=False)
    )
    mails = open_queue()
    mailed: list[str] = []
    posted: list[str] = []
    release = threading.Event()

    def hang_for_ada(records: Records) -> None:
        if events(records) == ["ada1"]:
            release.wait(20)
        posted.extend(events(records))

    webhooks.send("ada1", "ben1", "cy1")
    mails.send("dee1")
    webhooks.deliver_to(hang_for_ada)
    mails.deliver_to(lambda records: mailed.extend(events(records)))
    until(lambda: posted == ["ben1", "cy1"] and mailed == ["dee1"])
    release.set()
    until(lambda: posted == ["ben1", "cy1", "ada1"])


def test_creating_the_failure_queue_again_keeps_its_records(engine: str) -> None:
    messages = client("sqs", engine)
    address = create_failure_queue(messages)
    FailureQueue(address, lambda: messages).keep({"n": 1})
    assert create_failure_queue(messages) == address
    (found,) = messages.receive_message(QueueUrl=address, VisibilityTimeout=0)["Messages"]
    assert json.loads(found["Body"]) == {"Records": [{"n": 1}]}
    messages.purge_queue(QueueUrl=address)
    messages.close()


def test_creating_the_queues_again_keeps_their_messages(engine: str) -> None:
    messages = client("sqs", engine)
    addresses = create_queues(messages)
    assert {channel: address.rpartition("/")[2] for channel, address in addresses.items()} == {
        Channel.EMAIL: "email.fifo",
        Channel.PUSH: "push.fifo",
        Channel.WEBHOOK: "webhook",
        Channel.LIVE: "live.fifo",
    }
    messages.send_message(QueueUrl=addresses[Channel.WEBHOOK], MessageBody="kept")
    assert create_queues(messages) == addresses
    found = messages.receive_message(QueueUrl=addresses[Channel.WEBHOOK], VisibilityTimeout=0)["Messages"]
    assert [message["Body"] for message in found] == ["kept"]
    messages.purge_queue(QueueUrl=addresses[Channel.WEBHOOK])
    messages.close()
