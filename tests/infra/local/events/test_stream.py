"""Delivery of a real stream by Lambda's rules to functions of the tests."""

import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.client import BaseClient

from chalicelib.event_sources import REMATCH
from infra.local.aws import client
from infra.local.events.sources import DeclaredStream
from infra.local.events.stream import StreamDelivery
from infra.local.state import LocalState
from infra.table import create_table
from tests.infra.poll import until

Event = dict[str, Any]


class StreamedTable:
    """A table of one test, with deliveries of its stream."""

    def __init__(self, database: BaseClient, records: BaseClient) -> None:
        self.name = f"table-{uuid.uuid4()}"
        self._database = database
        self._records = records
        self._arn = create_table(database, self.name)

    def put(self, *rows: str, partition: str = "POOL#2026-12-01#0") -> None:
        for row in rows:
            self._database.put_item(TableName=self.name, Item={"PK": {"S": partition}, "SK": {"S": row}})

    def delete(self, row: str, partition: str = "POOL#2026-12-01#0") -> None:
        self._database.delete_item(TableName=self.name, Key={"PK": {"S": partition}, "SK": {"S": row}})

    def deliver_to(
        self,
        handler: Callable[[Event], Any],
        *,
        batch_size: int = 100,
        dated: Callable[[datetime], datetime] = lambda real: real,
    ) -> StreamDelivery:
        declared = DeclaredStream("rematch", self._arn, batch_size, REMATCH.retries, "TRIM_HORIZON", handler)
        return StreamDelivery(self._records, declared, LocalState(self._database), dated)


@pytest.fixture
def stream(engine: str, database: BaseClient) -> Iterator[StreamedTable]:
    records = client("dynamodbstreams", engine)
    yield StreamedTable(database, records)
    records.close()


def rows(event: Event) -> list[str]:
    return [record["dynamodb"]["Keys"]["SK"]["S"] for record in event["Records"]]


def failed(event: Event, *bad: str) -> dict[str, list[dict[str, str]]]:
    return {
        "batchItemFailures": [
            {"itemIdentifier": record["dynamodb"]["SequenceNumber"]}
            for record in event["Records"]
            if record["dynamodb"]["Keys"]["SK"]["S"] in bad
        ]
    }


def test_records_from_before_the_start_are_delivered_in_order(stream: StreamedTable) -> None:
    delivered: list[str] = []
    stream.put("a", "b", "c")

    delivery = stream.deliver_to(lambda event: delivered.extend(rows(event)))

    until(lambda: delivered == ["a", "b", "c"], doing=delivery.step)


def test_r42_a_record_is_dated_by_the_clock_of_the_service(stream: StreamedTable) -> None:
    events: list[Event] = []
    stream.put("a")
    later = timedelta(days=3)
    before = datetime.now(UTC).timestamp()
    until(lambda: events, doing=stream.deliver_to(events.append, dated=lambda real: real + later).step)
    at = events[0]["Records"][0]["dynamodb"]["ApproximateCreationDateTime"]
    assert abs(at - later.total_seconds() - before) < 60


