"""Faults of the environment, in clocks, the stream and the schedules."""

from collections import Counter
from collections.abc import Iterator
from random import Random

from tests.simulation.engine.simulation_run import Scenario
from tests.simulation.scenarios.operations import ActorOperation, UseCase
from tests.simulation.scenarios.schedules import DELIVERIES, Schedule

CLOCKS = "clocks two minutes apart"
STREAM_OFF = "the stream is off"
SCHEDULES_BETWEEN = "a schedule in between"
SCHEDULES_TWICE = "schedules twice and at once"
SCHEDULES_LATE = "schedules late or missing"
STREAM = {option: f"the stream delivers {option or 'in order'}" for option in DELIVERIES}
ENVIRONMENT_FAULTS = (CLOCKS, STREAM_OFF, *STREAM.values(), SCHEDULES_BETWEEN, SCHEDULES_TWICE, SCHEDULES_LATE)

SCHEDULED = (UseCase.FINALIZE, UseCase.JOBS, UseCase.SWEEP)
_SCHEDULED_OPERATIONS = tuple(map(ActorOperation, SCHEDULED))
# An operation that conflicts with most others.
_CONFLICTING = ActorOperation(UseCase.LOCK, "Cy", "Ada")


def environment_faults_of(scenario: Scenario) -> Iterator[str]:
    """Yield the environment faults of a scenario."""
    if any(scenario.clocks):
        yield CLOCKS
    if not scenario.stream:
        yield STREAM_OFF
    for option in {operation.option for operation in scenario.operations if operation.use_case is UseCase.DELIVER}:
        yield STREAM[option]
    counts = Counter(operation for operation in scenario.operations if operation in _SCHEDULED_OPERATIONS)
    yield SCHEDULES_TWICE if max(counts.values(), default=0) > 1 else SCHEDULES_BETWEEN if counts else SCHEDULES_LATE


def schedules_with_environment_faults(operation: ActorOperation, rng: Random) -> Iterator[Schedule]:
    """Yield schedules of an operation with each environment fault, in random orders."""

    def random_order(*others: ActorOperation, clocks: tuple[int, ...] = (), stream: bool = True) -> Schedule:
        operations = (operation, *others)
        turns = tuple(rng.randrange(len(operations)) for _ in range(8 * len(operations)))
        return Schedule(operations, turns, clocks=clocks, stream=stream)

    yield random_order(_CONFLICTING, clocks=(60, -60))
    yield random_order(_CONFLICTING, clocks=(-60, 60))
    yield random_order(_CONFLICTING, stream=False)
    for option in DELIVERIES:
        delivery = ActorOperation(UseCase.DELIVER, option=option)
        yield random_order(_CONFLICTING, delivery)
        # One after the other, so that the stream has records to deliver.
        yield Schedule((operation, _CONFLICTING, delivery))
    yield random_order(*_SCHEDULED_OPERATIONS)
    yield random_order(*_SCHEDULED_OPERATIONS, *_SCHEDULED_OPERATIONS)
    yield random_order(_CONFLICTING)
