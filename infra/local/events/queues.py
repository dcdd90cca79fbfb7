"""Delivery of the channels' queues by Lambda's rules, with one reader for each queue.

The queues are those of the engine. It hides a received message, shows it again if it is not deleted in time, keeps the
order of a group, and moves a message that was received too often to the failure queue.
"""

import json
import logging
import threading
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from botocore.client import BaseClient

from chalicelib.channels.aws_clients import LazyClient
from chalicelib.channels.failure_queue import NAME as UNANNOUNCED
from chalicelib.channels.queues import FIFO, Queues
from chalicelib.domain.model.notices import Channel, Delivery
from chalicelib.event_sources import QUEUE_SOURCES, QueueSource
from infra.local.events.sources import DeclaredQueue, queue_event

log = logging.getLogger(__name__)

# A run on this machine has fewer threads than a deployment has concurrent runs of a function.
MOST_THREADS = 8
# A message that this run sends ends an idle wait. Those of other processes, delayed and repeated ones are found by it.
# With a long poll instead, the engine would look for messages ten times a second, also for a run that was killed.
IDLE_SECONDS = 5.0
READ_RETRY_SECONDS = 1.0

Message = dict[str, Any]


def create_queues(client: BaseClient) -> dict[Channel, str]:
    """Create the queue and the failure queue of each channel unless they exist, and return the queues' addresses."""
    return {channel: create_queue(client, channel.value, source) for channel, source in QUEUE_SOURCES.items()}


def create_failure_queue(client: BaseClient) -> str:
    """Create the queue of the records whose events could not be announced, unless it exists, and return its address."""
    address: str = client.create_queue(QueueName=UNANNOUNCED)["QueueUrl"]
    return address


def create_queue(client: BaseClient, name: str, source: QueueSource) -> str:
    """Create a queue and its failure queue unless they exist, and return its address."""
    suffix, kind = (FIFO, {"FifoQueue": "true"}) if source.ordered else ("", {})
    failures = client.create_queue(QueueName=f"{name}-failures{suffix}", Attributes=kind)["QueueUrl"]
    redrive = {"deadLetterTargetArn": _arn(client, failures), "maxReceiveCount": source.receives}
    attributes = {"VisibilityTimeout": str(source.visibility_seconds), "RedrivePolicy": json.dumps(redrive)}
    address: str = client.create_queue(QueueName=name + suffix, Attributes=kind | attributes)["QueueUrl"]
    return address


class QueueDelivery:
    """The delivery of one queue to one function, in batches side by side."""

    def __init__(
        self, client: BaseClient, declared: DeclaredQueue, address: str, idle_seconds: float = IDLE_SECONDS
    ) -> None:
        self._client = client
        self._idle_seconds = idle_seconds
        self._declared = declared
        self._address = address
        self._free = threading.Semaphore(min(declared.concurrency, MOST_THREADS))
        self._stopping = threading.Event()
        self._nudged = threading.Event()

    def start(self) -> None:
        """Start the delivery."""
        threading.Thread(target=self._read, name=self._declared.name, daemon=True).start()

    def stop(self) -> None:
        """Deliver no further batch. A restart on the same engine delivers those in flight again."""
        self._stopping.set()
        self._nudged.set()

    def nudge(self) -> None:
        """Read the queue at once, since it probably has a message."""
        self._nudged.set()

    def _read(self) -> None:
        while not self._stopping.is_set():
            self._nudged.clear()
            # No message is received before a thread is free, since its time to be delivered would pass.
            self._free.acquire()
            try:
                messages = self._receive()
            except Exception:
                self._free.release()
                if not self._stopping.wait(READ_RETRY_SECONDS):
                    log.exception("The queue of %s could not be read; trying again.", self._declared.name)
                continue
            if not messages or self._stopping.is_set():
                self._free.release()
                self._nudged.wait(self._idle_seconds)
                continue
            threading.Thread(target=self._deliver, args=(messages,), name=self._declared.name, daemon=True).start()

    def _receive(self) -> list[Message]:
        response = self._client.receive_message(
            QueueUrl=self._address,
            MaxNumberOfMessages=self._declared.batch_size,
            MessageSystemAttributeNames=["All"],
        )
        messages: list[Message] = response.get("Messages", [])
        return messages

    def _deliver(self, messages: list[Message]) -> None:
        """Call the function with a batch and delete the messages that it delivered."""
        try:
            response = self._declared.handler(queue_event(self._declared.arn, messages))
            for message in delivered(messages, response):
                self._client.delete_message(QueueUrl=self._address, ReceiptHandle=message["ReceiptHandle"])
        except Exception:
            log.exception("%s failed on %d messages; they come again.", self._declared.name, len(messages))
        finally:
            self._free.release()
            # The queue shows the next message of an ordered group only now.
            self.nudge()


class NudgingQueues(Queues):
    """The queues of a local run. A sent message wakes the delivery that reads its queue."""

    def __init__(
        self, urls: Mapping[Channel, str], client: LazyClient, readers: Mapping[Channel, QueueDelivery]
    ) -> None:
        super().__init__(urls, client)
        self._readers = readers

    def send(self, deliveries: Sequence[Delivery], *, delay: timedelta = timedelta(0)) -> None:
        """Send each delivery to the queue of its channel, which is read at once."""
        try:
            super().send(deliveries, delay=delay)
        finally:
            for channel in {delivery.channel for delivery in deliveries} & self._readers.keys():
                self._readers[channel].nudge()


def delivered(messages: list[Message], response: Any) -> list[Message]:
    """Return the messages of a batch that the function's response does not report as failed."""
    failures = (response or {}).get("batchItemFailures") or []
    failed = {failure["itemIdentifier"] for failure in failures}
    # Lambda treats an unknown identifier as a failure of the whole batch.
    if not failed <= {message["MessageId"] for message in messages}:
        return []
    return [message for message in messages if message["MessageId"] not in failed]


def _arn(client: BaseClient, address: str) -> str:
    response = client.get_queue_attributes(QueueUrl=address, AttributeNames=["QueueArn"])
    arn: str = response["Attributes"]["QueueArn"]
    return arn
