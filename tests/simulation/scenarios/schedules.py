"""Schedules of operations, orders, faults and clocks, as values that can be drawn at random and shrunk."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random

from infra.simulation.interleaved_client import PlannedFault
from infra.simulation.interleaver import Task, TaskChooser
from tests.simulation.engine.day_stream import DayDelivery
from tests.simulation.engine.simulation_run import InitialState, Rewrite, Scenario, SimulationRun
from tests.simulation.oracles.liveness import drain_and_check
from tests.simulation.scenarios.cast import SLOTS
from tests.simulation.scenarios.operations import LOCKS, SETTINGS, ActorOperation, UseCase
from tests.simulation.scenarios.second_chances import OPERATIONS as BEGUN_OPERATIONS

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


_Weights = Sequence[tuple[int, Callable[[Random, Sequence[str]], ActorOperation]]]
# The percentage of each operation among the random ones.
_OPERATION_WEIGHTS: _Weights = (
    (18, lambda rng, who: ActorOperation(UseCase.BOOK, rng.choice(who), slot=_slot(rng), option=_key(rng))),
    (4, lambda rng, who: ActorOperation(UseCase.BOOK, rng.choice(who), slot=_slot(rng), replaces=True)),
    (3, lambda rng, who: ActorOperation(UseCase.BOOK, *rng.sample(who, 2), slot=_slot(rng))),
    (18, lambda rng, who: ActorOperation(UseCase.LOCK, *rng.sample(who, 2), slot=_slot(rng), option=_key(rng))),
    (3, lambda rng, who: ActorOperation(UseCase.LOCK, *rng.sample(who, 2), slot=_slot(rng), replaces=True)),
    (8, lambda rng, who: ActorOperation(UseCase.ACCEPT, rng.choice(who), "Ada", slot=_slot(rng), option=_key(rng))),
    (2, lambda rng, who: _batch(rng, who)),
    (12, lambda rng, who: ActorOperation(UseCase.CANCEL, rng.choice(who), slot=_slot(rng))),
    (4, lambda rng, who: ActorOperation(UseCase.BLOCK, *rng.sample(who, 2))),
    (1, lambda rng, who: ActorOperation(UseCase.UNBLOCK, *rng.sample(who, 2))),
    (2, lambda rng, who: ActorOperation(UseCase.SNOOZE, *rng.sample(who, 2))),
    (1, lambda rng, who: ActorOperation(UseCase.UNSNOOZE, *rng.sample(who, 2))),
    (1, lambda rng, who: ActorOperation(UseCase.FAVORITE, *rng.sample(who, 2))),
    (1, lambda rng, who: ActorOperation(UseCase.UNFAVORITE, *rng.sample(who, 2))),
    (3, lambda rng, who: ActorOperation(UseCase.SET, rng.choice(who), option=rng.choice(sorted(SETTINGS)))),
    (2, lambda rng, who: ActorOperation(UseCase.EDIT, rng.choice(who), slot=_slot(rng))),
    (1, lambda *_: ActorOperation(UseCase.INVITE, "Ada", option="2")),
    (1, lambda *_: ActorOperation(UseCase.REVOKE, "Ada")),
    (2, lambda rng, who: ActorOperation(UseCase.DELETE, rng.choice(who))),
    (1, lambda rng, who: ActorOperation(UseCase.RETURN, rng.choice(who))),
    (1, lambda rng, who: ActorOperation(UseCase.VIEW, *rng.sample(who, 2))),
    (1, lambda rng, who: ActorOperation(UseCase.COUNT, *rng.sample(who, 2))),
    (7, lambda rng, _: ActorOperation(UseCase.DELIVER, option=rng.choice(DELIVERIES))),
    (2, lambda *_: ActorOperation(UseCase.FINALIZE)),
    (2, lambda *_: ActorOperation(UseCase.SWEEP)),
    (1, lambda *_: ActorOperation(UseCase.JOBS)),
)
# The same among the operations of two members who block, snooze, leave and return in every order.
_WEIGHTS_OF_TWO: _Weights = (
    (15, lambda rng, who: ActorOperation(UseCase.BOOK, rng.choice(who), slot=_slot(rng), option=_key(rng))),
    (15, lambda rng, who: ActorOperation(UseCase.LOCK, *rng.sample(who, 2), slot=_slot(rng), option=_key(rng))),
    (5, lambda rng, who: ActorOperation(UseCase.CANCEL, rng.choice(who), slot=_slot(rng))),
    (18, lambda rng, who: ActorOperation(UseCase.BLOCK, *rng.sample(who, 2))),
    (14, lambda rng, who: ActorOperation(UseCase.UNBLOCK, *rng.sample(who, 2))),
    (7, lambda rng, who: ActorOperation(UseCase.SNOOZE, *rng.sample(who, 2))),
    (7, lambda rng, who: ActorOperation(UseCase.UNSNOOZE, *rng.sample(who, 2))),
    (2, lambda rng, who: ActorOperation(UseCase.FAVORITE, *rng.sample(who, 2))),
    (5, lambda rng, who: ActorOperation(UseCase.DELETE, rng.choice(who))),
    (5, lambda rng, who: ActorOperation(UseCase.RETURN, rng.choice(who))),
    (4, lambda rng, _: ActorOperation(UseCase.DELIVER, option=rng.choice(DELIVERIES))),
    (3, lambda *_: ActorOperation(UseCase.JOBS)),
)
SHARE_OF_TWO = 0.25
# The numbers of invocations that announce events, among the operations of a schedule about events.
_ANNOUNCEMENTS = (1, 1, 2, 2, 3)
# The requests of an invocation that can meet a fault. Each record has about five.
_REQUESTS_OF_ANNOUNCEMENT = 24


def _slot(rng: Random) -> str:
    return rng.choices(tuple(SLOTS), (6, 2, 2, 1))[0]


def _key(rng: Random) -> str:
    return rng.choices(("", "a key"), (4, 1))[0]


def _batch(rng: Random, who: Sequence[str]) -> ActorOperation:
    one, other = rng.sample(who, 2)
    kinds = (
        ActorOperation(UseCase.BATCH, one),
        ActorOperation(UseCase.BATCH, one, replaces=True),
        ActorOperation(UseCase.BATCH, one, other, option=LOCKS),
    )
    return rng.choice(kinds)


# Two or three operations find nearly as many violations as more would, and sooner.
_OPERATION_COUNTS = (2, 2, 3, 3, 3, 3, 4, 6)


def random_schedule(rng: Random) -> Schedule:
    """Return a random schedule, mostly of few operations. Some have clock errors, faults or no stream."""
    return random_schedule_of(random_operations(rng), rng)


def random_operations(rng: Random) -> tuple[ActorOperation, ...]:
    """Return random operations, some of two members only."""
    weights, people = _OPERATION_WEIGHTS, PEOPLE
    if rng.random() < SHARE_OF_TWO:
        weights, people = _WEIGHTS_OF_TWO, tuple(rng.sample(PEOPLE, 2))
    number = rng.choice(_OPERATION_COUNTS)
    drawn = rng.choices([made for _, made in weights], [weight for weight, _ in weights], k=number)
    return tuple(made(rng, people) for made in drawn)


def random_event_schedule(rng: Random) -> Schedule:
    """Return random operations, and invocations that announce their events, in a random order with random faults."""
    return random_announced_schedule(random_operations(rng)[: rng.choice((1, 2, 2, 3))], rng)


def random_begun_schedule(rng: Random) -> Schedule:
    """Return random operations in a session that has begun, and announcements, in a random order with random faults."""
    return random_announced_schedule(tuple(rng.choices(BEGUN_OPERATIONS, k=rng.choice((1, 2, 2, 3, 4)))), rng)


def random_announced_schedule(announced: Sequence[ActorOperation], rng: Random) -> Schedule:
    """Return these operations, and invocations that announce their events, in a random order with random faults."""
    operations = list(announced)
    for _ in range(rng.choice(_ANNOUNCEMENTS)):
        announcement = ActorOperation(UseCase.ANNOUNCE, option=rng.choice(tuple(DayDelivery)))
        operations.insert(rng.randrange(len(operations) + 1), announcement)
    schedule = random_schedule_of(tuple(operations), rng)
    actors = [actor for actor, operation in enumerate(operations) if operation.use_case is UseCase.ANNOUNCE]
    requests = range(1, _REQUESTS_OF_ANNOUNCEMENT)
    plan = {(rng.choice(actors), rng.choice(requests)): _fault(rng) for _ in range(rng.choice((0, 1, 1, 2, 4)))}
    return replace(schedule, plan={**schedule.plan, **plan})


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
