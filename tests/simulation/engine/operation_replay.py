"""What an operation does when it is answered as it was before is known: it is recalled, and not done again.

Nothing gets into an operation but who asks for it in which scene, and what it is answered: by the table, by whoever
tells it what there is, by the stream. Its time stands still, its chance and ids come from a seed. So all that it ever
did is a tree: at every ask a branch for each answer that was ever given, at the end of each how it ended. On stage an
operation goes from branch to branch, and everything it asks is asked of the play at hand. Where it hears what it has
never heard, it is carried out in fact, from its beginning, on what it has heard so far.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from botocore.exceptions import ClientError

from tests.simulation.engine.memoization import memo_of, memoize_by_identity

# A thousand of them take a few megabytes.
MAX_NODES = 100_000


@dataclass(frozen=True, slots=True)
class OperationInput:
    """What an operation wants of the play at hand, and what of an answer can make a difference to it."""

    read: Callable[[Any], Any]
    fingerprint: Callable[[Any], Hashable] = lambda result: result


@dataclass(frozen=True, slots=True)
class OperationOutcome:
    """How an operation ended: with an answer or with what it raised."""

    result: Any = None
    raised: Exception | None = None


@dataclass(slots=True)
class ReplayNode:
    """Where an operation stands once it has heard so and so: what it asks next, or how it ended."""

    wanted: OperationInput | None = None
    outcome: OperationOutcome | None = None
    children: dict[Hashable, "ReplayNode"] = field(default_factory=dict)


@dataclass(slots=True)
class _ReplayMemory:
    roots: dict[Hashable, ReplayNode] = field(default_factory=dict)
    nodes: int = 0


class OperationReplay:
    """One operation on stage: from memory as far as that goes, and then in fact."""

    def __init__(self, run: Any, root: Hashable | None, execute: Callable[["OperationReplay"], Any]) -> None:
        self._run = run
        self._execute = execute
        self._memory = _memory() if root is not None else None
        self._node = self._memory.roots.setdefault(root, ReplayNode()) if self._memory else ReplayNode()
        self._received: list[tuple[Any, Exception | None]] = []
        self._replayed = 0

    def fork(self, run: Any, execute: Callable[["OperationReplay"], Any]) -> "OperationReplay":
        """The same operation in a play of its own, where it stands here; one of which nothing is kept has no fork."""
        assert self._memory
        other = OperationReplay(run, None, execute)
        other._memory, other._node, other._received = self._memory, self._node, self._received.copy()
        return other

    def run(self) -> OperationOutcome:
        """Play the operation to its end."""
        while self._memory and (wanted := self._node.wanted):
            self._receive(wanted)
        if self._node.outcome:
            return self._node.outcome
        try:
            outcome = OperationOutcome(self._execute(self))
        except Exception as raised:  # noqa: BLE001 - whatever it is, it is told
            outcome = OperationOutcome(raised=_without_traceback(raised))
        if self._memory:
            self._node.outcome = outcome
        return outcome

    def receive(self, wanted: OperationInput) -> Any:
        """What the operation is answered that is carried out in fact; what was answered before is answered again."""
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
        """Hear the answer of the play at hand, and go a step further."""
        result, raised = None, None
        here = self._node
        try:
            result = wanted.read(self._run)
            fingerprint = wanted.fingerprint(result)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            raised = _without_traceback(error)
            fingerprint = _error_fingerprint(error)
        if fingerprint not in here.children and self._memory:
            self._memory.nodes += 1
        self._node = here.children.setdefault(fingerprint, ReplayNode())
        self._received.append((result, raised))


def response_fingerprint(result: Mapping[str, Any]) -> Hashable:
    """What an answer of the table tells: items, and where there are more."""
    if "Item" in result:
        return item_fingerprint(result["Item"])
    if "Items" in result:
        return (*map(item_fingerprint, result["Items"]), str(result.get("LastEvaluatedKey")))
    if "Responses" in result:
        ((_, items),) = result["Responses"].items()
        return (*map(item_fingerprint, items), str(result["UnprocessedKeys"]))
    return None


def records_fingerprint(records: list[dict[str, Any]]) -> Hashable:
    """What records of the stream tell."""
    changes = [(record["eventName"], record["dynamodb"]) for record in records]
    return tuple(
        (name, change["SequenceNumber"], *(item_fingerprint(change.get(image)) for image in ("OldImage", "NewImage")))
        for name, change in changes
    )


@memoize_by_identity
def item_fingerprint(item: Mapping[str, Any] | None) -> bytes:
    """A few bytes that stand for an item."""
    return blake2b(str(item).encode(), digest_size=12).digest()


def _error_fingerprint(error: Exception) -> Hashable:
    if not isinstance(error, ClientError):
        return type(error), str(error)
    reasons = error.response.get("CancellationReasons", ())
    return str(error), *((reason["Code"], item_fingerprint(reason.get("Item"))) for reason in reasons)


def _without_traceback(error: Exception) -> Exception:
    """Without whatever was going on when it was raised, which would be kept with it."""
    error.__context__ = error.__cause__ = None
    return error.with_traceback(None)


# The innermost `replaying` comes last.
_replaying = [False]


@contextmanager
def replaying() -> Iterator[None]:
    """Replay memoized operations until the end."""
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
