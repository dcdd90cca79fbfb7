"""Delivery of the table's stream by Lambda's rules, in a thread. A restart continues from the last checkpoint."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime

from botocore.client import BaseClient

from infra.local.events.sources import DeclaredStream, stream_event
from infra.local.state import LocalState
from infra.shard import Record, Shard, count_done, passes_filter, sequence_number

log = logging.getLogger(__name__)

BATCH_WINDOW_SECONDS = 0.04
SHORTEST_IDLE_SECONDS = 0.01
# A write over HTTP ends an idle wait. Only those of the schedules and of other processes are found by it.
LONGEST_IDLE_SECONDS = 2.0
READ_RETRY_SECONDS = 1.0
STOP_SECONDS = 1.0


class StreamDelivery:
    """The delivery of one stream to one function. `dated` returns the service's instant of a real one."""

    def __init__(
        self,
        client: BaseClient,
        declared: DeclaredStream,
        state: LocalState,
        dated: Callable[[datetime], datetime] = lambda real: real,
    ) -> None:
        self._reader = _ShardReader(client, declared, state)
        self._declared = declared
        self._dated = dated
        self._shard = Shard(declared.batch_size, declared.retries)
        self._backlog: list[Record] = []
        self._deliveries = 1
        self._held = False
        self._idle_seconds = SHORTEST_IDLE_SECONDS
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._nudged = threading.Event()
        self._thread = threading.Thread(target=self._run, name=declared.name, daemon=True)

    def start(self) -> None:
        """Start the delivery."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the delivery."""
        self._stopping.set()
        self._nudged.set()
        self._thread.join(STOP_SECONDS)

    def nudge(self) -> None:
        """Read the stream at once, since an item was probably written."""
        self._nudged.set()

    def hold(self) -> None:
        """Pause the delivery until `resume`, after the batch in flight."""
        with self._lock:
            self._held = True

    def resume(self, deliveries: int = 1) -> None:
        """Continue the delivery, with each batch `deliveries` times."""
        with self._lock:
            self._held = False
            self._deliveries = deliveries
        self.nudge()

    def step(self) -> float:
        """Deliver the next batch if there is one, and return the seconds until the next step."""
        with self._lock:
            if self._held:
                return LONGEST_IDLE_SECONDS
            if not self._backlog and not self._read():
                self._idle_seconds = min(2 * self._idle_seconds, LONGEST_IDLE_SECONDS)
                return self._idle_seconds
            self._idle_seconds = SHORTEST_IDLE_SECONDS
            batch = self._backlog[: self._shard.size]
            return self._deliver_batch(batch) if batch else 0.0

    def _run(self) -> None:
        pause = 0.0
        while not self._stopping.is_set():
            # A retry waits for its whole pause. An idle wait ends with the next write.
            (self._stopping if self._shard.failures else self._nudged).wait(pause)
            self._nudged.clear()
            # Records written within this window come in one batch, which costs no more than a batch of one record.
            self._stopping.wait(BATCH_WINDOW_SECONDS)
            try:
                pause = self.step()
            except Exception:
                log.exception("The stream could not be read; trying again.")
                pause = READ_RETRY_SECONDS

    def _read(self) -> bool:
        records = self._reader.read()
        self._backlog = [record for record in records if passes_filter(self._declared.name, record)]
        return bool(records)

    def _deliver_batch(self, batch: list[Record]) -> float:
        """Deliver a batch, and return the seconds until the next delivery."""
        outcome = self._shard.record_delivery(batch, self._call_function(batch))
        if outcome.discarded:
            log.error("%s discards a record: %s", self._declared.name, outcome.discarded)
        if outcome.done:
            self._reader.keep_checkpoint(sequence_number(batch[outcome.done - 1]))
            del self._backlog[: outcome.done]
        return outcome.pause

    def _call_function(self, batch: list[Record]) -> int | None:
        """Call the function and return the number of records done, or None if it failed."""
        try:
            for _ in range(self._deliveries):
                response = self._declared.handler(stream_event(self._declared.arn, batch, self._dated))
            return count_done(batch, response)
        except Exception:
            log.exception("%s failed on a batch of %d.", self._declared.name, len(batch))
            return None


class _ShardReader:
    """A reader that continues from the checkpoint. The engine has one shard per stream, which never ends."""

    def __init__(self, client: BaseClient, declared: DeclaredStream, state: LocalState) -> None:
        self._client = client
        self._declared = declared
        self._state = state
        self._checkpoint = f"checkpoint {declared.name} {declared.arn}"
        self._last_read = state.read(self._checkpoint)
        self._iterator = ""

    def read(self) -> list[Record]:
        """Return the records that follow the last one read."""
        self._iterator = self._iterator or self._new_iterator()
        try:
            page = self._client.get_records(ShardIterator=self._iterator)
        except (self._client.exceptions.ExpiredIteratorException, self._client.exceptions.TrimmedDataAccessException):
            self._iterator = ""
            return []
        self._iterator = page.get("NextShardIterator", "")
        if page["Records"]:
            self._last_read = sequence_number(page["Records"][-1])
        return page["Records"]

    def keep_checkpoint(self, sequence_number: str) -> None:
        """Store the sequence number up to which all records are done."""
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
