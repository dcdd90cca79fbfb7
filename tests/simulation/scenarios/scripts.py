"""Plays drawn from a seed: which operations, in which order, and what goes wrong, as values that can be shrunk."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from infra.simulation.interleaved_client import Planned
from infra.simulation.interleaver import Lead, Task
from tests.simulation.engine.play import Play, Rewrite, Scene, Script
from tests.simulation.oracles.liveness import come_to_rest
from tests.simulation.scenarios.cast import SLOTS
from tests.simulation.scenarios.operations import SETTINGS, Operation, Verb

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
    (18, lambda rng: Operation(Verb.BOOK, _one(rng), slot=_slot(rng), manner=_key(rng))),
    (4, lambda rng: Operation(Verb.BOOK, _one(rng), slot=_slot(rng), replaces=True)),
    (3, lambda rng: Operation(Verb.BOOK, *_two(rng), slot=_slot(rng))),
    (18, lambda rng: Operation(Verb.LOCK, *_two(rng), slot=_slot(rng), manner=_key(rng))),
    (3, lambda rng: Operation(Verb.LOCK, *_two(rng), slot=_slot(rng), replaces=True)),
    (8, lambda rng: Operation(Verb.ACCEPT, _one(rng), "Ada", slot=_slot(rng), manner=_key(rng))),
    (2, lambda rng: Operation(Verb.BATCH, _one(rng))),
    (12, lambda rng: Operation(Verb.CANCEL, _one(rng), slot=_slot(rng))),
    (4, lambda rng: Operation(Verb.BLOCK, *_two(rng))),
    (1, lambda rng: Operation(Verb.UNBLOCK, *_two(rng))),
    (2, lambda rng: Operation(Verb.SNOOZE, *_two(rng))),
    (1, lambda rng: Operation(Verb.FAVORITE, *_two(rng))),
    (1, lambda rng: Operation(Verb.UNFAVORITE, *_two(rng))),
    (3, lambda rng: Operation(Verb.SET, _one(rng), manner=rng.choice(sorted(SETTINGS)))),
    (2, lambda rng: Operation(Verb.EDIT, _one(rng), slot=_slot(rng))),
    (1, lambda _: Operation(Verb.INVITE, "Ada", manner="2")),
    (1, lambda _: Operation(Verb.REVOKE, "Ada")),
    (2, lambda rng: Operation(Verb.DELETE, _one(rng))),
    (1, lambda rng: Operation(Verb.RETURN, _one(rng))),
    (1, lambda rng: Operation(Verb.LOOK, *_two(rng))),
    (7, lambda rng: Operation(Verb.DELIVER, manner=rng.choice(MANNERS))),
    (2, lambda _: Operation(Verb.FINALIZE)),
    (2, lambda _: Operation(Verb.SWEEP)),
    (1, lambda _: Operation(Verb.CHORES)),
)
_WEIGHTS = [weight for weight, _ in _ASKED]


def _one(rng: Random) -> str:
    return rng.choice(PEOPLE)


def _two(rng: Random) -> list[str]:
    return rng.sample(PEOPLE, 2)


def _slot(rng: Random) -> str:
    return rng.choices(tuple(SLOTS), (6, 2, 2, 1))[0]


def _key(rng: Random) -> str:
    return rng.choices(("", "a key"), (4, 1))[0]


# Two or three at once find nearly everything that more would find, and sooner.
_NUMBERS = (2, 2, 3, 3, 3, 3, 4, 6)


def drawn(rng: Random) -> Draft:
    """Any play, mostly of few: sometimes with clocks that are wrong, sometimes with faults, or no stream."""
    return drawn_of(operations_drawn(rng), rng)


def operations_drawn(rng: Random) -> tuple[Operation, ...]:
    """Whatever a few may ask for at once."""
    return tuple(rng.choices(_ASKED, _WEIGHTS)[0][1](rng) for _ in range(rng.choice(_NUMBERS)))


def drawn_of(operations: tuple[Operation, ...], rng: Random) -> Draft:
    """The operations in any order, and anything that goes wrong meanwhile."""
    number = len(operations)
    restless = rng.choice((0.1, 0.3, 0.6))
    turns = tuple(rng.randrange(1, 8) if rng.random() < restless else 0 for _ in range(number * 8))
    faults = rng.choice((0, 0, 1, 2, 4))
    requests = (-1, -1, -1, -2, *range(1, 9))
    plan = {(rng.randrange(number), rng.choice(requests)): _fault(rng) for _ in range(faults)}
    clocks = tuple(rng.randint(-60, 60) for _ in range(number)) if rng.random() < 0.3 else ()
    return Draft(operations, turns, plan, clocks, rng.choice((1, 1, 1, 1000)), rng.random() < 0.9)


def _fault(rng: Random) -> Planned:
    return Planned(rng.randrange(64), rng.randrange(8), rng.choice((1, 1, 1, 2, 3, 4)))
