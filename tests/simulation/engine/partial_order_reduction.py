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
from infra.simulation.interleaver import Part, Pending
from tests.simulation.engine.memoization import by_identity


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


@by_identity
def touched(request: Request) -> Touched:
    """What a request has to do with."""
    match request:
        case {"TransactItems": entries}:
            bodies = [next(iter(entry.values())) for entry in entries]
            return Touched(True, frozenset(_key(body.get("Key") or body["Item"]) for body in bodies))
        case {"RequestItems": tables}:
            ((_, asked),) = tables.items()
            return Touched(False, frozenset(map(_key, asked["Keys"])))
        case {"Key": key}:
            return Touched(False, frozenset([_key(key)]))
    return Touched(False, frozenset(), key_condition(request))


def _key(attributes: dict[str, dict[str, str]]) -> tuple[str, str]:
    return attributes["PK"]["S"], attributes["SK"]["S"]


class Standing(Protocol):
    """Something that is played step by step, and stands in between."""

    @property
    def pending(self) -> Mapping[Part, Pending | None]:
        """What is about to be sent by each that has not ended; None is something else."""

    @property
    def forks(self) -> bool:
        """Whether it can be forked."""

    def step(self, part: Part) -> None:
        """Let one go on, up to the next request."""

    def fork(self) -> Self:
        """Another one that stands where this one does, asleep."""

    def wake(self) -> None:
        """Let it go on."""

    def end(self) -> None:
        """Let nobody go on who has not ended."""


S = TypeVar("S", bound=Standing)
# A fork is made after so many steps; what comes behind the last is played again.
STEPS = 3


class _Known:
    """What is ever sent in a search, by numbers, and which of it minds which: looked up, since it is asked so often."""

    def __init__(self) -> None:
        self.minded: list[int] = []
        self._things: list[Touched | None] = []
        self._numbers: dict[int, int] = {}

    def number(self, thing: Touched | None) -> int:
        """The number of a thing; its entry of `minded` has a bit for each number that it minds."""
        number = self._numbers.setdefault(id(thing), len(self._things))
        if number == len(self._things):
            self._things.append(thing)
            minded = [other for other, known in enumerate(self._things) if _mind(thing, known)]
            self.minded.append(sum(1 << other for other in minded))
            for other in minded:
                self.minded[other] |= 1 << number
        return number


@dataclass(slots=True)
class _Event:
    """Something that was sent; `before` has a bit for each earlier one that could not have come after it."""

    part: Part
    thing: int
    before: int = 0


@dataclass(slots=True)
class _Choice:
    """Who may go on at some point: those who are `wanted`, but for who is asleep.

    Whoever is asleep has gone on from here, or from further up, and nothing has happened since that makes a difference.
    """

    things: Mapping[Part, int]
    asleep: dict[Part, int]
    wanted: set[Part]

    def left(self) -> set[Part]:
        """Those that are wanted and have not gone on from here."""
        return self.wanted - self.asleep.keys()


class _Search(Generic[S]):
    """Source sets and sleep sets: P. Abdulla et al., Optimal Dynamic Partial Order Reduction, POPL 2014, algorithm 1.

    Nobody waits for anybody, which makes it simple: whoever has not ended can go on.
    """

    def __init__(self, begin: Callable[[], S], rng: Random) -> None:
        self._begin = begin
        self._chance = rng
        self._known = _Known()
        self._events: list[_Event] = []
        self._choices: list[_Choice] = []
        self._kept: list[tuple[int, S]] = []

    def every(self) -> Iterator[S]:
        """One play after the other."""
        play: S | None = self._begin()
        assert play
        self._stand(play, {})
        while self._choices:
            choice = self._choices[-1]
            left = choice.left()
            if not left:
                self._go_back()
                play = None
                continue
            part = self._one_of(left)
            play = play or self._again()
            thing = choice.things[part]
            minded = self._known.minded[thing]
            asleep = {other: about for other, about in choice.asleep.items() if not minded >> about & 1}
            choice.asleep[part] = thing
            self._take_in(_Event(part, thing))
            play.step(part)
            self._stand(play, asleep)
            if self._choices[-1].wanted:
                continue
            # All have ended, or whoever has not is asleep: then it is another order in disguise.
            has_ended = not play.pending
            play.end()
            if has_ended:
                yield play

    def _stand(self, play: S, asleep: dict[Part, int]) -> None:
        """Stand where somebody has gone on; one who is awake is to go on."""
        number = self._known.number
        things = {part: number(pending and touched(pending[1])) for part, pending in play.pending.items()}
        awake = things.keys() - asleep.keys()
        self._choices.append(_Choice(things, asleep, {self._one_of(awake)} if awake else set()))
        depth = len(self._events)
        if play.forks and len(things) > 1 and (not self._kept or depth >= self._kept[-1][0] + STEPS):
            self._kept.append((depth, play.fork()))

    def _go_back(self) -> None:
        """Stand where the last has not gone on yet."""
        self._choices.pop()
        if self._events:
            self._events.pop()
        while self._kept and self._kept[-1][0] > len(self._events):
            self._kept.pop()

    def _again(self) -> S:
        """A play that has gone as far as the last choice."""
        depth = self._kept[-1][0] if self._kept else 0
        play = self._kept[-1][1].fork() if self._kept else self._begin()
        play.wake()
        for event in self._events[depth:]:
            play.step(event.part)
        return play

    def _take_in(self, event: _Event) -> None:
        """Where two could have come in the other order, somebody is wanted who leads to that."""
        races, covered, minded = [], 0, self._known.minded[event.thing]
        for number in reversed(range(len(self._events))):
            earlier = self._events[number]
            if earlier.part != event.part:
                if not minded >> earlier.thing & 1:
                    continue
                if not covered >> number & 1:
                    races.append(number)
            covered |= earlier.before
            event.before |= earlier.before | 1 << number
        self._events.append(event)
        for number in races:
            self._reverse(number)

    def _reverse(self, number: int) -> None:
        """Want somebody, at the choice where an event was chosen, who leads to the last one before it."""
        last = len(self._events) - 1
        without = [at for at in range(number + 1, last) if not self._events[at].before >> number & 1] + [last]
        among = sum(1 << at for at in without)
        choice = self._choices[number]
        # One that has come on stage only since can lead nowhere from there.
        first = {self._events[at].part for at in without if not self._events[at].before & among}
        first &= choice.things.keys()
        if first and first.isdisjoint(choice.wanted | choice.asleep.keys()):
            choice.wanted.add(self._one_of(first))

    def _one_of(self, parts: Set[Part]) -> Part:
        return self._chance.choice(sorted(parts))


def _mind(one: Touched | None, other: Touched | None) -> bool:
    """Whether it makes a difference which comes first; what is no request may be a look at everything."""
    if one is not None and other is not None:
        return one.minds(other)
    return all(held is None or held.writes for held in (one, other))


def every_order(begin: Callable[[], S], rng: Random) -> Iterator[S]:
    """Play what begins in every order, one after the other; what orders have in common is played once if it forks.

    Chance says which come first, which matters to whoever does not play them all.
    """
    return _Search(begin, rng).every()
