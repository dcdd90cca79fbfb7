"""Plays drawn from a seed: which operations, in which order, and what goes wrong, as values that can be shrunk."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from infra.simulated.stage import Lead, Task
from infra.simulated.staged_client import Planned
from tests.simulation.cast import SLOTS
from tests.simulation.operations import SETTINGS, Operation, Verb
from tests.simulation.play import Play, Rewrite, Scene, Script
from tests.simulation.rest import come_to_rest

PEOPLE = ("Ada", "Ben", "Cy", "Dee")
# How the stream is delivered.
MANNERS = ("", "twice", "backwards", "split", "with one lost", "with some poisoned")


@dataclass(frozen=True)
class Draft:
    """A play that can be played again: `turns` tells at each turn how many steps further the next actor stands.

    Once they are used up, whoever went last goes on.
    """

    operations: tuple[Operation, ...]
    turns: tuple[int, ...] = ()
    plan: dict[tuple[int, int], Planned] = field(default_factory=dict)
    clocks: tuple[int, ...] = ()
    step_milliseconds: int = 1
    stream: bool = True

    def script(self) -> Script:
        """What of it is not its order."""
        return Script(
            self.operations,
            self.plan,
            tuple(timedelta(seconds=seconds) for seconds in self.clocks),
            timedelta(milliseconds=self.step_milliseconds),
            self.stream,
        )

    def lead(self) -> Lead:
        """Who leads through it."""
        turns = iter(self.turns)

        def choose(tasks: Sequence[Task], last: Task | None) -> Task:
            at = tasks.index(last) if last in tasks else 0
            return tasks[(at + next(turns, 0)) % len(tasks)]

        return choose


def played(scene: Scene, draft: Draft, rewrite: Rewrite | None = None) -> Play:
    """Play a draft, and bring it to rest."""
    play = Play(scene, draft.script(), rewrite)
    play.run(draft.lead())
    come_to_rest(play)
    return play


# What members ask for, and how often of a hundred times.
_ASKED: Sequence[tuple[int, Callable[[Random], Operation]]] = (
    (18, lambda chance: Operation(Verb.BOOK, _one(chance), slot=_slot(chance), manner=_key(chance))),
    (4, lambda chance: Operation(Verb.BOOK, _one(chance), slot=_slot(chance), replaces=True)),
    (3, lambda chance: Operation(Verb.BOOK, *_two(chance), slot=_slot(chance))),
    (18, lambda chance: Operation(Verb.LOCK, *_two(chance), slot=_slot(chance), manner=_key(chance))),
    (3, lambda chance: Operation(Verb.LOCK, *_two(chance), slot=_slot(chance), replaces=True)),
    (8, lambda chance: Operation(Verb.ACCEPT, _one(chance), "Ada", slot=_slot(chance), manner=_key(chance))),
    (2, lambda chance: Operation(Verb.BATCH, _one(chance))),
    (12, lambda chance: Operation(Verb.CANCEL, _one(chance), slot=_slot(chance))),
    (4, lambda chance: Operation(Verb.BLOCK, *_two(chance))),
    (1, lambda chance: Operation(Verb.UNBLOCK, *_two(chance))),
    (2, lambda chance: Operation(Verb.SNOOZE, *_two(chance))),
    (1, lambda chance: Operation(Verb.FAVORITE, *_two(chance))),
    (1, lambda chance: Operation(Verb.UNFAVORITE, *_two(chance))),
    (3, lambda chance: Operation(Verb.SET, _one(chance), manner=chance.choice(sorted(SETTINGS)))),
    (2, lambda chance: Operation(Verb.EDIT, _one(chance), slot=_slot(chance))),
    (1, lambda _: Operation(Verb.INVITE, "Ada", manner="2")),
    (1, lambda _: Operation(Verb.REVOKE, "Ada")),
    (2, lambda chance: Operation(Verb.DELETE, _one(chance))),
    (1, lambda chance: Operation(Verb.RETURN, _one(chance))),
    (1, lambda chance: Operation(Verb.LOOK, *_two(chance))),
    (7, lambda chance: Operation(Verb.DELIVER, manner=chance.choice(MANNERS))),
    (2, lambda _: Operation(Verb.FINALIZE)),
    (2, lambda _: Operation(Verb.SWEEP)),
    (1, lambda _: Operation(Verb.CHORES)),
)
_WEIGHTS = [weight for weight, _ in _ASKED]


def _one(chance: Random) -> str:
    return chance.choice(PEOPLE)


def _two(chance: Random) -> list[str]:
    return chance.sample(PEOPLE, 2)


def _slot(chance: Random) -> str:
    return chance.choices(tuple(SLOTS), (6, 2, 2, 1))[0]


def _key(chance: Random) -> str:
    return chance.choices(("", "a key"), (4, 1))[0]


# Two or three at once find nearly everything that more would find, and sooner.
_NUMBERS = (2, 2, 3, 3, 3, 3, 4, 6)


def drawn(chance: Random) -> Draft:
    """Any play, mostly of few: sometimes with clocks that are wrong, sometimes with faults, or no stream."""
    return drawn_of(operations_drawn(chance), chance)


def operations_drawn(chance: Random) -> tuple[Operation, ...]:
    """Whatever a few may ask for at once."""
    return tuple(chance.choices(_ASKED, _WEIGHTS)[0][1](chance) for _ in range(chance.choice(_NUMBERS)))


def drawn_of(operations: tuple[Operation, ...], chance: Random) -> Draft:
    """The operations in any order, and anything that goes wrong meanwhile."""
    number = len(operations)
    restless = chance.choice((0.1, 0.3, 0.6))
    turns = tuple(chance.randrange(1, 8) if chance.random() < restless else 0 for _ in range(number * 8))
    faults = chance.choice((0, 0, 1, 2, 4))
    requests = (-1, -1, -1, -2, *range(1, 9))
    plan = {(chance.randrange(number), chance.choice(requests)): _fault(chance) for _ in range(faults)}
    clocks = tuple(chance.randint(-60, 60) for _ in range(number)) if chance.random() < 0.3 else ()
    return Draft(operations, turns, plan, clocks, chance.choice((1, 1, 1, 1000)), chance.random() < 0.9)


def _fault(chance: Random) -> Planned:
    return Planned(chance.randrange(64), chance.randrange(8), chance.choice((1, 1, 1, 2, 3, 4)))
