"""Two concurrent operations break no rule in any order, and leave no two compatible members waiting (R1, R3, R19)."""

from collections.abc import Iterator
from itertools import cycle, islice

import pytest

from tests.simulation.engine.operation_replay import replaying
from tests.simulation.engine.simulator_environment import simulator_environment
from tests.simulation.reporting.failure_report import failure_report
from tests.simulation.scenarios.initial_states import INITIAL_STATES, initial_state
from tests.simulation.scenarios.operation_pairs import concurrent, pairs, runs_in_every_order, states_for_pair
from tests.simulation.scenarios.operations import READERS_OF_ACCOUNT, ActorOperation, UseCase
from tests.simulation.scenarios.schedules import Schedule, run_schedule


@pytest.fixture(scope="module", autouse=True)
def _simulator() -> Iterator[None]:
    with simulator_environment(), replaying():
        yield


# A ninth of the pairs, each in one initial state and at most 40 orders. `make simulate` runs all.
MAX_ORDERS = 40
PAIRS = [(*two, where) for two, where in zip(pairs()[::9], cycle(INITIAL_STATES), strict=False)]


@pytest.mark.parametrize(("one", "other", "where"), PAIRS, ids=lambda named: str(named))
def test_two_concurrent_operations_break_no_rule(one: ActorOperation, other: ActorOperation, where: str) -> None:
    for run in islice(runs_in_every_order(initial_state(where), concurrent(one, other)), MAX_ORDERS):
        assert run.violation is None, failure_report(run)


def test_a_campaign_starts_each_pair_in_a_state_where_both_send_requests() -> None:
    idle = set()
    for one, other in pairs():
        where = states_for_pair(one, other)
        assert sorted(where) == sorted(INITIAL_STATES)
        if not all(_sends(operation, where[0]) for operation in (one, other)):
            idle.add((one.use_case, other.use_case))
    # In the state with an API key, Ben has no booking, moves are not about to end and the stream is delivered. Stream
    # records of a deletion appear only with it.
    alone = {
        (key, other) for key in (UseCase.CALL, UseCase.REVOKE_KEY) for other in (UseCase.DELIVER, UseCase.FINALIZE)
    }
    assert idle == alone | {
        (UseCase.CANCEL, UseCase.CALL),
        (UseCase.CANCEL, UseCase.REVOKE_KEY),
        (UseCase.DELETE, UseCase.DELIVER),
    }


def _sends(operation: ActorOperation, where: str) -> bool:
    sent = run_schedule(initial_state(where), Schedule((operation,))).sent
    return sum(one.actor == 0 for one in sent) > (operation.use_case in READERS_OF_ACCOUNT)
