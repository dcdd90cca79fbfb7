"""The event source of the function that announces events, with the order and the repetitions that the stream allows.

Records of one item stay in order. All records of a member go to one invocation at a time. From the first record that
fails, a batch is delivered again, and so is the whole batch of a crashed invocation.
"""

from collections.abc import Set
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from infra.in_memory_dynamodb.stream_records import Record
from infra.shard import count_done, sequence_number
from tests.simulation.scenarios.cast import IDS

_POISON = "poisoned"


class DayDelivery(StrEnum):
    """The deliveries of the records of days."""

    ALL = ""
    TWICE = "each record twice"
    BY_ITEM = "one item after the other"
    SPLIT = "half of the records"
    AGAIN = "all records from the first"
    POISONED = "records with poison"


def _poison_record(member_id: str, image: dict[str, Any]) -> Record:
    keys = {"PK": {"S": f"MEMBER#{member_id}"}, "SK": {"S": "DAY#2026-03-02"}}
    change = {"Keys": keys, "SequenceNumber": f"{_POISON} {member_id}", "NewImage": keys | image}
    return {"eventName": "MODIFY", "dynamodb": change | {"ApproximateCreationDateTime": 0}}


# Records that the function cannot process: of a member who has others, and of an unknown one.
POISON_DAY_RECORDS: tuple[Record, ...] = (
    _poison_record(IDS["Ada"], {"k": {"S": "day"}}),
    _poison_record("unknown", {"k": {"S": "unknown"}}),
)


@dataclass
class DayStream:
    """The records of days and their delivery.

    `written` has all records in the order of the commits, `waiting` those that are not done and not in flight.
    `in_flight` has those that each actor holds.
    """

    written: list[Record] = field(default_factory=list)
    waiting: list[Record] = field(default_factory=list)
    in_flight: dict[int, list[Record]] = field(default_factory=dict)

    def copy(self) -> "DayStream":
        """Return an independent copy."""
        return DayStream(self.written.copy(), self.waiting.copy(), self.in_flight.copy())

    def add(self, record: Record) -> None:
        """Add the record of a commit."""
        self.written.append(record)
        self.waiting.append(record)

    def take(self, actor: int, option: str, crashed: Set[int]) -> list[Record]:
        """Return the next batch of an actor. The records of crashed actors wait again."""
        for other in [other for other in self.in_flight if other in crashed]:
            self._wait_again(self.in_flight.pop(other))
        busy = {_owner(record) for records in self.in_flight.values() for record in records}
        free = [record for record in self.waiting if _owner(record) not in busy]
        if option == DayDelivery.SPLIT:
            free = free[: (len(free) + 1) // 2]
        self.in_flight[actor] = free
        taken = {sequence_number(record) for record in free}
        self.waiting = [record for record in self.waiting if sequence_number(record) not in taken]
        match option:
            case DayDelivery.TWICE:
                return free + free
            case DayDelivery.BY_ITEM:
                return sorted(free, key=_item, reverse=True)
            case DayDelivery.AGAIN:
                return self.written.copy()
            case DayDelivery.POISONED:
                return [*POISON_DAY_RECORDS, *free]
        return free

    def give_back(self, actor: int, batch: list[Record], response: Any) -> None:
        """Let the records wait again that the response of an invocation leaves. Poison records do not come again."""
        left = {sequence_number(record) for record in batch[count_done(batch, response) :]}
        held = self.in_flight.pop(actor, [])
        self._wait_again([record for record in held if sequence_number(record) in left])

    def _wait_again(self, records: list[Record]) -> None:
        self.waiting = sorted([*self.waiting, *records], key=sequence_number)


def _owner(record: Record) -> str:
    owner: str = record["dynamodb"]["Keys"]["PK"]["S"]
    return owner


def _item(record: Record) -> tuple[str, str]:
    keys = record["dynamodb"]["Keys"]
    return keys["PK"]["S"], keys["SK"]["S"]
