"""Every pair of operations, in every initial state and every order."""

from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from itertools import combinations_with_replacement
from random import Random

from tests.simulation.engine.partial_order_reduction import explore_orders
from tests.simulation.engine.simulation_run import InitialState, Scenario, SimulationRun
from tests.simulation.oracles.liveness import drain_and_check
from tests.simulation.scenarios.initial_states import INITIAL_STATES, initial_state
from tests.simulation.scenarios.operations import READERS_OF_ACCOUNT, ActorOperation, UseCase
from tests.simulation.scenarios.schedules import Schedule, run_schedule

# Deletions and the jobs after them have many writes. All orders of two of them can only be run in initial states with
# few bookings.
LONG_USE_CASES = {UseCase.DELETE, UseCase.DELIVER, UseCase.JOBS}
FEW_DELETIONS, FEW_JOBS = "no slot is booked", "Ada was about to part from Ben, who is blocked"

# Every use case at least once, by members whose bookings conflict.
OPERATIONS = (
    ActorOperation(UseCase.BOOK, "Dee"),
    ActorOperation(UseCase.BOOK, "Dee", option="a key"),
    ActorOperation(UseCase.BATCH, "Dee"),
    ActorOperation(UseCase.CANCEL, "Ada"),
    ActorOperation(UseCase.CANCEL, "Ben"),
    ActorOperation(UseCase.LOCK, "Cy", "Ada"),
    ActorOperation(UseCase.LOCK, "Ada", "Cy"),
    ActorOperation(UseCase.LOCK, "Ada", "Ben"),
    ActorOperation(UseCase.LOCK, "Dee", "Ada", option="a key"),
    ActorOperation(UseCase.LOCK, "Ben", "Dee", replaces=True),
    ActorOperation(UseCase.ACCEPT, "Dee", "Ada", option="another key"),
    ActorOperation(UseCase.BLOCK, "Ada", "Ben"),
    ActorOperation(UseCase.BLOCK, "Cy", "Ada"),
    # Dee has no day in most initial states, so these meet a booking that creates it.
    ActorOperation(UseCase.BLOCK, "Dee", "Ada"),
    ActorOperation(UseCase.UNBLOCK, "Dee", "Ada"),
    ActorOperation(UseCase.UNBLOCK, "Ada", "Ben"),
    ActorOperation(UseCase.SNOOZE, "Ada", "Cy"),
    ActorOperation(UseCase.UNSNOOZE, "Ada", "Cy"),
    ActorOperation(UseCase.FAVORITE, "Ada", "Dee"),
    ActorOperation(UseCase.UNFAVORITE, "Cy", "Ada"),
    ActorOperation(UseCase.SET, "Ada", option="not available"),
    ActorOperation(UseCase.EDIT, "Ada"),
    ActorOperation(UseCase.INVITE, "Ada", option="2"),
    ActorOperation(UseCase.REVOKE, "Ada"),
    ActorOperation(UseCase.DELETE, "Ada"),
    ActorOperation(UseCase.RETURN, "Ada"),
    ActorOperation(UseCase.MAKE_KEY, "Ada"),
    ActorOperation(UseCase.CALL, "Ada"),
    ActorOperation(UseCase.REVOKE_KEY, "Ada"),
    ActorOperation(UseCase.VIEW, "Cy", "Ada"),
    ActorOperation(UseCase.COUNT, "Ben", "Ada"),
    ActorOperation(UseCase.DELIVER),
    ActorOperation(UseCase.FINALIZE),
    ActorOperation(UseCase.SWEEP),
    ActorOperation(UseCase.JOBS),
)


def pairs() -> list[tuple[ActorOperation, ActorOperation]]:
    """Return every pair of operations, including each with itself."""
    return list(combinations_with_replacement(OPERATIONS, 2))


def states_for_pair(one: ActorOperation, other: ActorOperation) -> tuple[str, ...]:
    """Return all initial states for a pair, first one in which both operations send requests.

    The first state changes from pair to pair where several are possible.
    """
    at = pairs().index((one, other)) % len(INITIAL_STATES)
    use_cases = {one.use_case, other.use_case}

    def is_left_for_later(where: str) -> bool:
        if use_cases <= LONG_USE_CASES:
            return where != (FEW_DELETIONS if UseCase.DELETE in use_cases else FEW_JOBS)
        return not (_sends_requests(one, where) and _sends_requests(other, where))

    return tuple(sorted(INITIAL_STATES[at:] + INITIAL_STATES[:at], key=is_left_for_later))


@cache
def _sends_requests(operation: ActorOperation, where: str) -> bool:
    """Return True if the operation sends a request when it runs alone, other than the read of the account."""
    run = run_schedule(initial_state(where), Schedule((operation,), step_milliseconds=0))
    return sum(sent.actor == 0 for sent in run.sent) > (operation.use_case in READERS_OF_ACCOUNT)


def concurrent(*operations: ActorOperation) -> Scenario:
    """Return a scenario of operations at one instant."""
    return Scenario(operations, step=timedelta(0))


def runs_in_every_order(initial_state: InitialState, scenario: Scenario) -> Iterator[SimulationRun]:
    """Yield a run for each order that matters, drained and checked."""

    def begin() -> SimulationRun:
        run = SimulationRun(initial_state, scenario)
        run.begin()
        return run

    for run in explore_orders(begin, Random(f"{initial_state.name} {', '.join(map(str, scenario.operations))}")):
        drain_and_check(run)
        yield run
