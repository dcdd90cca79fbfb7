"""A suspension and its end meet every other operation in any order, and break no rule (R47)."""

from collections.abc import Iterator
from itertools import islice
from random import Random

import pytest

from tests.simulation.engine.operation_replay import replaying
from tests.simulation.engine.simulator_environment import simulator_environment
from tests.simulation.reporting.failure_report import failure_report
from tests.simulation.scenarios.initial_states import initial_state
from tests.simulation.scenarios.operation_pairs import concurrent, runs_in_every_order
from tests.simulation.scenarios.operations import ActorOperation, UseCase
from tests.simulation.scenarios.schedules import random_schedule_of, run_schedule
from tests.simulation.scenarios.suspensions import BEGUN_OPERATIONS, BOTH_ALONE, OPERATIONS, SUSPEND_ADA, WHERE

PAIRS = [
    *((where, (SUSPEND_ADA, other)) for where in WHERE for other in OPERATIONS),
    *((BOTH_ALONE, (SUSPEND_ADA, other)) for other in BEGUN_OPERATIONS),
]
EMPTY_DAY = "Cy has cancelled on Ada, who waits"
# Runs of each sampled pair in `make test`.
MAX_ORDERS = 2


@pytest.fixture(scope="module", autouse=True)
def _simulator() -> Iterator[None]:
    with simulator_environment(), replaying():
        yield


def check(where: str, operations: tuple[ActorOperation, ...], most: int | None = None) -> int:
    """Play the orders of these operations, and return their number."""
    runs = 0
    for run in islice(runs_in_every_order(initial_state(where), concurrent(*operations)), most):
        assert run.violation is None, failure_report(run)
        runs += 1
    return runs


def test_r47_a_suspension_breaks_no_rule_beside_another_operation() -> None:
    """A sample of the pairs of the long test."""
    for where, two in PAIRS[::13]:
        check(where, two, MAX_ORDERS)


def test_r47_a_booking_between_the_read_and_the_bump_of_its_day_is_cancelled() -> None:
    """Cy's day has no booking when the suspension reads it, which a random schedule found."""
    two = (ActorOperation(UseCase.SUSPEND, "Fay", "Cy"), ActorOperation(UseCase.BOOK, "Cy"))
    assert check(EMPTY_DAY, two) > 5


@pytest.mark.long  # Plays up to 200 orders of every pair.
@pytest.mark.parametrize("start", range(20))
def test_r47_all_pairs_with_a_suspension_break_no_rule(start: int) -> None:
    for where, two in PAIRS[start::20]:
        check(where, two, 200)


@pytest.mark.long  # Plays random schedules of three and four operations with faults.
@pytest.mark.parametrize("seed", range(10))
def test_r47_random_operations_with_faults_break_no_rule(seed: int) -> None:
    for number in range(30):
        rng = Random(f"suspensions {seed} {number}")
        operations = (SUSPEND_ADA, *rng.choices(OPERATIONS, k=rng.choice((1, 2, 3))))
        run = run_schedule(initial_state(rng.choice(WHERE)), random_schedule_of(operations, rng))
        assert run.violation is None, failure_report(run)
