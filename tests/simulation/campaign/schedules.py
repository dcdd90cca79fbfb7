"""The schedules of a campaign, each with a name under which it is played again."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from itertools import islice
from random import Random
from typing import NamedTuple

from infra.simulation.interleaved_client import Planned
from tests.simulation.engine.operation_replay import recalling
from tests.simulation.engine.play import Play
from tests.simulation.scenarios.environment_faults import disordered
from tests.simulation.scenarios.fault_sites import faults_at
from tests.simulation.scenarios.initial_states import SCENES, scene
from tests.simulation.scenarios.operation_pairs import OPERATIONS, at_once, every_play, pairs, places
from tests.simulation.scenarios.operations import Operation
from tests.simulation.scenarios.scripts import Draft, drawn_of, operations_drawn, played

# How many drawn plays are in one batch.
BATCH = 50
# In how many orders of the same operations.
ORDERS = 10
# More sendings in a row than any use case makes.
MANY = 8
# In so many orders are any two and any three played.
MOST_ORDERS = {2: 10_000, 3: 500}
# So many pairs, each with every third, are played in one scene before another has its turn: what was done there is
# known.
PAIRS_IN_TURN = 8


class Name(NamedTuple):
    """Which batch of which kind, and which of its plays."""

    kind: str
    batch: int
    play: int

    def __str__(self) -> str:
        return f"{self.kind}-{self.batch}-{self.play}"

    @classmethod
    def read(cls, text: str) -> "Name":
        """The inverse of `str`. Raises ValueError where it is none."""
        kind, batch, play = text.split("-")
        return cls(kind, int(batch), int(play))


def batch(kind: str, number: int, seed: int) -> Iterator[tuple[Name, Play]]:
    """All plays of a batch, one after the other, each brought to rest; only between `stage_set` and its end."""
    with recalling():
        for play, made in enumerate(_KINDS[kind](number, seed)):
            yield Name(kind, number, play), made


def batches(kind: str) -> int | None:
    """How many batches of a kind there are; None where there is no end to them."""
    whatever = len(OPERATIONS) * len(SCENES)
    twos = len(pairs()) * len(SCENES)
    return {PAIR: twos, THREE: twos, FAULT: whatever, DISORDER: whatever}.get(kind)


def again(name: Name, seed: int) -> Play:
    """The play of that name."""
    return next(islice(batch(name.kind, name.batch, seed), name.play, None))[1]


def _pair(number: int, _: int) -> Iterator[Play]:
    """Two operations in one scene."""
    # Every pair in one scene, then every pair in another one, until all have been in all of them.
    turn, which = divmod(number, len(pairs()))
    two = pairs()[which]
    yield from _orders(places(*two)[turn], *two)


def _three(number: int, seed: int) -> Iterator[Play]:
    """Two operations with every third in one scene."""
    where, two = threes(seed)[number]
    for third in OPERATIONS[OPERATIONS.index(two[1]) :]:
        yield from _orders(where, *two, third)


def _orders(where: str, *operations: Operation) -> Iterator[Play]:
    """Operations in one scene, in every order that makes a difference or the first so many."""
    yield from islice(every_play(scene(where), at_once(*operations)), MOST_ORDERS[len(operations)])


@cache
def threes(seed: int) -> list[tuple[str, tuple[Operation, Operation]]]:
    """Every scene with every two operations, in an order that is drawn."""
    rng = Random(f"{THREE} {seed}")
    turns = []
    for where in SCENES:
        two = rng.sample(pairs(), len(pairs()))
        turns += [[(where, one) for one in two[at : at + PAIRS_IN_TURN]] for at in range(0, len(two), PAIRS_IN_TURN)]
    rng.shuffle(turns)
    return [one for turn in turns for one in turn]


def _fault(number: int, _: int) -> Iterator[Play]:
    """One operation in one scene, with every fault at each of its requests in turn."""
    which, where = divmod(number, len(SCENES))
    yield from (_played(SCENES[where], draft) for draft in faulty(OPERATIONS[which], SCENES[where]))


def faulty(operation: Operation, where: str) -> Iterator[Draft]:
    """An operation alone, with every fault at each of its requests in turn, once and again and again."""
    alone = played(scene(where), Draft((operation,)))
    for number, one in enumerate((one for one in alone.sent if one.actor == 0), start=1):
        for fault, place in faults_at(one.operation, one.request):
            for times in (1, MANY):
                yield Draft((operation,), plan={(0, number): Planned(fault, place, times)})


def _disorder(number: int, seed: int) -> Iterator[Play]:
    """One operation in one scene, with everything that can be out of joint."""
    which, where = divmod(number, len(SCENES))
    drafts = disordered(OPERATIONS[which], Random(f"{seed} {number}"))
    yield from (_played(SCENES[where], draft) for draft in drafts)


def _drawn(number: int, seed: int) -> Iterator[Play]:
    """Some plays that only chance has chosen: in one scene, always a few of the same operations."""
    rng = Random(f"{DRAWN} {seed} {number}")
    where = rng.choice(SCENES)
    for turn in range(BATCH // ORDERS):
        # By turns whatever can be asked for, and what is in each other's way.
        operations = tuple(rng.choices(OPERATIONS, k=3)) if turn % 2 else operations_drawn(rng)
        yield from (_played(where, drawn_of(operations, rng)) for _ in range(ORDERS))


def _played(where: str, draft: Draft) -> Play:
    """Play a draft where no time passes, unless it is to matter: so what was done before is known."""
    return played(scene(where), replace(draft, step_milliseconds=0) if draft.step_milliseconds == 1 else draft)


PAIR, THREE, FAULT, DISORDER, DRAWN = "pair", "three", "fault", "disorder", "drawn"
_KINDS: Mapping[str, Callable[[int, int], Iterator[Play]]] = {
    PAIR: _pair,
    THREE: _three,
    FAULT: _fault,
    DISORDER: _disorder,
    DRAWN: _drawn,
}
KINDS = tuple(_KINDS)
