"""The simulated client adds latency and retries as botocore does."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.in_memory_dynamodb.capacity import Capacity, CapacityLimits
from infra.in_memory_dynamodb.errors import THROTTLED
from infra.in_memory_dynamodb.table import InMemoryTable
from infra.simulation.client import Latency, ServedRequest, SimulatedClient
from infra.simulation.scheduler import Scheduler

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
KEY = {"PK": {"S": "p"}, "SK": {"S": "s"}}
GET = ("GetItem", {"TableName": "t", "Key": KEY, "ConsistentRead": True})
PUT = ("TransactWriteItems", {"TransactItems": [{"Put": {"TableName": "t", "Item": KEY}}]})


class ClientFixture:
    """A client and a table that serves two write units per second and key."""

    def __init__(self, read: float = 1) -> None:
        self.scheduler = Scheduler(START, Random(1))
        capacity = Capacity(lambda: self.scheduler.seconds, CapacityLimits(write=2, read=read))
        table = InMemoryTable("t", lambda: self.scheduler.seconds, capacity=capacity)
        self.sent: list[ServedRequest] = []
        self.client = SimulatedClient(table, self.scheduler, Random(1), listeners=[self.sent.append])

    def run(self, task: Callable[[], Any]) -> float:
        """Run one task to its end and return its duration in seconds."""
        ended: list[float] = []

        def run() -> None:
            task()
            ended.append(self.scheduler.seconds)

        before = self.scheduler.seconds
        self.scheduler.spawn(run)
        self.scheduler.run(self.scheduler.now() + timedelta(hours=1))
        return ended[0] - before

    def call(self, operation: str, request: dict[str, Any]) -> Any:
        return self.client._make_api_call(operation, request)


def test_a_throttled_read_is_retried_after_a_pause() -> None:
    fixture = ClientFixture(read=1)

    def twice_before_the_second_ends() -> None:
        fixture.scheduler.pause(0.9)
        fixture.call(*GET)
        fixture.call(*GET)

    took = fixture.run(twice_before_the_second_ends)
    assert [one.error_code for one in fixture.sent] == [None, THROTTLED, None]
    assert took < 2


def test_a_read_that_is_throttled_twice_fails() -> None:
    fixture = ClientFixture(read=0.5)

    def call() -> None:
        with pytest.raises(ClientError, match=THROTTLED):
            fixture.call(*GET)

    fixture.run(call)
    assert [one.error_code for one in fixture.sent] == [THROTTLED, THROTTLED]


def test_a_cancelled_transaction_is_not_retried() -> None:
    fixture = ClientFixture()

    def twice() -> None:
        fixture.call(*PUT)
        with pytest.raises(ClientError, match="ThrottlingError"):
            fixture.call(*PUT)

    fixture.run(twice)
    assert [one.error_code for one in fixture.sent] == [None, "TransactionCanceledException"]


def test_a_request_takes_its_mean_latency_and_at_least_half_of_it() -> None:
    latency, rng = Latency(read=0.005, transaction=0.010), Random(1)
    for operation, seconds in (("Query", 0.005), ("TransactWriteItems", 0.010)):
        drawn = [2 * latency.draw(operation, rng) for _ in range(10_000)]
        assert min(drawn) >= seconds / 2
        assert sum(drawn) / len(drawn) == pytest.approx(seconds, rel=0.05)


def test_the_table_executes_a_request_between_both_ways() -> None:
    fixture = ClientFixture()
    took = fixture.run(lambda: fixture.call(*PUT))
    there = fixture.sent[0].at - START.timestamp()
    assert 0.0025 <= there <= took - 0.0025
