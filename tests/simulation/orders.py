"""Every order in which requests can be sent, but for those that differ only where nobody could tell.

Two requests next to each other that have nothing to do with each other find and leave the same, whichever comes first;
only of two that write, whoever watches can tell which was first. So of all orders that differ only in such neighbours
one is played: that in which they stand in the order of their actors.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from infra.simulated.faults import WRITING
from infra.simulated.stage import Lead, Pending, Task
from infra.simulated.table import KeyCondition, key_condition

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Touched:
    """What a request has to do with: keys that it reads or writes, and the range of one partition that it reads."""

    writes: bool
    keys: frozenset[tuple[str, str]]
    range: KeyCondition | None = None

    def minds(self, other: "Touched") -> bool:
        """Whether it makes a difference which of two comes first."""
        if self.writes == other.writes:
            return self.writes
        return not self.keys.isdisjoint(other.keys) or self._finds(other) or other._finds(self)

    def _finds(self, other: "Touched") -> bool:
        if self.range is None:
            return False
        pk, low, high = self.range
        return other.writes and any(key[0] == pk and low <= key[1] <= high for key in other.keys)


def touched(pending: Pending) -> Touched:
    """What a request has to do with."""
    operation, request = pending
    match operation:
        case "GetItem":
            return Touched(False, frozenset([_key(request["Key"])]))
        case "BatchGetItem":
            ((_, asked),) = request["RequestItems"].items()
            return Touched(False, frozenset(map(_key, asked["Keys"])))
        case "Query":
            return Touched(False, frozenset(), key_condition(request))
    assert operation == WRITING
    bodies = [next(iter(entry.values())) for entry in request["TransactItems"]]
    return Touched(True, frozenset(_key(body.get("Key") or body["Item"]) for body in bodies))


def _key(attributes: dict[str, dict[str, str]]) -> tuple[str, str]:
    return attributes["PK"]["S"], attributes["SK"]["S"]


class Redundant(Exception):
    """The order that was begun is another one in disguise."""


class _Search:
    """One after the other, every way through the choices that come up."""

    def __init__(self) -> None:
        self._path: list[list[int]] = []

    def lead(self) -> Lead:
        """Who leads through the next way."""
        depth = 0
        gone: tuple[int, Pending | None] | None = None

        def choose(tasks: Sequence[Task], _: Task | None) -> Task:
            nonlocal depth, gone
            options = [task for task in tasks if gone is None or not _in_disguise(task, *gone)]
            if not options:
                raise Redundant
            if depth == len(self._path):
                self._path.append(list(range(len(options)))[::-1])
            chosen = options[self._path[depth][-1]]
            depth += 1
            gone = chosen.actor, chosen.pending
            return chosen

        return choose

    def go_on(self) -> bool:
        """Turn to the next way; gives whether there is one."""
        while self._path and len(self._path[-1]) == 1:
            self._path.pop()
        if not self._path:
            return False
        self._path[-1].pop()
        return True


def _in_disguise(task: Task, actor: int, pending: Pending | None) -> bool:
    """Whether the task could as well have gone before the one that went last, and should have."""
    if task.actor >= actor or task.pending is None or pending is None:
        return False
    return not touched(task.pending).minds(touched(pending))


def every_order(play: Callable[[Lead], T]) -> Iterator[T]:
    """Play again and again, each time in another order, until there is no other."""
    search = _Search()
    while True:
        try:
            yield play(search.lead())
        except Redundant:
            """It is played in the other guise."""
        if not search.go_on():
            return
