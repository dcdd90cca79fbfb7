"""Delivery of the table's stream on simulated time, by Lambda's rules.

`parallelism` functions read each shard. All records of one partition key go to the same function, in order and one
batch at a time.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalicelib.event_sources import PARALLELISM, REMATCH
from infra.in_memory_dynamodb.stream_records import ItemChange
from infra.shard import Record, Shard, count_done, passes_filter
from infra.simulation.scheduler import Scheduler


@dataclass(frozen=True, slots=True)
class EventSource:
    """The settings of the event source and the number of shards of the stream."""

    shards: int = 4
    parallelism: int = PARALLELISM
    batch_size: int = REMATCH.batch_size
    poll_seconds: float = 0.2


class SimulatedDelivery:
    """The delivery to `handler` of the records that the deployed filter passes.

    `crashes` has the exceptions of the handler. `dead_letters` is the dead-letter queue.
    """

    def __init__(self, scheduler: Scheduler, handler: Callable[[list[Record]], Any], source: EventSource) -> None:
        self.crashes: list[Exception] = []
        self.dead_letters: list[Record] = []
        self._handler = handler
        self._queues = [_FunctionQueue(scheduler, self, source) for _ in range(source.shards * source.parallelism)]

    def enqueue(self, change: ItemChange) -> None:
        """Queue the stream record of a change."""
        record = change.record()
        if passes_filter("rematch", record):
            pk = record["dynamodb"]["Keys"]["PK"]["S"]
            self._queues[zlib.crc32(pk.encode()) % len(self._queues)].enqueue(record)

    @property
    def backlog(self) -> int:
        """The number of queued records."""
        return sum(len(queue.backlog) for queue in self._queues)

    def deliver(self, batch: list[Record]) -> int | None:
        """Return the number of records done, or None where the function failed."""
        try:
            return count_done(batch, self._handler(batch))
        except Exception as crash:  # noqa: BLE001 - as on Lambda: the batch is delivered again
            self.crashes.append(crash)
            return None


class _FunctionQueue:
    """One running function and its queued records."""

    def __init__(self, scheduler: Scheduler, delivery: SimulatedDelivery, source: EventSource) -> None:
        self.backlog: list[Record] = []
        self._scheduler = scheduler
        self._owner = delivery
        self._source = source
        self._busy = False

    def enqueue(self, record: Record) -> None:
        self.backlog.append(record)
        if not self._busy:
            self._busy = True
            self._scheduler.spawn(self._run, after=self._source.poll_seconds)

    def _run(self) -> None:
        shard = Shard(self._source.batch_size, REMATCH.retries)
        while self.backlog:
            batch = self.backlog[: shard.size]
            outcome = shard.record_delivery(batch, self._owner.deliver(batch))
            if outcome.discarded:
                self._owner.dead_letters.append(outcome.discarded)
            del self.backlog[: outcome.done]
            if outcome.pause:
                self._scheduler.pause(outcome.pause)
        self._busy = False
