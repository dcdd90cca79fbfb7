"""Schedules of operations, orders, faults and clocks, as values that can be drawn at random and shrunk."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from infra.simulation.interleaved_client import PlannedFault
from infra.simulation.interleaver import Task, TaskChooser
from tests.simulation.engine.simulation_run import InitialState, Rewrite, Scenario, SimulationRun
from tests.simulation.oracles.liveness import drain_and_check
from tests.simulation.scenarios.cast import SLOTS
from tests.simulation.scenarios.operations import SETTINGS, ActorOperation, UseCase

PEOPLE = ("Ada", "Ben", "Cy", "Dee")
# Deliveries of the stream.
DELIVERIES = ("", "twice", "reversed", "split", "with a lost record", "with poison records")


@dataclass(frozen=True)
class Schedule:
    """A repeatable schedule.

    `turns` has a number for each turn, the distance from the last task to the next one in the list of tasks. After
    these turns the current task runs to its end.
    """

    operations: tuple[ActorOperation, ...]
    turns: tuple[int, ...] = ()
    plan: dict[tuple[int, int], PlannedFault] = field(default_factory=dict)
    clocks: tuple[int, ...] = ()
    step_milliseconds: int = 1
    stream: bool = True

    def scenario(self) -> Scenario:
        """Return the parameters of the schedule without its order."""
        return Scenario(
            self.operations,
            self.plan,
            tuple(timedelta(seconds=seconds) for seconds in self.clocks),
            timedelta(milliseconds=self.step_milliseconds),
            self.stream,
        )

    def chooser(self) -> TaskChooser:
        """Return a chooser that follows the order."""
        turns = iter(self.turns)

        def choose(tasks: Sequence[Task], last: Task | None) -> Task:
            at = tasks.index(last) if last in tasks else 0
            return tasks[(at + next(turns, 0)) % len(tasks)]

        return choose


def run_schedule(initial_state: InitialState, schedule: Schedule, rewrite: Rewrite | None = None) -> SimulationRun:
    """Run a schedule, drain it and check it."""
    run = SimulationRun(initial_state, schedule.scenario(), rewrite)
    run.run(schedule.chooser())
    drain_and_check(run)
    return run


# The percentage of each operation among the random ones.
_OPERATION_WEIGHTS: Sequence[tuple[int, Callable[[Random], ActorOperation]]] = (
    (18, lambda rng: ActorOperation(UseCase.BOOK, _one(rng), slot=_slot(rng), option=_key(rng))),
    (4, lambda rng: ActorOperation(UseCase.BOOK, _one(rng), slot=_slot(rng), replaces=True)),
    (3, lambda rng: ActorOperation(UseCase.BOOK, *_two(rng), slot=_slot(rng))),
    (18, lambda rng: ActorOperation(UseCase.LOCK, *_two(rng), slot=_slot(rng), option=_key(rng))),
    (3, lambda rng: ActorOperation(UseCase.LOCK, *_two(rng), slot=_slot(rng), replaces=True)),
    (8, lambda rng: ActorOperation(UseCase.ACCEPT, _one(rng), "Ada", slot=_slot(rng), option=_key(rng))),
    (2, lambda rng: ActorOperation(UseCase.BATCH, _one(rng))),
    (12, lambda rng: ActorOperation(UseCase.CANCEL, _one(rng), slot=_slot(rng))),
    (4, lambda rng: ActorOperation(UseCase.BLOCK, *_two(rng))),
    (1, lambda rng: ActorOperation(UseCase.UNBLOCK, *_two(rng))),
    (2, lambda rng: ActorOperation(UseCase.SNOOZE, *_two(rng))),
    (1, lambda rng: ActorOperation(UseCase.FAVORITE, *_two(rng))),
    (1, lambda rng: ActorOperation(UseCase.UNFAVORITE, *_two(rng))),
    (3, lambda rng: ActorOperation(UseCase.SET, _one(rng), option=rng.choice(sorted(SETTINGS)))),
    (2, lambda rng: ActorOperation(UseCase.EDIT, _one(rng), slot=_slot(rng))),
    (1, lambda _: ActorOperation(UseCase.INVITE, "Ada", option="2")),
    (1, lambda _: ActorOperation(UseCase.REVOKE, "Ada")),
    (2, lambda rng: ActorOperation(UseCase.DELETE, _one(rng))),
    (1, lambda rng: ActorOperation(UseCase.RETURN, _one(rng))),
    (1, lambda rng: ActorOperation(UseCase.VIEW, *_two(rng))),
    (1, lambda rng: ActorOperation(UseCase.COUNT, *_two(rng))),
    (7, lambda rng: ActorOperation(UseCase.DELIVER, option=rng.choice(DELIVERIES))),
    (2, lambda _: ActorOperation(UseCase.FINALIZE)),
    (2, lambda _: ActorOperation(UseCase.SWEEP)),
    (1, lambda _: ActorOperation(UseCase.JOBS)),
)
_WEIGHTS = [weight for weight, _ in _OPERATION_WEIGHTS]


def _one(rng: Random) -> str:
    return rng.choice(PEOPLE)


def _two(rng: Random) -> list[str]:
    return rng.sample(PEOPLE, 2)


def _slot(rng: Random) -> str:
    return rng.choices(tuple(SLOTS), (6, 2, 2, 1))[0]


def _key(rng: Random) -> str:
    return rng.choices(("", "a key"), (4, 1))[0]


# Two or three operations find nearly as many violations as more would, and sooner.
_OPERATION_COUNTS = (2, 2, 3, 3, 3, 3, 4, 6)


def random_schedule(rng: Random) -> Schedule:
    """Return a random schedule, mostly of few operations. Some have clock errors, faults or no stream."""
    return random_schedule_of(random_operations(rng), rng)


def random_operations(rng: Random) -> tuple[ActorOperation, ...]:
    """Return random operations."""
    return tuple(rng.choices(_OPERATION_WEIGHTS, _WEIGHTS)[0][1](rng) for _ in range(rng.choice(_OPERATION_COUNTS)))


def random_schedule_of(operations: tuple[ActorOperation, ...], rng: Random) -> Schedule:
    """Return the operations in a random order with random faults."""
    number = len(operations)
    restless = rng.choice((0.1, 0.3, 0.6))
    turns = tuple(rng.randrange(1, 8) if rng.random() < restless else 0 for _ in range(number * 8))
    faults = rng.choice((0, 0, 1, 2, 4))
    requests = (-1, -1, -1, -2, *range(1, 9))
    plan = {(rng.randrange(number), rng.choice(requests)): _fault(rng) for _ in range(faults)}
    clocks = tuple(rng.randint(-60, 60) for _ in range(number)) if rng.random() < 0.3 else ()
    return Schedule(operations, turns, plan, clocks, rng.choice((1, 1, 1, 1000)), rng.random() < 0.9)


def _fault(rng: Random) -> PlannedFault:
    return PlannedFault(rng.randrange(64), rng.randrange(8), rng.choice((1, 1, 1, 2, 3, 4)))
