"""A replayed run equals the run of the use cases."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from random import Random
from typing import Any

import pytest

from tests.simulation.engine.memoization import MemoTables, memo_scope
from tests.simulation.engine.operation_replay import replaying
from tests.simulation.engine.simulation_run import SimulationRun
from tests.simulation.mutants.condition_mutants import conditions
from tests.simulation.scenarios.initial_states import INITIAL_STATES, initial_state
from tests.simulation.scenarios.operation_pairs import concurrent, runs_in_every_order
from tests.simulation.scenarios.operations import ActorOperation, UseCase
from tests.simulation.scenarios.schedules import random_schedule, run_schedule

pytestmark = pytest.mark.usefixtures("simulator")
MATCHED = "Ada and Ben are matched, Cy waits"
MISSED = "Ada and Cy wait although they are compatible"
LOCKS = concurrent(
    ActorOperation(UseCase.LOCK, "Ada", "Ben"), ActorOperation(UseCase.LOCK, "Dee", "Ada", option="a key")
)


TRIPLE = concurrent(*LOCKS.operations, ActorOperation(UseCase.DELIVER))


def runs() -> Iterator[SimulationRun]:
    """Yield two operations in every order, three in some orders, and random schedules."""
    yield from runs_in_every_order(initial_state(MATCHED), LOCKS)
    yield from islice(runs_in_every_order(initial_state(MISSED), TRIPLE), 60)
    for seed in range(40):
        rng = Random(seed)
        yield run_schedule(
            initial_state(rng.choice(INITIAL_STATES)), replace(random_schedule(rng), step_milliseconds=0)
        )


def everything(run: SimulationRun) -> Any:
    """Return the trace, the violation, the outcomes and the turns of a run."""
    operation_runs = run.operation_runs[: len(run.scenario.operations)]
    ends = [
        (
            repr(operation_run.result),
            repr(operation_run.refusal),
            repr(operation_run.failed),
            operation_run.began,
            operation_run.ended,
        )
        for operation_run in operation_runs
    ]
    return run.trace(), run.violation, ends, run.turns


@pytest.mark.long  # Runs a share of each kind three times.
def test_a_replayed_run_equals_the_original_run() -> None:
    with memo_scope(MemoTables(dict)):
        done = [everything(run) for run in runs()]
        for _ in range(2):
            with replaying():
                assert [everything(run) for run in runs()] == done


def test_a_replay_returns_the_memoized_results() -> None:
    with memo_scope(MemoTables(dict)), replaying():
        first, again = (
            [
                operation_run.result
                for operation_run in next(runs_in_every_order(initial_state(MATCHED), LOCKS)).operation_runs[:2]
            ]
            for _ in range(2)
        )
    assert first[0]
    assert all(one is other for one, other in zip(first, again, strict=True))


def test_a_replay_finds_the_same_violations() -> None:
    (removed,) = (one for one in conditions() if one.name == "_put_day: DayItem.version == change.before.version")
    with removed.removed_from_code(), memo_scope(MemoTables(dict)):
        done = [run.violation and str(run.violation) for run in runs_in_every_order(initial_state(MATCHED), LOCKS)]
        with replaying():
            for _ in range(2):
                assert [
                    run.violation and str(run.violation) for run in runs_in_every_order(initial_state(MATCHED), LOCKS)
                ] == done
    assert any(done)
