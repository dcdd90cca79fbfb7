"""Joining, asking for another partner and cancelling break no rule in any order (R37, R38)."""

from collections.abc import Iterator
from itertools import combinations_with_replacement, islice

import pytest

from tests.simulation.engine.operation_replay import replaying
from tests.simulation.engine.simulator_environment import simulator_environment
from tests.simulation.reporting.failure_report import failure_report
from tests.simulation.scenarios.initial_states import IN_SESSION_PREPARATIONS, initial_state
from tests.simulation.scenarios.operation_pairs import concurrent, runs_in_every_order
from tests.simulation.scenarios.operations import ActorOperation
from tests.simulation.scenarios.second_chances import OPERATIONS

PAIRS = [(where, two) for where in IN_SESSION_PREPARATIONS for two in combinations_with_replacement(OPERATIONS, 2)]
TRIPLES = [
    (where, three) for where in IN_SESSION_PREPARATIONS for three in combinations_with_replacement(OPERATIONS, 3)
]
# Runs of every fourth pair in `make test`, and of every triple.
MAX_ORDERS = 20
# Two deletions of one account have far more orders than any other pair.
MAX_ORDERS_OF_PAIR = 1_000


@pytest.fixture(scope="module", autouse=True)
def _simulator() -> Iterator[None]:
    with simulator_environment(), replaying():
        yield


def check(where: str, operations: tuple[ActorOperation, ...], most: int) -> int:
    """Play the orders of these operations, and return their number."""
    runs = 0
    for run in islice(runs_in_every_order(initial_state(where), concurrent(*operations)), most):
        assert run.violation is None, failure_report(run)
        runs += 1
    return runs


@pytest.mark.parametrize("start", range(10))
def test_r38_two_operations_after_the_start_break_no_rule(start: int) -> None:
    """A sample of the pairs of the long test."""
    for where, two in PAIRS[start::40]:
        check(where, two, MAX_ORDERS)


@pytest.mark.long  # Plays up to 1,000 orders of every pair.
@pytest.mark.parametrize("start", range(20))
def test_r38_all_pairs_of_operations_after_the_start_break_no_rule(start: int) -> None:
    assert sum(check(where, two, MAX_ORDERS_OF_PAIR) for where, two in PAIRS[start::20]) > 100


@pytest.mark.long  # Plays 20 orders of every triple.
@pytest.mark.parametrize("start", range(40))
def test_r38_three_operations_after_the_start_break_no_rule(start: int) -> None:
    for where, three in TRIPLES[start::40]:
        check(where, three, MAX_ORDERS)
