"""Operation runs and their commits. A moment is an index into `TableHistory.moments`."""

from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalicelib.domain.model.day import Day
from chalicelib.storage.keys import Key
from infra.in_memory_dynamodb.stream_records import Record
from infra.simulation.channel_services import Entry
from tests.simulation.oracles.table_history import Value
from tests.simulation.scenarios.operations import ActorOperation


class OracleViolation(AssertionError):
    """A violated rule."""


@dataclass(frozen=True, slots=True)
class Commit:
    """One transaction that changed the table. `number` is the moment that starts with the transaction."""

    number: int
    at: datetime
    changed: dict[Key, Value | None]


@dataclass(frozen=True, slots=True)
class DayCommit:
    """A write of a day, before it and after it, at the instant of its stream record."""

    before: Day | None
    after: Day
    at: datetime
    record: Record


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message that the bus or a queue accepted.

    The operation run that sent it began at the moment `began`. It was accepted at `moment`.
    """

    destination: str
    entry: Entry
    began: int
    moment: int


@dataclass
class OperationRun:
    """One operation of a run.

    `came` is the moment of its first read of the history, `began` that of its first request. `refusal` is the error
    with which it was refused. `failed` is an exception that no use case may raise. An operation without an outcome has
    crashed.
    """

    number: int
    operation: ActorOperation
    came: int
    at: datetime
    began: int
    requests: int = 0
    commits: list[Commit] = field(default_factory=list)
    result: Any = None
    refusal: Exception | None = None
    failed: Exception | None = None
    ended: int | None = None
    ended_at: datetime | None = None
    faults: int = 0
    invalid: bool = False

    def copy(self) -> "OperationRun":
        """Return an independent copy. An ended operation never changes and needs none."""
        if self.ended is not None:
            return self
        other = copy(self)
        other.commits = self.commits.copy()
        return other
