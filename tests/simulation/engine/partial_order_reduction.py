"""Partial-order reduction, which runs one order of requests for each equivalence class.

Two adjacent requests that do not conflict give the same result in both orders. Two writes always conflict, because the
oracles see their order. Of all orders that differ only in adjacent requests without a conflict, one is run.
"""

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass
from random import Random
from typing import Generic, Protocol, Self, TypeVar

from infra.in_memory_dynamodb.key_conditions import KeyCondition, key_condition
from infra.simulation.faults import Request
from infra.simulation.interleaver import Pending, TaskId
from tests.simulation.engine.memoization import memoize_by_identity


@dataclass(frozen=True, slots=True)
class RequestAccess:
    """The keys that a request reads or writes, and the range that it reads."""

    writes: bool
    keys: frozenset[tuple[str, str]]
    range: KeyCondition | None = None

    def conflicts_with(self, other: "RequestAccess") -> bool:
        """Return True if the order of the two requests matters."""
        if self.writes == other.writes:
            return self.writes
        return not self.keys.isdisjoint(other.keys) or self._range_contains(other) or other._range_contains(self)

    def _range_contains(self, other: "RequestAccess") -> bool:
        if self.range is None:
            return False
        pk, low, high = self.range
        return other.writes and any(key[0] == pk and low <= key[1] <= high for key in other.keys)


@memoize_by_identity
def access_of(request: Request) -> RequestAccess:
    """Return the access of a request."""
    match request:
        case {"TransactItems": entries}:
            bodies = [next(iter(entry.values())) for entry in entries]
            return RequestAccess(True, frozenset(_key(body.get("Key") or body["Item"]) for body in bodies))
        case {"Entries": _}:
            # Messages to a queue or the bus. The oracles see their order.
            return RequestAccess(True, frozenset())
        case {"RequestItems": tables}:
            ((_, asked),) = tables.items()
            return RequestAccess(False, frozenset(map(_key, asked["Keys"])))
        case {"Item": key} | {"Key": key, "UpdateExpression": _}:
            return RequestAccess(True, frozenset([_key(key)]))
        case {"Key": key}:
            return RequestAccess(False, frozenset([_key(key)]))
    return RequestAccess(False, frozenset(), key_condition(request))


def _key(attributes: dict[str, dict[str, str]]) -> tuple[str, str]:
    return attributes["PK"]["S"], attributes["SK"]["S"]


class ForkableRun(Protocol):
    """A run that advances request by request and can be forked."""

    @property
    def pending(self) -> Mapping[TaskId, Pending | None]:
        """The next request of each task that has not ended. None stands for another action."""

    @property
    def forks(self) -> bool:
        """True if the run can be forked."""

    def step(self, task_id: TaskId) -> None:
        """Run a task to its next request."""

    def fork(self) -> Self:
        """Return a suspended run in the same state."""

    def wake(self) -> None:
        """Resume a fork."""

    def end(self) -> None:
        """Stop the tasks that have not ended."""


S = TypeVar("S", bound=ForkableRun)
# The number of steps between two forks. Later steps are run again.
FORK_INTERVAL = 3


class _ConflictTable:
    """The accesses of a search, numbered, with a bit mask of the conflicts of each."""

    def __init__(self) -> None:
        self.conflicts: list[int] = []
        self._accesses: list[RequestAccess | None] = []
        self._numbers: dict[int, int] = {}

    def number(self, access: RequestAccess | None) -> int:
        """Return the number of an access. Its mask in `conflicts` has a bit for each conflicting access."""
        number = self._numbers.setdefault(id(access), len(self._accesses))
        if number == len(self._accesses):
            self._accesses.append(access)
            conflicts = [other for other, known in enumerate(self._accesses) if _conflict(access, known)]
            self.conflicts.append(sum(1 << other for other in conflicts))
            for other in conflicts:
                self.conflicts[other] |= 1 << number
        return number


@dataclass(slots=True)
class _SentStep:
    """One executed request. `predecessors` has a bit for each earlier request that must stay before it."""

    task_id: TaskId
    access: int
    predecessors: int = 0


@dataclass(slots=True)
class _ChoicePoint:
    """The tasks that must still run next at one point of a search.

    These are the source set without the sleeping tasks. A sleeping task already ran from here, or from an earlier
    point, and no conflicting request was executed since.
    """

    accesses: Mapping[TaskId, int]
    sleeping: dict[TaskId, int]
    source_set: set[TaskId]

    def left(self) -> set[TaskId]:
        """Return the tasks of the source set that have not run from here."""
        return self.source_set - self.sleeping.keys()


