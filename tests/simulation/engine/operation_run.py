"""Who did what: an operation being carried out, and the commits that it made."""

from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalicelib.storage.keys import Key
from tests.simulation.oracles.table_history import Value
from tests.simulation.scenarios.operations import ActorOperation


class OracleViolation(AssertionError):
    """Something that must never be, or must never have been done."""


@dataclass(frozen=True, slots=True)
class Commit:
    """One transaction that changed something: `number` is the moment that it began."""

    number: int
    at: datetime
    changed: dict[Key, Value | None]


@dataclass
class OperationRun:
    """One operation on stage: when it came and looked, when it began to send, what it wrote, and what came of it.

    `refusal` is how it was refused, if it was; `failed` is what it raised that no use case may raise. One that has
    neither answered nor failed has crashed in between.
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
        """The same so far, to go on apart; what has ended stays as it is."""
        if self.ended is not None:
            return self
        other = copy(self)
        other.commits = self.commits.copy()
        return other
