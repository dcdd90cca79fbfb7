"""Replay of memoized operations.

As long as the inputs match an earlier run, the next request of an operation is taken from memory. The inputs are the
caller, the initial state, the responses of the table, the table history that the operation reads, and the stream
records. The clock stands still, and random numbers and ids come from a seed. So all runs of an operation form a tree: a
node for each request, a branch for each response, and an outcome at each leaf. Where an input has no branch yet, the
use case runs from its start on the inputs received so far.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from botocore.exceptions import ClientError
from greenlet import GreenletExit

from tests.simulation.engine.memoization import memo_of, memoize_by_identity

# A thousand nodes take a few megabytes.
MAX_NODES = 100_000


@dataclass(frozen=True, slots=True)
class OperationInput:
    """An input that an operation reads from its run, and the fingerprint that identifies it."""

    read: Callable[[Any], Any]
    fingerprint: Callable[[Any], Hashable] = lambda result: result


@dataclass(frozen=True, slots=True)
class OperationOutcome:
    """The result or exception of an operation."""

    result: Any = None
    raised: Exception | None = None


@dataclass(slots=True)
class ReplayNode:
    """The state of an operation after certain inputs, with its next input or its outcome."""

    wanted: OperationInput | None = None
    outcome: OperationOutcome | None = None
    children: dict[Hashable, "ReplayNode"] = field(default_factory=dict)


@dataclass(slots=True)
class _ReplayMemory:
    roots: dict[Hashable, ReplayNode] = field(default_factory=dict)
    nodes: int = 0


class OperationReplay:
    """One operation of a run, replayed from memory as far as possible."""

    def __init__(self, run: Any, root: Hashable | None, execute: Callable[["OperationReplay"], Any]) -> None:
        self._run = run
        self._execute = execute
        self._memory = _memory() if root is not None else None
        self._node = self._memory.roots.setdefault(root, ReplayNode()) if self._memory else ReplayNode()
        self._received: list[tuple[Any, Exception | None]] = []
        self._replayed = 0
        self._stopped = False

    def fork(self, run: Any, execute: Callable[["OperationReplay"], Any]) -> "OperationReplay":
        """Return the operation at the same node for another run. Only a replayed operation can be forked."""
        assert self._memory
        other = OperationReplay(run, None, execute)
        other._memory, other._node, other._received = self._memory, self._node, self._received.copy()
        return other

    def run(self) -> OperationOutcome:
        """Run the operation to its end."""
        while self._memory and (wanted := self._node.wanted):
            self._receive(wanted)
        if self._node.outcome:
            return self._node.outcome
        try:
            outcome = OperationOutcome(self._execute(self))
        except Exception as raised:  # noqa: BLE001 - the error is part of the memoized operation
            outcome = OperationOutcome(raised=_without_traceback(raised))
        if self._memory:
            self._node.outcome = outcome
        return outcome

    def receive(self, wanted: OperationInput) -> Any:
        """Return an input to the running use case. Inputs that the replay received come first.

        A crashed use case ends with the run, and gets no input in its `finally` clauses.
        """
        if self._stopped:
            raise GreenletExit
        try:
            return self._next_input(wanted)
        except GreenletExit:
            self._stopped = True
            raise

    def _next_input(self, wanted: OperationInput) -> Any:
        if self._memory is None:
            return wanted.read(self._run)
        if self._replayed == len(self._received):
            self._node.wanted = wanted
            self._receive(wanted)
        result, raised = self._received[self._replayed]
        self._replayed += 1
        if raised:
            raise raised
        return result

    def _receive(self, wanted: OperationInput) -> None:
        """Read an input from the run and move to its node."""
        result, raised = None, None
        here = self._node
        try:
            result = wanted.read(self._run)
            fingerprint = wanted.fingerprint(result)
        except Exception as error:  # noqa: BLE001 - the error is part of the memoized operation
            raised = _without_traceback(error)
            fingerprint = _error_fingerprint(error)
        if fingerprint not in here.children and self._memory:
            self._memory.nodes += 1
        self._node = here.children.setdefault(fingerprint, ReplayNode())
        self._received.append((result, raised))


def response_fingerprint(result: Mapping[str, Any]) -> Hashable:
    """Return the fingerprint of a response's items and of the key where more follow."""
    if "Item" in result:
        return item_fingerprint(result["Item"])
    if "Items" in result:
        return (*map(item_fingerprint, result["Items"]), str(result.get("LastEvaluatedKey")))
    if "Responses" in result:
        ((_, items),) = result["Responses"].items()
        return (*map(item_fingerprint, items), str(result["UnprocessedKeys"]))
    # The messages that a queue or the bus refused.
    return str(result.get("Failed") or result.get("FailedEntryCount") or "")


def records_fingerprint(records: list[dict[str, Any]]) -> Hashable:
    """Return the fingerprint of stream records."""
    changes = [(record["eventName"], record["dynamodb"]) for record in records]
    return tuple(
        (name, change["SequenceNumber"], *(item_fingerprint(change.get(image)) for image in ("OldImage", "NewImage")))
        for name, change in changes
    )


@memoize_by_identity
def item_fingerprint(item: Mapping[str, Any] | None) -> bytes:
    """Return a short digest of an item."""
    return blake2b(str(item).encode(), digest_size=12).digest()


def _error_fingerprint(error: Exception) -> Hashable:
    if not isinstance(error, ClientError):
        return type(error), str(error)
    reasons = error.response.get("CancellationReasons", ())
    return str(error), *((reason["Code"], item_fingerprint(reason.get("Item"))) for reason in reasons)


def _without_traceback(error: Exception) -> Exception:
    """Remove the traceback and context of an error, which would keep the run alive."""
    error.__context__ = error.__cause__ = None
    return error.with_traceback(None)


# The setting of the innermost context comes last.
_replaying = [False]


@contextmanager
def replaying() -> Iterator[None]:
    """Replay memoized operations within the context."""
    _replaying.append(True)
    try:
        yield
    finally:
        _replaying.pop()


def is_replaying() -> bool:
    """Return True where memoized operations are replayed, False where every operation runs."""
    return _replaying[-1]


def _memory() -> _ReplayMemory:
    kept: dict[None, _ReplayMemory] = memo_of(_memory)
    if None not in kept or kept[None].nodes > MAX_NODES:
        kept[None] = _ReplayMemory()
    return kept[None]
