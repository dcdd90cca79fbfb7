"""Delivery of the table's stream on simulated time, by Lambda's rules.

Several functions read each shard at a time (`parallelism`). All records of one partition key go to the same function:
those of one item come in order, one batch after the other.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalicelib.settings import BATCH_SIZE, PARALLELISM
from infra.in_memory_dynamodb.stream_records import Change
from infra.shard import Record, Shard, count_done, is_wanted
from infra.simulation.scheduler import Scheduler


@dataclass(frozen=True, slots=True)
class EventSource:
    """The settings of the event source, and the number of shards of the stream."""

    shards: int = 4
    parallelism: int = PARALLELISM
    batch_size: int = BATCH_SIZE
    poll_seconds: float = 0.2


class StreamDelivery:
    """The delivery to `handler` of the records that the deployed filter lets through.

    `crashes` holds the exceptions that it raised. `given_up` is the failure destination.
    """

    def __init__(self, scheduler: Scheduler, handler: Callable[[list[Record]], Any], source: EventSource) -> None:
        self.crashes: list[Exception] = []
        self.discarded: list[Record] = []
        self._handler = handler
        self._queues = [_FunctionQueue(scheduler, self, source) for _ in range(source.shards * source.parallelism)]

    def enqueue(self, change: Change) -> None:
        """Queue the stream's record of a change."""
        record = change.record()
        if is_wanted(record):
            pk = record["dynamodb"]["Keys"]["PK"]["S"]
            self._queues[zlib.crc32(pk.encode()) % len(self._queues)].enqueue(record)

    @property
    def backlog(self) -> int:
        """The number of records that are not done."""
        return sum(len(queue.backlog) for queue in self._queues)

    def deliver(self, batch: list[Record]) -> int | None:
        """Return the number of records done; None where the function failed."""
        try:
            return count_done(batch, self._handler(batch))
        except Exception as crash:  # noqa: BLE001 - as on Lambda: the batch is delivered again
            self.crashes.append(crash)
            return None


class _FunctionQueue:
    """One function that runs, and the records that wait for it."""

    def __init__(self, scheduler: Scheduler, delivery: StreamDelivery, source: EventSource) -> None:
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
        shard = Shard(self._source.batch_size)
        while self.backlog:
            batch = self.backlog[: shard.size]
            settled = shard.settle(batch, self._owner.deliver(batch))
            if settled.discarded:
                self._owner.discarded.append(settled.discarded)
            del self.backlog[: settled.done]
            if settled.pause:
                self._scheduler.pause(settled.pause)
        self._busy = False
