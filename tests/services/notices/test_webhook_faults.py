"""Webhook deliveries with runs that end between any two calls, repeated messages, and failing receivers.

The table is in memory. The queue follows SQS's rules. A message comes again until its run has ended without an error.
"""

import heapq
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from chalicelib.channels.bus import Bus
from chalicelib.channels.channels import Channels
from chalicelib.channels.public_http import FailureReason, PublicHttp, RequestFailed
from chalicelib.channels.queues import Queues, delivery_from
from chalicelib.domain.model.errors import Busy
from chalicelib.domain.model.event import Event, EventKind, event_id
from chalicelib.domain.model.notices import Channel, Delivery
from chalicelib.handlers.deliveries.webhook import deliver
from chalicelib.services.context import Context
from chalicelib.services.members.profiles import Claims, get_or_create_member
from chalicelib.services.notices.webhook_requests import list_deliveries
from chalicelib.services.notices.webhooks import get_webhook, make_webhook
from chalicelib.storage.connection import Table
from infra.in_memory_dynamodb.table import Body, InMemoryTable, Response
from infra.simulation.deployment import settings
from infra.simulation.interleaver import InlineExecutor
from tests.harness import MONDAY, TABLE, at

URL = "https://hooks.example/in"
# The time after which the queue delivers the message of an ended run again.
VISIBILITY = timedelta(seconds=60)
EVENTS = 8
# The share of events that the stream announces twice.
REPEATED = 0.3


class RunEnded(BaseException):
    """The end of a run by its environment, between two calls."""


class FaultyEnvironment(PublicHttp):
    """The table, the queue and the receiver of one simulated run. Each call may end the run, before or after it.

    `received` are the ids and statuses of the requests to the receiver, which fails until `repaired`.
    """

    # PynamoDB reads it to check whether the client was made without credentials.
    _request_signer: None = None

    def __init__(self, seed: int, *, faults: float) -> None:
        """Begin with a member and a webhook, without faults."""
        super().__init__()
        self.rng = Random(seed)
        self.faults = 0.0
        self.now = MONDAY
        self.messages: list[tuple[datetime, int, str]] = []
        self.sent = 0
        self.received: list[tuple[str, int]] = []
        self.memory = InMemoryTable(TABLE, lambda: (self.now - MONDAY).total_seconds())
        table = Table(TABLE, region="us-east-1", endpoint=None, make_executor=lambda _number: InlineExecutor())
        table.connection._client = self
        rng, ids = Random(f"chance {seed}"), Random(f"ids {seed}")
        self.context = Context(settings(), table, lambda: self.now, rng, ids, pause=lambda _: None)
        self.context.channels = Channels(
            Queues({Channel.WEBHOOK: "webhook"}, lambda: self), Bus("", lambda: None), http=self
        )
        claims = Claims(self.context.settings.issuer, "ada", "Ada", None, "UTC", MONDAY)
        self.member = get_or_create_member(self.context, claims).member_id
        self.webhook = make_webhook(self.context, self.member, URL, (EventKind.BOOKED,)).webhook_id
        self.repaired = MONDAY + timedelta(hours=self.rng.choice([0, 0, 1, 5, 12]))
        self.faults = faults

    def _make_api_call(self, operation: str, request: Body) -> Response:
        return self._interrupted(lambda: self.memory.call(operation, request))

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        """Take messages."""
        assert QueueUrl == "webhook"

        def take() -> dict[str, Any]:
            for entry in Entries:
                self.enqueue(entry["MessageBody"], timedelta(seconds=entry["DelaySeconds"]))
            return {}

        return self._interrupted(take)

    def post(self, url: str, headers: Mapping[str, str], _body: bytes) -> int:
        """Answer as the receiver, which fails in several ways until it is repaired."""

        def answer() -> int:
            status = self.rng.choice([200, 500, 0]) if self.now < self.repaired else 204
            self.received.append((headers["webhook-id"], status))
            if not status:
                raise RequestFailed(FailureReason.TIMED_OUT)
            return status

        assert url == URL
        return self._interrupted(answer)

    def _interrupted(self, call: Callable[[], Any]) -> Any:
        if self.rng.random() < self.faults / 2:
            raise RunEnded
        result = call()
        if self.rng.random() < self.faults / 2:
            raise RunEnded
        return result

    def enqueue(self, body: str, delay: timedelta) -> None:
        """Make a message visible after a delay."""
        self.sent += 1
        heapq.heappush(self.messages, (self.now + delay, self.sent, body))

    def run(self) -> None:
        """Deliver all messages."""
        while self.messages:
            visible, _, body = heapq.heappop(self.messages)
            self.now = max(self.now, visible)
            try:
                deliver(self.context, delivery_from(body))
            except (RunEnded, Busy):
                self.enqueue(body, VISIBILITY)

    def succeeded(self, event: Event) -> int:
        """Return the number of successful requests for an event."""
        return sum(status in (200, 204) for received, status in self.received if received == event.event_id)


def played(seed: int, *, faults: float) -> tuple[FaultyEnvironment, list[Event]]:
    """Send events over half an hour, and return the environment after all deliveries."""
    run = FaultyEnvironment(seed, faults=faults)
    instants = sorted(MONDAY + timedelta(seconds=run.rng.uniform(0, 1800)) for _ in range(EVENTS))
    events = [
        Event(event_id(seed, number), EventKind.BOOKED, run.member, instant, at(99), f"booking {number}")
        for number, instant in enumerate(instants)
    ]
    queue = Queues({Channel.WEBHOOK: "webhook"}, lambda: run)
    probability, run.faults = run.faults, 0.0
    for event in events:
        times = 2 if run.rng.random() < REPEATED else 1
        delay = min(event.at - MONDAY, timedelta(minutes=15))
        queue.send([Delivery(Channel.WEBHOOK, event, run.webhook)] * times, delay=delay)
    run.faults = probability
    run.run()
    return run, events


# 100 runs of a day.
@pytest.mark.long
def test_r43_every_event_reaches_a_repaired_receiver_whichever_run_ends_early() -> None:
    several = 0
    for seed in range(100):
        run, events = played(seed, faults=0.05)
        lost = [event.event_id for event in events if not run.succeeded(event)]
        assert lost == [], seed
        several += sum(run.succeeded(event) > 1 for event in events)
        run.faults = 0
        webhook = get_webhook(run.context, run.member, run.webhook)
        assert (webhook.disabled_at, webhook.failing_since) == (None, None), seed
        listed = list_deliveries(run.context, run.member, run.webhook)
        assert {row.event.event_id for row in listed if row.outcome.succeeded} == {event.event_id for event in events}
    # A run that ends between the request and its record repeats the request.
    assert several > 0


# 50 runs of a day.
@pytest.mark.long
def test_r43_without_a_fault_every_event_succeeds_once() -> None:
    for seed in range(50):
        run, events = played(seed, faults=0)
        assert [run.succeeded(event) for event in events] == [1] * EVENTS, seed


def test_r43_one_run_with_faults_delivers_every_event() -> None:
    run, events = played(3, faults=0.05)
    assert all(run.succeeded(event) for event in events)