def test_records_have_the_form_of_lambda(stream: StreamedTable) -> None:
    events: list[Event] = []
    stream.put("a")
    until(lambda: events, doing=stream.deliver_to(events.append).step)

    record = events[0]["Records"][0]
    assert (record["eventName"], record["eventSource"]) == ("INSERT", "aws:dynamodb")
    assert record["eventSourceARN"].endswith(f"table/{stream.name}/stream/" + record["eventSourceARN"].split("/")[-1])
    assert record["dynamodb"]["Keys"] == {"PK": {"S": "POOL#2026-12-01#0"}, "SK": {"S": "a"}}
    assert record["dynamodb"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"
    assert isinstance(record["dynamodb"]["ApproximateCreationDateTime"], float)


def test_only_new_waiting_rows_and_jobs_are_delivered(stream: StreamedTable) -> None:
    delivered: list[str] = []
    stream.put("day", partition="MEMBER#ada")
    stream.put("waits")
    stream.put("waits")
    stream.delete("waits")
    stream.put("job", partition="CHORE#0")
    stream.put("last")

    delivery = stream.deliver_to(lambda event: delivered.extend(rows(event)))

    until(lambda: "last" in delivered, doing=delivery.step)
    assert delivered.count("day") == 0
    assert delivered[-2:] == ["job", "last"]


def test_a_batch_is_no_larger_than_declared(stream: StreamedTable) -> None:
    batches: list[list[str]] = []
    stream.put("a", "b", "c")

    delivery = stream.deliver_to(lambda event: batches.append(rows(event)), batch_size=2)

    until(lambda: batches == [["a", "b"], ["c"]], doing=delivery.step)


def test_another_delivery_continues_from_the_checkpoint(stream: StreamedTable) -> None:
    first: list[str] = []
    second: list[str] = []
    stream.put("a", "b")
    until(lambda: first == ["a", "b"], doing=stream.deliver_to(lambda event: first.extend(rows(event))).step)
    stream.put("c")

    delivery = stream.deliver_to(lambda event: second.extend(rows(event)))

    until(lambda: second, doing=delivery.step)
    assert second == ["c"]


def test_a_partial_failure_repeats_the_failed_record_and_those_after_it(stream: StreamedTable) -> None:
    batches: list[list[str]] = []

    def fail_once(event: Event) -> Any:
        batches.append(rows(event))
        return failed(event, "b", "c") if len(batches) == 1 else None

    stream.put("a", "b", "c")
    delivery = stream.deliver_to(fail_once)

    until(lambda: len(batches) == 2, doing=delivery.step)
    assert batches == [["a", "b", "c"], ["b", "c"]]


def test_a_record_that_keeps_failing_is_discarded_and_blocks_no_other(
    stream: StreamedTable, caplog: pytest.LogCaptureFixture
) -> None:
    batches: list[list[str]] = []

    def never_b(event: Event) -> Any:
        batches.append(rows(event))
        return failed(event, "b")

    stream.put("a", "b", "c")
    delivery = stream.deliver_to(never_b)

    until(lambda: batches[-1:] == [["c"]], doing=delivery.step)
    assert sum("b" in batch for batch in batches) == 1 + REMATCH.retries
    assert "discards a record" in caplog.text


def test_an_exception_discards_only_the_record_that_causes_it(stream: StreamedTable) -> None:
    handled: set[str] = set()

    def fail_on_poison(event: Event) -> None:
        if "poison" in rows(event):
            raise ValueError("poison")
        handled.update(rows(event))

    stream.put("a", "b", "c", "poison", "d", "e")
    delivery = stream.deliver_to(fail_on_poison)

    until(lambda: handled == {"a", "b", "c", "d", "e"}, doing=delivery.step)


def test_every_batch_can_be_delivered_twice(stream: StreamedTable) -> None:
    batches: list[list[str]] = []
    stream.put("a")
    delivery = stream.deliver_to(lambda event: batches.append(rows(event)))

    delivery.resume(deliveries=2)

    until(lambda: batches == [["a"], ["a"]], doing=delivery.step)


def test_a_held_stream_delivers_its_records_after_it_resumes(stream: StreamedTable) -> None:
    delivered: list[str] = []
    delivery = stream.deliver_to(lambda event: delivered.extend(rows(event)))
    delivery.hold()
    stream.put("a", "b")
    for _ in range(5):
        delivery.step()
    assert delivered == []

    delivery.resume()

    until(lambda: delivered == ["a", "b"], doing=delivery.step)


def test_a_hold_waits_for_the_batch_in_flight(stream: StreamedTable) -> None:
    arrived, release = threading.Event(), threading.Event()

    def take_long(_event: Event) -> None:
        arrived.set()
        release.wait(60)

    stream.put("a")
    delivery = stream.deliver_to(take_long)
    delivery.start()
    assert arrived.wait(60)
    hold = threading.Thread(target=delivery.hold)
    hold.start()
    hold.join(0.05)
    assert hold.is_alive()

    release.set()

    hold.join(60)
    assert not hold.is_alive()
    delivery.stop()


def test_a_running_delivery_delivers_later_records(stream: StreamedTable) -> None:
    delivered: list[str] = []
    delivery = stream.deliver_to(lambda event: delivered.extend(rows(event)))
    delivery.start()
    stream.put("a")
    until(lambda: delivered == ["a"])
    stream.put("b")
    delivery.nudge()
    until(lambda: delivered == ["a", "b"])
    delivery.stop()
