"""The schedules of a campaign, each with a name for its replay."""

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
from tests.simulation.scenarios.initial_states import (
    IN_SESSION_PREPARATIONS,
    INITIAL_STATES,
    SUBSCRIBED,
    initial_state,
)
from tests.simulation.scenarios.operation_pairs import (
    OPERATIONS,
    concurrent,
    pairs,
    runs_in_every_order,
    states_for_pair,
)
from tests.simulation.scenarios.operations import ActorOperation
from tests.simulation.scenarios.schedules import (
    Schedule,
    random_begun_schedule,
    random_event_schedule,
    random_operations,
    random_schedule_of,
    run_schedule,
)

# The number of random runs in one batch.
BATCH = 50
# The number of random orders of the same operations.
ORDERS = 10
# More successive attempts than any use case makes.
MANY_ATTEMPTS = 8
# The limit of orders for two and for three operations.
MAX_ORDERS = {2: 10_000, 3: 500}
# The number of pairs that are run with every third operation before the initial state changes. Their operations are
# memoized for one state.
PAIRS_IN_TURN = 8


class ScheduleName(NamedTuple):
    """The kind and number of a batch, and the number of a run in it."""

    kind: str
    batch: int
    run: int

    def __str__(self) -> str:
        return f"{self.kind}-{self.batch}-{self.run}"

    @classmethod
    def read(cls, text: str) -> "ScheduleName":
        """Return the name that the text stands for, the inverse of `str`. Raises ValueError."""
        kind, batch, run = text.split("-")
        return cls(kind, int(batch), int(run))


def batch(kind: str, number: int, seed: int) -> Iterator[tuple[ScheduleName, SimulationRun]]:
    """Yield the runs of a batch, drained and checked. Call the function inside of `simulator_environment` only."""
    with replaying():
        for place, run in enumerate(_KINDS[kind](number, seed)):
            yield ScheduleName(kind, number, place), run


def batches(kind: str) -> int | None:
    """Return the number of batches of a kind, or None if there is no limit."""
    operations_with_states = len(OPERATIONS) * len(INITIAL_STATES)
    pairs_with_states = len(pairs()) * len(INITIAL_STATES)
    return {
        PAIR: pairs_with_states,
        TRIPLE: pairs_with_states,
        FAULT: operations_with_states,
        ENVIRONMENT: operations_with_states,
    }.get(kind)


def replay(name: ScheduleName, seed: int) -> SimulationRun:
    """Return the run of that name."""
    return next(islice(batch(name.kind, name.batch, seed), name.run, None))[1]


def _pair(number: int, _: int) -> Iterator[SimulationRun]:
    """Yield the runs of a pair of operations in one initial state."""
    # First every pair in its first initial state, then every pair in its second one, and so on.
    turn, which = divmod(number, len(pairs()))
    two = pairs()[which]
    yield from _orders(states_for_pair(*two)[turn], *two)


def _triple(number: int, seed: int) -> Iterator[SimulationRun]:
    """Yield the runs of a pair with every third operation in one initial state."""
    where, two = triples(seed)[number]
    for third in OPERATIONS[OPERATIONS.index(two[1]) :]:
        yield from _orders(where, *two, third)


def _orders(where: str, *operations: ActorOperation) -> Iterator[SimulationRun]:
    """Yield the runs of operations in every order that matters, up to the limit."""
    yield from islice(runs_in_every_order(initial_state(where), concurrent(*operations)), MAX_ORDERS[len(operations)])


@cache
def triples(seed: int) -> list[tuple[str, tuple[ActorOperation, ActorOperation]]]:
    """Return every pair in every initial state, in random order."""
    rng = Random(f"{TRIPLE} {seed}")
    turns = []
    for where in INITIAL_STATES:
        two = rng.sample(pairs(), len(pairs()))
        turns += [[(where, one) for one in two[at : at + PAIRS_IN_TURN]] for at in range(0, len(two), PAIRS_IN_TURN)]
    rng.shuffle(turns)
    return [one for turn in turns for one in turn]


def _fault(number: int, _: int) -> Iterator[SimulationRun]:
    """Yield the runs of one operation in one initial state with every fault at each request."""
    which, where = divmod(number, len(INITIAL_STATES))
    yield from (
        _run_schedule(INITIAL_STATES[where], schedule)
        for schedule in schedules_with_faults(OPERATIONS[which], INITIAL_STATES[where])
    )


def schedules_with_faults(operation: ActorOperation, where: str) -> Iterator[Schedule]:
    """Yield schedules of a single operation with every fault at each request, once and eight times in a row."""
    alone = run_schedule(initial_state(where), Schedule((operation,)))
    for number, one in enumerate((one for one in alone.sent if one.actor == 0), start=1):
        for fault, place in faults_at(one.operation, one.request):
            for times in (1, MANY_ATTEMPTS):
                yield Schedule((operation,), plan={(0, number): PlannedFault(fault, place, times)})


def _environment(number: int, seed: int) -> Iterator[SimulationRun]:
    """Yield the runs of one operation in one initial state with every environment fault."""
    which, where = divmod(number, len(INITIAL_STATES))
    schedules = schedules_with_environment_faults(OPERATIONS[which], Random(f"{seed} {number}"))
    yield from (_run_schedule(INITIAL_STATES[where], schedule) for schedule in schedules)


def _drawn(number: int, seed: int) -> Iterator[SimulationRun]:
    """Yield random runs in one initial state, ten for each choice of operations."""
    rng = Random(f"{DRAWN} {seed} {number}")
    where = rng.choice(INITIAL_STATES)
    for turn in range(BATCH // ORDERS):
        # Alternate between random operations and those of the pairs, which conflict.
        operations = tuple(rng.choices(OPERATIONS, k=3)) if turn % 2 else random_operations(rng)
        yield from (_run_schedule(where, random_schedule_of(operations, rng)) for _ in range(ORDERS))


def _events(number: int, seed: int) -> Iterator[SimulationRun]:
    """Yield random runs about events in one initial state in which all members are subscribed."""
    rng = Random(f"{EVENTS} {seed} {number}")
    where = rng.choice(INITIAL_STATES) + SUBSCRIBED
    yield from (_run_schedule(where, random_event_schedule(rng)) for _ in range(BATCH))


def _begun(number: int, seed: int) -> Iterator[SimulationRun]:
    """Yield random runs in one initial state after the start of a session (R37, R38)."""
    rng = Random(f"{BEGUN} {seed} {number}")
    where = rng.choice(tuple(IN_SESSION_PREPARATIONS)) + rng.choice(("", SUBSCRIBED))
    yield from (_run_schedule(where, random_begun_schedule(rng)) for _ in range(BATCH))


def _run_schedule(where: str, schedule: Schedule) -> SimulationRun:
    """Run a schedule, without a time step in place of the default one. Operations are memoized only without one."""
    return run_schedule(
        initial_state(where), replace(schedule, step_milliseconds=0) if schedule.step_milliseconds == 1 else schedule
    )


PAIR, TRIPLE, FAULT, ENVIRONMENT = "pair", "three", "fault", "environment"
DRAWN, EVENTS, BEGUN = "drawn", "events", "begun"
_KINDS: Mapping[str, Callable[[int, int], Iterator[SimulationRun]]] = {
    PAIR: _pair,
    TRIPLE: _triple,
    FAULT: _fault,
    ENVIRONMENT: _environment,
    DRAWN: _drawn,
    EVENTS: _events,
    BEGUN: _begun,
}
KINDS = tuple(_KINDS)
