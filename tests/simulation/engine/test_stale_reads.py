"""A stale read misses all writes since the initial state and leads to no violation."""

import pytest

from infra.simulation.faults import RequestFault
from infra.simulation.interleaved_client import PlannedFault
from tests.simulation.engine.simulation_run import SimulationRun
from tests.simulation.reporting.failure_report import failure_report
from tests.simulation.scenarios.initial_states import initial_state
from tests.simulation.scenarios.operations import ActorOperation, UseCase
from tests.simulation.scenarios.schedules import Schedule, run_schedule

pytestmark = pytest.mark.usefixtures("simulator")
OPERATIONS = (ActorOperation(UseCase.BOOK, "Dee"), ActorOperation(UseCase.CANCEL, "Cy"))
# Cy, who was waiting, cancels. Then Dee queries the waiting members.
TURNS = (1,)


def looks_at_cy(run: SimulationRun) -> bool:
    """Return True if Dee has found Cy's waiting row and read the day behind it."""
    assert run.violation is None, failure_report(run)
    return any(one.actor == 0 and "Cy day" in line for one, line in zip(run.sent, run.trace(), strict=True))


def test_a_stale_read_finds_an_item_that_was_deleted_since() -> None:
    begun = initial_state("Ada and Ben are matched, Cy waits")
    run = run_schedule(begun, Schedule(OPERATIONS, TURNS))
    assert not looks_at_cy(run)
    lines = [line for one, line in zip(run.sent, run.trace(), strict=True) if one.actor == 0]
    (number,) = (number for number, line in enumerate(lines, 1) if "query queue" in line)
    plan = {(0, number): PlannedFault(RequestFault.STALE)}
    assert looks_at_cy(run_schedule(begun, Schedule(OPERATIONS, TURNS, plan)))
