"""Tables of the faults that the simulator injects into each use case, per kind of request and per environment fault.

As a module it prints them. Each operation runs alone in each initial state. Then each fault is injected once per kind
of request, and each environment fault once per use case.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from infra.simulation.faults import ANYWHERE, Fault
from infra.simulation.interleaved_client import Planned
from tests.simulation.engine.play import Play, stage_set
from tests.simulation.scenarios.environment_faults import DISORDERS, NO_TICK, TICKING, disordered, disorders
from tests.simulation.scenarios.fault_sites import Cell, Site, faults_at, site
from tests.simulation.scenarios.initial_states import SCENES, scene
from tests.simulation.scenarios.operation_pairs import OPERATIONS
from tests.simulation.scenarios.operations import Operation, Verb
from tests.simulation.scenarios.scripts import Draft, played

_OF_WRITES = (
    Fault.CONFLICT,
    Fault.ITEM_THROTTLED,
    Fault.ITEM_OVERLOADED,
    Fault.MIXED,
    Fault.INVALID,
    Fault.IN_PROGRESS,
    Fault.ANSWER_LOST,
    Fault.LATE,
)
COLUMNS: Mapping[str, Sequence[Fault]] = {
    "any request": ANYWHERE,
    "stale": (Fault.STALE,),
    "in part": (Fault.SHORT,),
    "any write": _OF_WRITES,
    "condition": (Fault.CONDITION,),
}


@dataclass
class Coverage:
    """The possible faults, the injected faults, the environment faults, and the violations."""

    cells: dict[Cell, Draft] = field(default_factory=dict)
    where: dict[Cell, str] = field(default_factory=dict)
    hits: set[Cell] = field(default_factory=set)
    disorders: set[tuple[Verb, str]] = field(default_factory=set)
    wrong: list[Play] = field(default_factory=list)

    def look(self, play: Play) -> None:
        """Count the faults of a play."""
        for one in play.sent:
            if one.actor is not None and one.fault:
                self.hits.add(Cell(site(play.acts[one.actor].operation.verb, one.request), one.fault))
        if play.violation:
            self.wrong.append(play)


def covered() -> Coverage:
    """Inject everything once. Call it inside `stage_set` only."""
    coverage = Coverage()
    for operation in OPERATIONS:
        for where in SCENES:
            _find(coverage, operation, where)
    for cell, draft in coverage.cells.items():
        coverage.look(played(scene(coverage.where[cell]), draft))
    for number, operation in enumerate(OPERATIONS):
        for draft in disordered(operation, Random(str(operation))):
            play = played(scene(SCENES[number % len(SCENES)]), draft)
            coverage.look(play)
            coverage.disorders.update((operation.verb, disorder) for disorder in disorders(play.script))
    return coverage


def _find(coverage: Coverage, operation: Operation, where: str) -> None:
    """Note the first place at which each fault can meet a request of the operation."""
    alone = played(scene(where), Draft((operation,)))
    for number, one in enumerate((one for one in alone.sent if one.actor == 0), start=1):
        here = site(operation.verb, one.request)
        for fault, place in faults_at(one.operation, one.request):
            if Cell(here, fault) not in coverage.cells:
                coverage.cells[Cell(here, fault)] = Draft((operation,), plan={(0, number): Planned(fault, place)})
                coverage.where[Cell(here, fault)] = where


def tables(coverage: Coverage) -> Iterator[str]:
    """Yield the lines of both tables."""
    yield f"| use case | request | {' | '.join(COLUMNS)} |"
    yield "|---|---|" + "---|" * len(COLUMNS)
    for here in sorted({cell.site for cell in coverage.cells}):
        shares = (_share(coverage, here, faults) for faults in COLUMNS.values())
        yield f"| {here.verb} | {here.request} | {' | '.join(shares)} |"
    yield ""
    yield "| out of joint | use cases that have met it |"
    yield "|---|---|"
    for disorder in DISORDERS:
        # A tick is not missing where it is the use case.
        verbs = [verb for verb in Verb if disorder != NO_TICK or verb not in TICKING]
        yield f"| {disorder} | {sum((verb, disorder) in coverage.disorders for verb in verbs)} of {len(verbs)} |"


def _share(coverage: Coverage, here: Site, faults: Sequence[Fault]) -> str:
    """Return the share of the possible faults that were injected, or why none is possible."""
    cells = [Cell(here, fault) for fault in faults if Cell(here, fault) in coverage.cells]
    if cells:
        return f"{sum(cell in coverage.hits for cell in cells)} of {len(cells)}"
    writes = here.request.startswith("write")
    match faults:
        case (Fault.STALE,):
            return "a write" if writes else "consistent"
        case (Fault.SHORT,):
            return "a write" if writes else "one item"
        case (Fault.CONDITION,):
            return "unconditional" if writes else "a read"
    return "a read"


def main() -> None:
    """Print the tables."""
    logging.disable(logging.CRITICAL)
    with stage_set():
        print("\n".join(tables(covered())))


if __name__ == "__main__":
    main()
