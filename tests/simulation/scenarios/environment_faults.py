"""Faults of the environment, in clocks, the stream and the schedules."""

from collections import Counter
from collections.abc import Iterator
from random import Random

from tests.simulation.engine.simulation_run import Scenario
from tests.simulation.scenarios.operations import ActorOperation, UseCase
from tests.simulation.scenarios.schedules import DELIVERIES, Schedule

CLOCKS = "clocks two minutes apart"
OFF = "the stream is off"
TICK = "a schedule in between"
TWICE = "schedules twice and at once"
NO_TICK = "schedules late or missing"
STREAM = {option: f"the stream delivers {option or 'in order'}" for option in DELIVERIES}
ENVIRONMENT_FAULTS = (CLOCKS, OFF, *STREAM.values(), TICK, TWICE, NO_TICK)

TICKING = (UseCase.FINALIZE, UseCase.JOBS, UseCase.SWEEP)
_TICKS = tuple(map(ActorOperation, TICKING))
# An operation that conflicts with most others.
_OTHER = ActorOperation(UseCase.LOCK, "Cy", "Ada")


def environment_faults_of(scenario: Scenario) -> Iterator[str]:
    """Yield the environment faults of a scenario."""
    if any(scenario.clocks):
        yield CLOCKS
    if not scenario.stream:
        yield OFF
    for option in {operation.option for operation in scenario.operations if operation.use_case is UseCase.DELIVER}:
        yield STREAM[option]
    ticks = Counter(operation for operation in scenario.operations if operation in _TICKS)
    yield TWICE if max(ticks.values(), default=0) > 1 else TICK if ticks else NO_TICK


def schedules_with_environment_faults(operation: ActorOperation, rng: Random) -> Iterator[Schedule]:
    """Yield schedules of an operation with each environment fault, in random orders."""

    def drawn(*others: ActorOperation, clocks: tuple[int, ...] = (), stream: bool = True) -> Schedule:
        operations = (operation, *others)
        turns = tuple(rng.randrange(len(operations)) for _ in range(8 * len(operations)))
        return Schedule(operations, turns, clocks=clocks, stream=stream)

    yield drawn(_OTHER, clocks=(60, -60))
    yield drawn(_OTHER, clocks=(-60, 60))
    yield drawn(_OTHER, stream=False)
    for option in DELIVERIES:
        comes = ActorOperation(UseCase.DELIVER, option=option)
        yield drawn(_OTHER, comes)
        # One after the other, so that the stream has records to deliver.
        yield Schedule((operation, _OTHER, comes))
    yield drawn(*_TICKS)
    yield drawn(*_TICKS, *_TICKS)
    yield drawn(_OTHER)
