"""A schedule with a violation is shrunk to a small schedule, which is always the same one."""

from collections.abc import Iterator
from itertools import islice

import pytest
from hypothesis import strategies as st

from tests.properties import given, settings
from tests.simulation.campaign.schedules import DRAWN, ENVIRONMENT, FAULT, KINDS, batch
from tests.simulation.campaign.shrinker import schedule_of, schedules, shrink, simplest
from tests.simulation.engine.memoization import MemoTables, memo_scope
from tests.simulation.engine.simulation_run import SimulationRun
from tests.simulation.engine.simulator_environment import simulator_environment
from tests.simulation.mutants.condition_mutants import conditions
from tests.simulation.reporting.failure_report import failure_report
from tests.simulation.scenarios.initial_states import INITIAL_STATES, initial_state
from tests.simulation.scenarios.schedules import Schedule, run_schedule

MATCHED = "Ada and Ben are matched, Cy waits"


@pytest.fixture(scope="module", autouse=True)
def _simulator() -> Iterator[None]:
    with simulator_environment():
        yield


@pytest.fixture
def _broken_build() -> Iterator[None]:
    """Write days without a check of their versions."""
    (version,) = (one for one in conditions() if one.name == "_put_day: DayItem.version == change.before.version")
    with version.removed_from_code(), memo_scope(MemoTables(dict)):
        yield


@given(st.sampled_from(INITIAL_STATES), schedules())
@settings(max_examples=60, derandomize=True)
def test_schedules_of_hypothesis_have_no_violation(where: str, schedule: Schedule) -> None:
    run = run_schedule(initial_state(where), schedule)
    assert run.violation is None, failure_report(run)


@pytest.mark.long  # Repeats the runs of every kind.
def test_every_run_can_be_repeated_from_its_schedule() -> None:
    for kind in KINDS:
        for _, run in islice(batch(kind, 5, 3), 6):
            assert run_schedule(run.initial_state, schedule_of(run)).trace() == run.trace()


@pytest.mark.long  # Searches and shrinks thousands of runs.
@pytest.mark.usefixtures("_broken_build")
def test_a_violation_is_shrunk_to_three_operations() -> None:
    run = simplest(initial_state(MATCHED), schedules())
    assert run
    assert len(run.scenario.operations) <= 3
    assert len(failure_report(run).splitlines()) < 80


@pytest.mark.usefixtures("_broken_build")
@pytest.mark.long
def test_a_violation_of_a_campaign_is_shrunk() -> None:
    found = next(run for number in range(100) for run in _wrong(number))
    small = shrink(found)
    assert small.violation
    assert len(small.scenario.operations) <= 2 <= len(found.scenario.operations)
    assert len(small.scenario.plan) <= 1
    assert len(small.sent) < len(found.sent)


def _wrong(number: int) -> Iterator[SimulationRun]:
    """Yield the runs with a violation and more than three operations of a batch of each kind."""
    for kind in (DRAWN, FAULT, ENVIRONMENT):
        yield from (run for _, run in batch(kind, number, 1) if run.violation and len(run.scenario.operations) > 3)
