"""Tables of the faults that the simulator injects into each use case, per kind of request and per environment fault.

As a module it prints them. Each operation runs alone in each initial state. Then each fault is injected once per kind
of request, and each environment fault once per use case.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from infra.simulation.faults import FAULTS_OF_ANY_REQUEST, RequestFault
from infra.simulation.interleaved_client import PlannedFault
from tests.simulation.engine.simulation_run import SimulationRun
from tests.simulation.engine.simulator_environment import simulator_environment
from tests.simulation.scenarios.environment_faults import (
    ENVIRONMENT_FAULTS,
    SCHEDULED,
    SCHEDULES_LATE,
    environment_faults_of,
    schedules_with_environment_faults,
)
from tests.simulation.scenarios.fault_sites import Cell, FaultSite, faults_at, site_of
from tests.simulation.scenarios.initial_states import INITIAL_STATES, initial_state
from tests.simulation.scenarios.operation_pairs import OPERATIONS
from tests.simulation.scenarios.operations import ActorOperation, UseCase
from tests.simulation.scenarios.schedules import Schedule, run_schedule

# With the functions that announce events and the acts of staff, which are no part of the numbered pairs.
_OPERATIONS = (
    *OPERATIONS,
    ActorOperation(UseCase.ANNOUNCE),
    ActorOperation(UseCase.START),
    ActorOperation(UseCase.SUSPEND, "Fay", "Ada"),
    ActorOperation(UseCase.LIFT, "Fay", "Ada"),
)
_FAULTS_OF_WRITES = (
    RequestFault.CONFLICT,
    RequestFault.ITEM_THROTTLED,
    RequestFault.ITEM_OVERLOADED,
    RequestFault.MIXED,
    RequestFault.INVALID,
    RequestFault.IN_PROGRESS,
    RequestFault.RESPONSE_LOST,
    RequestFault.LATE,
)
COLUMNS: Mapping[str, Sequence[RequestFault]] = {
    "any request": FAULTS_OF_ANY_REQUEST,
    "stale": (RequestFault.STALE,),
    "in part": (RequestFault.PARTIAL,),
    "any write": _FAULTS_OF_WRITES,
    "condition": (RequestFault.CONDITION,),
}


@dataclass
class Coverage:
    """The possible faults, the injected faults, the environment faults, and the violations."""

    cells: dict[Cell, Schedule] = field(default_factory=dict)
    where: dict[Cell, str] = field(default_factory=dict)
    hits: set[Cell] = field(default_factory=set)
    environment_faults: set[tuple[UseCase, str]] = field(default_factory=set)
    violations: list[SimulationRun] = field(default_factory=list)

    def count(self, run: SimulationRun) -> None:
        """Count the faults of a run."""
        for one in run.sent:
            if one.actor is not None and one.fault:
                self.hits.add(Cell(site_of(run.operation_runs[one.actor].operation.use_case, one.request), one.fault))
        if run.violation:
            self.violations.append(run)


def covered() -> Coverage:
    """Inject every fault once at each fault site. Call the function inside `simulator_environment` only."""
    coverage = Coverage()
    for operation in _OPERATIONS:
        for where in INITIAL_STATES:
            _find(coverage, operation, where)
    for cell, schedule in coverage.cells.items():
        coverage.count(run_schedule(initial_state(coverage.where[cell]), schedule))
    for number, operation in enumerate(_OPERATIONS):
        for schedule in schedules_with_environment_faults(operation, Random(str(operation))):
            run = run_schedule(initial_state(INITIAL_STATES[number % len(INITIAL_STATES)]), schedule)
            coverage.count(run)
            coverage.environment_faults.update(
                (operation.use_case, environment_fault) for environment_fault in environment_faults_of(run.scenario)
            )
    return coverage


def _find(coverage: Coverage, operation: ActorOperation, where: str) -> None:
    """Record the first schedule in which each fault meets a request of the operation."""
    alone = run_schedule(initial_state(where), Schedule((operation,)))
    for number, one in enumerate((one for one in alone.sent if one.actor == 0), start=1):
        here = site_of(operation.use_case, one.request)
        for fault, place in faults_at(one.operation, one.request):
            if Cell(here, fault) not in coverage.cells:
                coverage.cells[Cell(here, fault)] = Schedule(
                    (operation,), plan={(0, number): PlannedFault(fault, place)}
                )
                coverage.where[Cell(here, fault)] = where


def tables(coverage: Coverage) -> Iterator[str]:
    """Yield the lines of both tables."""
    yield f"| use case | request | {' | '.join(COLUMNS)} |"
    yield "|---|---|" + "---|" * len(COLUMNS)
    for here in sorted({cell.site for cell in coverage.cells}):
        shares = (_share(coverage, here, faults) for faults in COLUMNS.values())
        yield f"| {here.use_case} | {here.request} | {' | '.join(shares)} |"
    yield ""
    yield "| environment fault | use cases that met it |"
    yield "|---|---|"
    for environment_fault in ENVIRONMENT_FAULTS:
        # An operation that is itself a scheduled run cannot meet the fault of late or missing schedules.
        use_cases = [
            use_case for use_case in UseCase if environment_fault != SCHEDULES_LATE or use_case not in SCHEDULED
        ]
        met = sum((use_case, environment_fault) in coverage.environment_faults for use_case in use_cases)
        yield f"| {environment_fault} | {met} of {len(use_cases)} |"


def _share(coverage: Coverage, here: FaultSite, faults: Sequence[RequestFault]) -> str:
    """Return the share of the possible faults that were injected, or the reason that none is possible."""
    cells = [Cell(here, fault) for fault in faults if Cell(here, fault) in coverage.cells]
    if cells:
        return f"{sum(cell in coverage.hits for cell in cells)} of {len(cells)}"
    writes = here.request.startswith("write")
    match faults:
        case (RequestFault.STALE,):
            return "a write" if writes else "consistent"
        case (RequestFault.PARTIAL,):
            return "a write" if writes else "one item"
        case (RequestFault.CONDITION,):
            return "unconditional" if writes else "a read"
    return "a read"


def main() -> None:
    """Print the tables."""
    logging.disable(logging.CRITICAL)
    with simulator_environment():
        print("\n".join(tables(covered())))


if __name__ == "__main__":
    main()
