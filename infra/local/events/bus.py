"""The event bus of the local run on its engine, with a queue that shows its events."""

import json
import threading
from collections import deque
from contextlib import suppress
from typing import Any

from botocore.client import BaseClient

BUS = "lockstep"
RULE = "shown"
# The events of other programs on the same bus are shown, too.
EVERY_EVENT = {"version": ["0"]}
# The latest events of this run.
MOST_EVENTS = 500
MOST_MESSAGES = 10


class LocalBus:
    """The bus. A rule copies its events to the queue `bus`."""

    def __init__(self, events: BaseClient, messages: BaseClient) -> None:
        """Create the bus, the queue and the rule unless they exist."""
        self._messages = messages
        self._events: deque[dict[str, Any]] = deque(maxlen=MOST_EVENTS)
        self._lock = threading.Lock()
        with suppress(events.exceptions.ResourceAlreadyExistsException):
            events.create_event_bus(Name=BUS)
        self._address = messages.create_queue(QueueName="bus")["QueueUrl"]
        response = messages.get_queue_attributes(QueueUrl=self._address, AttributeNames=["QueueArn"])
        events.put_rule(Name=RULE, EventBusName=BUS, EventPattern=json.dumps(EVERY_EVENT))
        target = {"Id": "queue", "Arn": response["Attributes"]["QueueArn"]}
        events.put_targets(Rule=RULE, EventBusName=BUS, Targets=[target])

    @property
    def name(self) -> str:
        """The name of the bus."""
        return BUS

    def events(self) -> list[dict[str, Any]]:
        """Return the latest events as a rule of the bus gets them, newest first."""
        with self._lock:
            while received := self._receive():
                self._events.extendleft(received)
            return list(self._events)

    def _receive(self) -> list[dict[str, Any]]:
        response = self._messages.receive_message(QueueUrl=self._address, MaxNumberOfMessages=MOST_MESSAGES)
        received = response.get("Messages", [])
        for message in received:
            self._messages.delete_message(QueueUrl=self._address, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in received]
