"""Delivery of the table's stream, by the rules of Lambda's event source mapping.

A batch is delivered at least once, in order; what it leaves undone is delivered again; a record that keeps failing is
given up after some tries instead of blocking all that follow it.
"""

import logging
import threading
from typing import Any

from botocore.client import BaseClient

from infra.local.events import DeclaredStream, stream_event
from infra.local.state import LocalState

log = logging.getLogger(__name__)

MOST_TRIES = 5
FIRST_RETRY_SECONDS = 0.1
BREATH_SECONDS = 0.04
SHORTEST_IDLE_SECONDS = 0.01
LONGEST_IDLE_SECONDS = 0.1
ENGINE_GONE_SECONDS = 1.0
STOP_SECONDS = 1.0

Record = dict[str, Any]


def is_wanted(record: Record) -> bool:
    """Tell whether the deployed event source's filter lets the record through."""
    return record["eventName"] == "INSERT" and record["dynamodb"]["Keys"]["PK"]["S"].startswith(("POOL#", "CHORE#"))


def settled(batch: list[Record], answer: Any) -> int:
    """Count the records, from the first, that the handler's answer says are done with."""
    failures = (answer or {}).get("batchItemFailures") or []
    numbers = [_sequence_number(record) for record in batch]
    # Lambda takes an identifier it did not send for a failure of the whole batch.
    return min((_index(numbers, failure["itemIdentifier"]) for failure in failures), default=len(batch))


class StreamDelivery:
    """Reads one stream and hands its records to one function."""

    def __init__(self, client: BaseClient, declared: DeclaredStream, state: LocalState) -> None:
        self._reader = _ShardReader(client, declared, state)
        self._declared = declared
        self._batch_size = declared.batch_size
        self._backlog: list[Record] = []
        self._tries = 0
        self._deliveries = 1
        self._held = False
        self._idle_seconds = SHORTEST_IDLE_SECONDS
        self._turn = threading.Lock()
        self._stopping = threading.Event()
        self._nudged = threading.Event()
        self._thread = threading.Thread(target=self._run, name=declared.name, daemon=True)

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    def stop(self) -> None:
        """Deliver nothing further."""
        self._stopping.set()
        self._nudged.set()
        self._thread.join(STOP_SECONDS)

    def nudge(self) -> None:
        """Look at once: something was probably written."""
        self._nudged.set()

    def hold(self) -> None:
        """Deliver nothing until `resume`; a batch in flight ends before this returns."""
        with self._turn:
            self._held = True

    def resume(self, deliveries: int = 1) -> None:
        """Deliver from where it stopped, every batch that many times."""
        with self._turn:
            self._held = False
            self._deliveries = deliveries

    def step(self) -> float:
        """Deliver one batch, if there is one, and answer how many seconds to leave until the next step."""
        with self._turn:
            if self._held:
                return LONGEST_IDLE_SECONDS
            if not self._backlog and not self._read():
                self._idle_seconds = min(2 * self._idle_seconds, LONGEST_IDLE_SECONDS)
                return self._idle_seconds
            self._idle_seconds = SHORTEST_IDLE_SECONDS
            batch = self._backlog[: self._batch_size]
            return self._settle(batch, self._deliver(batch)) if batch else 0.0

    def _run(self) -> None:
        pause = 0.0
        while not self._stopping.is_set():
            # A retry waits its time; idling ends as soon as something was written.
            (self._stopping if self._tries else self._nudged).wait(pause)
            self._nudged.clear()
            # What is written meanwhile comes in one batch: a batch of one costs as much as a batch of many.
            self._stopping.wait(BREATH_SECONDS)
            try:
                pause = self.step()
            except Exception:
                log.exception("The stream could not be read; trying again.")
                pause = ENGINE_GONE_SECONDS

    def _read(self) -> bool:
        records = self._reader.read()
        self._backlog = [record for record in records if is_wanted(record)]
        return bool(records)

    def _deliver(self, batch: list[Record]) -> int:
        try:
            for _ in range(self._deliveries):
                answer = self._declared.handler(stream_event(self._declared.arn, batch))
            done = settled(batch, answer)
        except Exception:
            log.exception("%s failed on a batch of %d.", self._declared.name, len(batch))
            # Halved until the record that fails stands alone: only that one may be given up.
            self._batch_size = max(1, len(batch) // 2)
            return 0
        self._batch_size = self._declared.batch_size
        return done

    def _settle(self, batch: list[Record], done: int) -> float:
        if done == len(batch):
            self._tries = 0
        elif done > 0 or len(batch) > self._batch_size:
            self._tries = 1
        else:
            self._tries += 1
        if self._tries == MOST_TRIES:
            log.error("%s gives up on a record after %d tries: %s", self._declared.name, MOST_TRIES, batch[0])
            self._tries, done = 0, 1
        if done:
            self._reader.keep_checkpoint(_sequence_number(batch[done - 1]))
            del self._backlog[:done]
        return FIRST_RETRY_SECONDS * 2 ** (self._tries - 1) if self._tries else 0.0


class _ShardReader:
    """Reads on from the checkpoint; the engine keeps a stream in one shard that never ends."""

    def __init__(self, client: BaseClient, declared: DeclaredStream, state: LocalState) -> None:
        self._client = client
        self._declared = declared
        self._state = state
        self._checkpoint = f"checkpoint {declared.name} {declared.arn}"
        self._last_read = state.read(self._checkpoint)
        self._iterator = ""

    def read(self) -> list[Record]:
        """Answer the records that follow the last one read."""
        self._iterator = self._iterator or self._new_iterator()
        try:
            page = self._client.get_records(ShardIterator=self._iterator)
        except (self._client.exceptions.ExpiredIteratorException, self._client.exceptions.TrimmedDataAccessException):
            self._iterator = ""
            return []
        self._iterator = page.get("NextShardIterator", "")
        if page["Records"]:
            self._last_read = _sequence_number(page["Records"][-1])
        return page["Records"]

    def keep_checkpoint(self, sequence_number: str) -> None:
        """Remember that everything up to that record is done with."""
        self._state.write(self._checkpoint, sequence_number)

    def _new_iterator(self) -> str:
        arn = self._declared.arn
        shard = self._client.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
        where = {"ShardIteratorType": self._declared.starting_position}
        if self._last_read:
            where = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": self._last_read}
        try:
            found = self._client.get_shard_iterator(StreamArn=arn, ShardId=shard, **where)
        except self._client.exceptions.TrimmedDataAccessException:
            found = self._client.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
        return found["ShardIterator"]


def _sequence_number(record: Record) -> str:
    return record["dynamodb"]["SequenceNumber"]


def _index(numbers: list[str], number: str) -> int:
    return numbers.index(number) if number in numbers else 0
