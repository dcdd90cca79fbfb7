"""The schedules of a campaign, each with a name under which it is run_schedule again."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from itertools import islice
from random import Random
from typing import NamedTuple

from infra.simulation.interleaved_client import PlannedFault
from tests.simulation.engine.operation_replay import replaying
from tests.simulation.engine.simulation_run import SimulationRun
from tests.simulation.scenarios.environment_faults import schedules_with_environment_faults
from tests.simulation.scenarios.fault_sites import faults_at
from tests.simulation.scenarios.initial_states import INITIAL_STATES, initial_state
from tests.simulation.scenarios.operation_pairs import OPERATIONS, concurrent, pairs, states_for_pair, runs_in_every_order
from tests.simulation.scenarios.operations import ActorOperation
from tests.simulation.scenarios.schedules import Schedule, run_schedule, random_operations, random_schedule_of

# How many drawn plays are in one batch.
BATCH = 50
# In how many orders of the same operations.
ORDERS = 10
# More sendings in a row than any use case makes.
MANY = 8
# In so many orders are any two and any three run_schedule.
MOST_ORDERS = {2: 10_000, 3: 500}
# So many pairs, each with every third, are run_schedule in one scene before another has its turn: what was done there is
# known.
PAIRS_IN_TURN = 8


class ScheduleName(NamedTuple):
    """Which batch of which kind, and which of its plays."""

    kind: str
    batch: int
    run: int

    def __str__(self) -> str:
        return f"{self.kind}-{self.batch}-{self.run}"

    @classmethod
    def read(cls, text: str) -> "ScheduleName":
        """The inverse of `str`. Raises ValueError where it is none."""
        kind, batch, run = text.split("-")
        return cls(kind, int(batch), int(run))


def batch(kind: str, number: int, seed: int) -> Iterator[tuple[ScheduleName, SimulationRun]]:
    """All plays of a batch, one after the other, each brought to rest; only between `simulator_environment` and its end."""
    with replaying():
        for run, made in enumerate(_KINDS[kind](number, seed)):
            yield ScheduleName(kind, number, run), made


def batches(kind: str) -> int | None:
    """How many batches of a kind there are; None where there is no end to them."""
    with_states = len(OPERATIONS) * len(INITIAL_STATES)
    twos = len(pairs()) * len(INITIAL_STATES)
    return {PAIR: twos, TRIPLE: twos, FAULT: with_states, ENVIRONMENT: with_states}.get(kind)


def replay(name: ScheduleName, seed: int) -> SimulationRun:
    """The play of that name."""
    return next(islice(batch(name.kind, name.batch, seed), name.run, None))[1]


def _pair(number: int, _: int) -> Iterator[SimulationRun]:
    """Two operations in one scene."""
    # Every pair in one scene, then every pair in another one, until all have been in all of them.
    turn, which = divmod(number, len(pairs()))
    two = pairs()[which]
    yield from _orders(states_for_pair(*two)[turn], *two)


def _triple(number: int, seed: int) -> Iterator[SimulationRun]:
    """Two operations with every third in one scene."""
    where, two = triples(seed)[number]
    for third in OPERATIONS[OPERATIONS.index(two[1]) :]:
        yield from _orders(where, *two, third)


def _orders(where: str, *operations: ActorOperation) -> Iterator[SimulationRun]:
    """Operations in one scene, in every order that makes a difference or the first so many."""
    yield from islice(runs_in_every_order(initial_state(where), concurrent(*operations)), MOST_ORDERS[len(operations)])


@cache
def triples(seed: int) -> list[tuple[str, tuple[ActorOperation, ActorOperation]]]:
    """Every scene with every two operations, in an order that is drawn."""
    rng = Random(f"{TRIPLE} {seed}")
    turns = []
    for where in INITIAL_STATES:
        two = rng.sample(pairs(), len(pairs()))
        turns += [[(where, one) for one in two[at : at + PAIRS_IN_TURN]] for at in range(0, len(two), PAIRS_IN_TURN)]
    rng.shuffle(turns)
    return [one for turn in turns for one in turn]


def _fault(number: int, _: int) -> Iterator[SimulationRun]:
    """One operation in one scene, with every fault at each of its requests in turn."""
    which, where = divmod(number, len(INITIAL_STATES))
    yield from (
        _run_schedule(INITIAL_STATES[where], schedule)
        for schedule in schedules_with_faults(OPERATIONS[which], INITIAL_STATES[where])
    )


def schedules_with_faults(operation: ActorOperation, where: str) -> Iterator[Schedule]:
    """An operation alone, with every fault at each of its requests in turn, once and again and again."""
    alone = run_schedule(initial_state(where), Schedule((operation,)))
    for number, one in enumerate((one for one in alone.sent if one.actor == 0), start=1):
        for fault, place in faults_at(one.operation, one.request):
            for times in (1, MANY):
                yield Schedule((operation,), plan={(0, number): PlannedFault(fault, place, times)})


def _environment(number: int, seed: int) -> Iterator[SimulationRun]:
    """One operation in one scene, with everything that can be out of joint."""
    which, where = divmod(number, len(INITIAL_STATES))
    schedules = schedules_with_environment_faults(OPERATIONS[which], Random(f"{seed} {number}"))
    yield from (_run_schedule(INITIAL_STATES[where], schedule) for schedule in schedules)


def _drawn(number: int, seed: int) -> Iterator[SimulationRun]:
    """Some plays that only chance has chosen: in one scene, always a few of the same operations."""
    rng = Random(f"{DRAWN} {seed} {number}")
    where = rng.choice(INITIAL_STATES)
    for turn in range(BATCH // ORDERS):
        # By turns whatever can be asked for, and what is in each other's way.
        operations = tuple(rng.choices(OPERATIONS, k=3)) if turn % 2 else random_operations(rng)
        yield from (_run_schedule(where, random_schedule_of(operations, rng)) for _ in range(ORDERS))


def _run_schedule(where: str, schedule: Schedule) -> SimulationRun:
    """Play a draft where no time passes, unless it is to matter: so what was done before is known."""
    return run_schedule(
        initial_state(where), replace(schedule, step_milliseconds=0) if schedule.step_milliseconds == 1 else schedule
    )


PAIR, TRIPLE, FAULT, ENVIRONMENT, DRAWN = "pair", "three", "fault", "environment", "drawn"
_KINDS: Mapping[str, Callable[[int, int], Iterator[SimulationRun]]] = {
    PAIR: _pair,
    TRIPLE: _triple,
    FAULT: _fault,
    ENVIRONMENT: _environment,
    DRAWN: _drawn,
}
KINDS = tuple(_KINDS)
