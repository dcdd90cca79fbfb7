"""Every order in which requests can be sent, but for those that differ only where nobody could tell.

Two requests next to each other that have nothing to do with each other find and leave the same, whichever comes first;
only of two that write, whoever watches can tell which was first. So of all orders that differ only in such neighbours
one is played.
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
class Access:
    """What a request has to do with: keys that it reads or writes, and the range of one partition that it reads."""

    writes: bool
    keys: frozenset[tuple[str, str]]
    range: KeyCondition | None = None

    def conflicts_with(self, other: "Access") -> bool:
        """Whether it makes a difference which of two comes first."""
        if self.writes == other.writes:
            return self.writes
        return not self.keys.isdisjoint(other.keys) or self._range_contains(other) or other._range_contains(self)

    def _range_contains(self, other: "Access") -> bool:
        if self.range is None:
            return False
        pk, low, high = self.range
        return other.writes and any(key[0] == pk and low <= key[1] <= high for key in other.keys)


@memoize_by_identity
def access_of(request: Request) -> Access:
    """What a request has to do with."""
    match request:
        case {"TransactItems": entries}:
            bodies = [next(iter(entry.values())) for entry in entries]
            return Access(True, frozenset(_key(body.get("Key") or body["Item"]) for body in bodies))
        case {"RequestItems": tables}:
            ((_, asked),) = tables.items()
            return Access(False, frozenset(map(_key, asked["Keys"])))
        case {"Key": key}:
            return Access(False, frozenset([_key(key)]))
    return Access(False, frozenset(), key_condition(request))


def _key(attributes: dict[str, dict[str, str]]) -> tuple[str, str]:
    return attributes["PK"]["S"], attributes["SK"]["S"]


class ForkableRun(Protocol):
    """Something that is played step by step, and stands in between."""

    @property
    def pending(self) -> Mapping[TaskId, Pending | None]:
        """What is about to be sent by each that has not ended; None is something else."""

    @property
    def forks(self) -> bool:
        """Whether it can be forked."""

    def step(self, task_id: TaskId) -> None:
        """Let one go on, up to the next request."""

    def fork(self) -> Self:
        """Another one that stands where this one does, asleep."""

    def wake(self) -> None:
        """Let it go on."""

    def end(self) -> None:
        """Let nobody go on who has not ended."""


S = TypeVar("S", bound=ForkableRun)
# A fork is made after so many steps; what comes behind the last is played again.
FORK_INTERVAL = 3


class _ConflictTable:
    """What is ever sent in a search, by numbers, and which of it minds which: looked up, since it is asked so often."""

    def __init__(self) -> None:
        self.conflicts: list[int] = []
        self._accesses: list[Access | None] = []
        self._numbers: dict[int, int] = {}

    def number(self, access: Access | None) -> int:
        """The number of a thing; its entry of `conflicts` has a bit for each number that it minds."""
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
    """Something that was sent; `predecessors` has a bit for each earlier one that could not have come after it."""

    task_id: TaskId
    access: int
    predecessors: int = 0


@dataclass(slots=True)
class _ChoicePoint:
    """Who may go on at some point: those who are `source_set`, but for who is asleep.

    Whoever is asleep has gone on from here, or from further up, and nothing has happened since that makes a difference.
    """

    accesses: Mapping[TaskId, int]
    sleeping: dict[TaskId, int]
    source_set: set[TaskId]

    def left(self) -> set[TaskId]:
        """Those that are wanted and have not gone on from here."""
        return self.source_set - self.sleeping.keys()


class _Search(Generic[S]):
    """Source sets and sleep sets: P. Abdulla et al., Optimal Dynamic Partial Order Reduction, POPL 2014, algorithm 1.

    Nobody waits for anybody, which makes it simple: whoever has not ended can go on.
    """

    def __init__(self, begin: Callable[[], S], rng: Random) -> None:
        self._begin = begin
        self._rng = rng
        self._known = _ConflictTable()
        self._events: list[_SentStep] = []
        self._choices: list[_ChoicePoint] = []
        self._forks: list[tuple[int, S]] = []

    def runs(self) -> Iterator[S]:
        """One play after the other."""
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
            # All have ended, or whoever has not is asleep: then it is another order in disguise.
            has_ended = not run.pending
            run.end()
            if has_ended:
                yield run

    def _visit(self, run: S, sleeping: dict[TaskId, int]) -> None:
        """Stand where somebody has gone on; one who is awake is to go on."""
        number = self._known.number
        accesses = {task_id: number(pending and access_of(pending[1])) for task_id, pending in run.pending.items()}
        awake = accesses.keys() - sleeping.keys()
        self._choices.append(_ChoicePoint(accesses, sleeping, {self._one_of(awake)} if awake else set()))
        depth = len(self._events)
        if run.forks and len(accesses) > 1 and (not self._forks or depth >= self._forks[-1][0] + FORK_INTERVAL):
            self._forks.append((depth, run.fork()))

    def _backtrack(self) -> None:
        """Stand where the last has not gone on yet."""
        self._choices.pop()
        if self._events:
            self._events.pop()
        while self._forks and self._forks[-1][0] > len(self._events):
            self._forks.pop()

    def _restore(self) -> S:
        """A play that has gone as far as the last choice."""
        depth = self._forks[-1][0] if self._forks else 0
        run = self._forks[-1][1].fork() if self._forks else self._begin()
        run.wake()
        for event in self._events[depth:]:
            run.step(event.task_id)
        return run

    def _append(self, event: _SentStep) -> None:
        """Where two could have come in the other order, somebody is wanted who leads to that."""
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
        """Want somebody, at the choice where an event was chosen, who leads to the last one before it."""
        last = len(self._events) - 1
        without = [at for at in range(number + 1, last) if not self._events[at].predecessors >> number & 1] + [last]
        among = sum(1 << at for at in without)
        choice = self._choices[number]
        # One that has come on stage only since can lead nowhere from there.
        first = {self._events[at].task_id for at in without if not self._events[at].predecessors & among}
        first &= choice.accesses.keys()
        if first and first.isdisjoint(choice.source_set | choice.sleeping.keys()):
            choice.source_set.add(self._one_of(first))

    def _one_of(self, task_ids: Set[TaskId]) -> TaskId:
        return self._rng.choice(sorted(task_ids))


def _conflict(one: Access | None, other: Access | None) -> bool:
    """Whether it makes a difference which comes first; what is no request may be a look at everything."""
    if one is not None and other is not None:
        return one.conflicts_with(other)
    return all(held is None or held.writes for held in (one, other))


def explore_orders(begin: Callable[[], S], rng: Random) -> Iterator[S]:
    """Play what begins in every order, one after the other; what orders have in common is played once if it forks.

    Chance says which come first, which matters to whoever does not play them all.
    """
    return _Search(begin, rng).runs()
