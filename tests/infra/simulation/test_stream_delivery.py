"""Stream delivery on simulated time, by Lambda's rules, to a handler of the test."""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from chalicelib.event_sources import REMATCH
from infra.in_memory_dynamodb.ordered_items import StoredItem
from infra.in_memory_dynamodb.stream_records import ItemChange, Record
from infra.simulation.scheduler import Scheduler
from infra.simulation.stream_delivery import EventSource, SimulatedDelivery

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class DeliveryFixture:
    """A handler and the batches that it received, as inserted sort keys by partition key."""

    def __init__(self, source: EventSource, result: Callable[[list[Record]], Any] = lambda _: None) -> None:
        self.scheduler = Scheduler(START, Random(1))
        self.batches: defaultdict[str, list[list[str]]] = defaultdict(list)
        self.running = self.most_running = 0
        self._handler_result = result
        self.delivery = SimulatedDelivery(self.scheduler, self._handle, source)

    def insert(self, *keys: str, pk: str = "POOL#1") -> None:
        for key in keys:
            row = StoredItem({"PK": {"S": pk}, "SK": {"S": key}}, 10)
            self.delivery.enqueue(ItemChange(int(key), 0.0, None, row))

    def run(self) -> None:
        self.scheduler.run(START + timedelta(hours=1))

    def _handle(self, records: list[Record]) -> Any:
        self.running += 1
        self.most_running = max(self.running, self.most_running)
        self.scheduler.pause(1)
        self.running -= 1
        keys = [record["dynamodb"]["Keys"] for record in records]
        self.batches[keys[0]["PK"]["S"]].append([key["SK"]["S"] for key in keys])
        return self._handler_result(records)


def failing(*keys: str) -> Callable[[list[Record]], Any]:
    def result(records: list[Record]) -> Any:
        failed = [record["dynamodb"] for record in records if record["dynamodb"]["Keys"]["SK"]["S"] in keys]
        return {"batchItemFailures": [{"itemIdentifier": record["SequenceNumber"]} for record in failed]}

    return result


def test_a_batch_has_all_queued_records_up_to_its_size() -> None:
    stream = DeliveryFixture(EventSource(batch_size=3))
    stream.insert("1", "2", "3", "4")
    stream.run()
    assert stream.batches == {"POOL#1": [["1", "2", "3"], ["4"]]}
    assert stream.delivery.backlog == 0


def test_a_record_outside_of_the_deployed_filter_is_not_delivered() -> None:
    stream = DeliveryFixture(EventSource())
    stream.insert("1", pk="MEMBER#a")
    stream.run()
    assert not stream.batches


def test_records_of_one_partition_key_are_delivered_in_order() -> None:
    stream = DeliveryFixture(EventSource(shards=1, parallelism=10, batch_size=1))
    for key in range(20):
        stream.insert(str(key), pk=f"POOL#{key % 10}")
    stream.run()
    assert stream.batches == {f"POOL#{pk}": [[str(pk)], [str(pk + 10)]] for pk in range(10)}
    assert 1 < stream.most_running <= 10


def test_one_function_reads_a_shard_without_parallelism() -> None:
    stream = DeliveryFixture(EventSource(shards=1, parallelism=1, batch_size=1))
    for key in range(6):
        stream.insert(str(key), pk=f"POOL#{key}")
    stream.run()
    assert stream.most_running == 1


def test_a_batch_is_retried_from_its_first_failure_until_that_record_is_dropped() -> None:
    stream = DeliveryFixture(EventSource(), failing("2"))
    stream.insert("1", "2", "3")
    stream.run()
    assert stream.batches["POOL#1"] == [["1", "2", "3"], *[["2", "3"]] * REMATCH.retries, ["3"]]


def test_a_failing_batch_is_halved_until_the_failing_record_is_alone() -> None:
    def result(records: list[Record]) -> None:
        if any(record["dynamodb"]["Keys"]["SK"]["S"] == "3" for record in records):
            raise ValueError("three")

    stream = DeliveryFixture(EventSource(), result)
    stream.insert("1", "2", "3", "4")
    stream.run()
    tried = [["3", "4"], *[["3"]] * REMATCH.retries]
    assert stream.batches["POOL#1"] == [["1", "2", "3", "4"], ["1", "2"], *tried, ["4"]]
    assert len(stream.delivery.crashes) == 2 + REMATCH.retries
    assert [row["dynamodb"]["Keys"]["SK"]["S"] for row in stream.delivery.dead_letters] == ["3"]