class _Search(Generic[S]):
    """A search with source sets and sleep sets.

    P. Abdulla et al., Optimal Dynamic Partial Order Reduction, POPL 2014, algorithm 1. No task waits for another one,
    so every task that has not ended is enabled.
    """

    def __init__(self, begin: Callable[[], S], rng: Random) -> None:
        self._begin = begin
        self._rng = rng
        self._known = _ConflictTable()
        self._events: list[_SentStep] = []
        self._choices: list[_ChoicePoint] = []
        self._forks: list[tuple[int, S]] = []

    def runs(self) -> Iterator[S]:
        """Yield one complete run after the other."""
        run: S | None = self._begin()
        assert run
        self._visit(run, {})
        while self._choices:
            choice = self._choices[-1]
            left = choice.left()
            if not left:
                self._backtrack()
                run = None
                continue
            task_id = self._one_of(left)
            run = run or self._restore()
            access = choice.accesses[task_id]
            conflicts = self._known.conflicts[access]
            sleeping = {other: about for other, about in choice.sleeping.items() if not conflicts >> about & 1}
            choice.sleeping[task_id] = access
            self._append(_SentStep(task_id, access))
            run.step(task_id)
            self._visit(run, sleeping)
            if self._choices[-1].source_set:
                continue
            # All tasks have ended, or the remaining ones sleep: then this order is equivalent to an earlier one.
            has_ended = not run.pending
            run.end()
            if has_ended:
                yield run

    def _visit(self, run: S, sleeping: dict[TaskId, int]) -> None:
        """Add a choice point after a step, with one awake task in its source set."""
        number = self._known.number
        accesses = {task_id: number(pending and access_of(pending[1])) for task_id, pending in run.pending.items()}
        awake = accesses.keys() - sleeping.keys()
        self._choices.append(_ChoicePoint(accesses, sleeping, {self._one_of(awake)} if awake else set()))
        depth = len(self._events)
        if run.forks and len(accesses) > 1 and (not self._forks or depth >= self._forks[-1][0] + FORK_INTERVAL):
            self._forks.append((depth, run.fork()))

    def _backtrack(self) -> None:
        """Return to the choice point before the last step."""
        self._choices.pop()
        if self._events:
            self._events.pop()
        while self._forks and self._forks[-1][0] > len(self._events):
            self._forks.pop()

    def _restore(self) -> S:
        """Return a run in the state of the last choice point."""
        depth = self._forks[-1][0] if self._forks else 0
        run = self._forks[-1][1].fork() if self._forks else self._begin()
        run.wake()
        for event in self._events[depth:]:
            run.step(event.task_id)
        return run

    def _append(self, event: _SentStep) -> None:
        """Append a step. For each race with an earlier step, add the reversed order to the search."""
        races, covered, conflicts = [], 0, self._known.conflicts[event.access]
        for number in reversed(range(len(self._events))):
            earlier = self._events[number]
            if earlier.task_id != event.task_id:
                if not conflicts >> earlier.access & 1:
                    continue
                if not covered >> number & 1:
                    races.append(number)
            covered |= earlier.predecessors
            event.predecessors |= earlier.predecessors | 1 << number
        self._events.append(event)
        for number in races:
            self._add_reversal(number)

    def _add_reversal(self, number: int) -> None:
        """Add a task to the source set of an earlier choice point that leads to the reversed race."""
        last = len(self._events) - 1
        without = [at for at in range(number + 1, last) if not self._events[at].predecessors >> number & 1] + [last]
        among = sum(1 << at for at in without)
        choice = self._choices[number]
        # A task that started after that point cannot run from it.
        first = {self._events[at].task_id for at in without if not self._events[at].predecessors & among}
        first &= choice.accesses.keys()
        if first and first.isdisjoint(choice.source_set | choice.sleeping.keys()):
            choice.source_set.add(self._one_of(first))

    def _one_of(self, task_ids: Set[TaskId]) -> TaskId:
        return self._rng.choice(sorted(task_ids))


def _conflict(one: RequestAccess | None, other: RequestAccess | None) -> bool:
    """Return True if the order matters. An action that is not a request may read the whole table."""
    if one is not None and other is not None:
        return one.conflicts_with(other)
    return all(held is None or held.writes for held in (one, other))


def explore_orders(begin: Callable[[], S], rng: Random) -> Iterator[S]:
    """Yield a run for each order that matters. Orders share their common start if the run can be forked.

    The random generator determines which orders come first.
    """
    return _Search(begin, rng).runs()
