"""Whatever is found wrong is shrunk to as little as shows it, and the same each time."""

from collections.abc import Iterator
from itertools import islice

import pytest
from hypothesis import strategies as st

from tests.properties import given, settings
from tests.simulation.campaign.schedules import DRAWN, ENVIRONMENT, FAULT, KINDS, batch
from tests.simulation.campaign.shrinker import schedule_of, schedules, shrink, simplest
from tests.simulation.engine.memoization import MemoTables, memo_scope
from tests.simulation.engine.simulation_run import SimulationRun, simulator_environment
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
    """Days are written without a look at their versions."""
    (version,) = (one for one in conditions() if one.name == "_put_day: DayItem.version == change.before.version")
    with version.removed_from_code(), memo_scope(MemoTables(dict)):
        yield


@given(st.sampled_from(INITIAL_STATES), schedules())
@settings(max_examples=60, derandomize=True)
def test_whatever_hypothesis_draws_nothing_is_wrong(where: str, schedule: Schedule) -> None:
    run = run_schedule(initial_state(where), schedule)
    assert run.violation is None, failure_report(run)


def test_any_play_can_be_played_again_by_what_it_was() -> None:
    for kind in KINDS:
        for _, run in islice(batch(kind, 5, 3), 6):
            assert run_schedule(run.initial_state, schedule_of(run)).trace() == run.trace()


@pytest.mark.long  # Searches and shrinks thousands of plays.
@pytest.mark.usefixtures("_broken_build")
def test_a_broken_build_is_shown_by_two_in_a_few_lines() -> None:
    run = simplest(initial_state(MATCHED), schedules())
    assert run
    assert len(run.scenario.operations) <= 2
    assert len(failure_report(run).splitlines()) < 80


@pytest.mark.usefixtures("_broken_build")
def test_what_a_campaign_finds_is_shrunk() -> None:
    found = next(run for number in range(100) for run in _wrong(number))
    small = shrink(found)
    assert small.violation
    assert len(small.scenario.operations) <= 2 <= len(found.scenario.operations)
    assert len(small.scenario.plan) <= 1
    assert len(small.sent) < len(found.sent)


def _wrong(number: int) -> Iterator[SimulationRun]:
    """Plays of many in which something is wrong."""
    for kind in (DRAWN, FAULT, ENVIRONMENT):
        yield from (run for _, run in batch(kind, number, 1) if run.violation and len(run.scenario.operations) > 3)
