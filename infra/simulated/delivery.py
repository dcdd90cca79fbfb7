"""Delivery of the table's stream on simulated time, by the rules of Lambda's event source source.

Each shard is read by so many functions at a time, and all records of one partition key go to the same of them: those
of one item come in order, one batch after the other. A batch is handed over again from the first record that was left
undone; a record that keeps failing is given up after some tries.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from infra.local.stream import FIRST_RETRY_SECONDS, MOST_TRIES, is_wanted, settled
from infra.simulated.records import Change, Record
from infra.simulated.scheduler import Scheduler


@dataclass(frozen=True, slots=True)
class EventSource:
    """How the event source is set, and how many shards the stream has."""

    shards: int = 4
    parallelism: int = 10
    batch_size: int = 100
    poll_seconds: float = 0.2


class Delivery:
    """Hands the records that the deployed filter lets through to `handler`; `crashes` holds what it raised."""

    def __init__(self, scheduler: Scheduler, handler: Callable[[list[Record]], Any], source: EventSource) -> None:
        self.crashes: list[Exception] = []
        deliver = partial(self._deliver, handler)
        self._lanes = [_Lane(scheduler, deliver, source) for _ in range(source.shards * source.parallelism)]

    def take(self, change: Change) -> None:
        """Deliver what the stream tells of a change, soon."""
        record = change.record()
        if is_wanted(record):
            pk = record["dynamodb"]["Keys"]["PK"]["S"]
            self._lanes[zlib.crc32(pk.encode()) % len(self._lanes)].take(record)

    @property
    def backlog(self) -> int:
        """The records that are not yet done with."""
        return sum(len(lane.backlog) for lane in self._lanes)

    def _deliver(self, handler: Callable[[list[Record]], Any], batch: list[Record]) -> int | None:
        """Count the records that are done with; None where the function failed."""
        try:
            return settled(batch, handler(batch))
        except Exception as crash:  # noqa: BLE001 - as on Lambda: the batch is delivered again
            self.crashes.append(crash)
            return None


class _Lane:
    """One function at a time, and the records that wait for it."""

    def __init__(
        self, scheduler: Scheduler, deliver: Callable[[list[Record]], int | None], source: EventSource
    ) -> None:
        self.backlog: list[Record] = []
        self._scheduler = scheduler
        self._deliver = deliver
        self._source = source
        self._busy = False

    def take(self, record: Record) -> None:
        self.backlog.append(record)
        if not self._busy:
            self._busy = True
            self._scheduler.spawn(self._run, after=self._source.poll_seconds)

    def _run(self) -> None:
        tries, size = 0, self._source.batch_size
        while self.backlog:
            batch = self.backlog[:size]
            done = self._deliver(batch)
            # Halved until the record that fails stands alone: only that one may be given up.
            size = max(1, len(batch) // 2) if done is None else self._source.batch_size
            tries = 0 if done == len(batch) else 1 if done or len(batch) > size else tries + 1
            if tries == MOST_TRIES:
                tries, done = 0, 1
            del self.backlog[: done or 0]
            if tries:
                self._scheduler.pause(FIRST_RETRY_SECONDS * 2 ** (tries - 1))
        self._busy = False
