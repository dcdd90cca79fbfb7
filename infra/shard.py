"""Lambda's rules for the delivery of a stream, with partial failures, bisection, retries and discarded records.

The deliveries of the local run, of the simulator and of the local stack share them. Each reads its own stream and has
its own failure destination.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from chalicelib.event_sources import UNLIMITED
from chalicelib.storage.keys import DAY, JOB, PAIRS, POOL, member
from chalicelib.storage.mappers import is_pair_by_lock

FIRST_RETRY_SECONDS = 0.1
LONGEST_RETRY_SECONDS = 60.0

Record = dict[str, Any]


def passes_filter(function: str, record: Record) -> bool:
    """Return whether the filter of a deployed function's event source lets the record through."""
    return _FILTERS[function](record)


def _is_change_of_day(record: Record) -> bool:
    change = record["dynamodb"]
    keys = change["Keys"]
    return "NewImage" in change and keys["PK"]["S"].startswith(member("")) and keys["SK"]["S"].startswith(DAY)


def _requests_work(record: Record) -> bool:
    if record["eventName"] != "INSERT":
        return False
    change = record["dynamodb"]
    pk = change["Keys"]["PK"]["S"]
    return pk.startswith((POOL, JOB)) or (pk.startswith(PAIRS) and is_pair_by_lock(change.get("NewImage", {})))


_FILTERS = {"rematch": _requests_work, "events": _is_change_of_day}


def sequence_number(record: Record) -> str:
    """Return the record's place in its shard."""
    number: str = record["dynamodb"]["SequenceNumber"]
    return number


def count_done(batch: Sequence[Record], response: Any) -> int:
    """Return how many records, from the first, the handler's response reports as done."""
    failures = (response or {}).get("batchItemFailures") or []
    places = {sequence_number(record): place for place, record in enumerate(batch)}
    # Lambda treats an unknown identifier as a failure of the whole batch.
    return min((places.get(failure["itemIdentifier"], 0) for failure in failures), default=len(batch))


class DeliveryOutcome(NamedTuple):
    """The outcome of one delivery.

    `done` counts the records, from the first, that are not delivered again. `discarded` is the last of them if it goes
    to the failure destination. The next delivery is due after `pause` seconds.
    """

    done: int
    discarded: Record | None
    pause: float


@dataclass
class Shard:
    """The delivery state of one shard, with the size of its next batch and the failures of the first record."""

    batch_size: int
    retries: int
    failures: int = field(default=0, init=False)
    size: int = field(init=False)

    def __post_init__(self) -> None:
        """Start with a full batch."""
        self.size = self.batch_size

    def record_delivery(self, batch: Sequence[Record], done: int | None) -> DeliveryOutcome:
        """Return the outcome of a delivery by the number of records done, None if the function failed."""
        # After a failure of the function the batch is halved, until the failing record is alone.
        self.size = max(1, len(batch) // 2) if done is None else self.batch_size
        done = done or 0
        if done == len(batch):
            self.failures = 0
        elif done or len(batch) > self.size:
            # Another record is first now, or the batch of the same record is smaller.
            self.failures = 1
        else:
            self.failures += 1
        discarded = None
        if self.failures > self.retries != UNLIMITED:
            self.failures, done, discarded = 0, 1, batch[0]
        return DeliveryOutcome(done, discarded, self._pause())

    def _pause(self) -> float:
        """Return the seconds until the next delivery, which double with each retry."""
        if not self.failures:
            return 0.0
        # More than these doublings reach the longest pause.
        doublings = min(self.failures - 1, 16)
        return min(FIRST_RETRY_SECONDS * 2**doublings, LONGEST_RETRY_SECONDS)
