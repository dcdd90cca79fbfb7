"""Mutation tests of the simulator.

A mutant is the service with a removed condition, an unchanged version, a known bug or a bug of its events. As a module
this file searches for all of them and writes the findings to `dist/mutants.md`.
"""

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache

from infra.local.engine import ROOT
from tests.simulation.engine.simulation_run import Rewrite
from tests.simulation.engine.simulator_environment import simulator_environment
from tests.simulation.mutants.condition_mutants import conditions
from tests.simulation.mutants.event_mutants import EVENT_BUGS, event_schedules
from tests.simulation.mutants.known_bug_mutants import KNOWN_BUGS
from tests.simulation.mutants.mutant_search import (
    MAX_SCHEDULES,
    MutantFinding,
    Mutation,
    Start,
    operations_by_condition,
    search,
    search_schedules,
)
from tests.simulation.mutants.version_mutants import version_mutants

# The mutants of the last search, each with the number of the schedule that found it.
SCHEDULES = ROOT / "tests" / "simulation" / "mutants" / "mutant_schedules.json"
# The tables of the last search, not checked in.
REPORT = ROOT / "dist" / "mutants.md"


@dataclass(frozen=True, slots=True)
class Mutant:
    """One mutant of the code.

    `source` is the comment next to a condition, or the source of a known bug. With `starts` None,
    `operations_by_condition` gives the operations to start with. A mutant `of_events` is searched with schedules about
    events.
    """

    name: str
    source: str
    starts: Sequence[Start] | None
    at: frozenset[tuple[int, int, int | None, int | None]] = frozenset()
    mutation: Mutation = nullcontext
    rewrite: Rewrite | None = None
    of_events: bool = False

    def find(self, only: int | None = None) -> MutantFinding | None:
        """Return a schedule with a violation, or None. With `only`, run the schedule of that number alone."""
        if self.of_events:
            return search_schedules(event_schedules(), mutation=self.mutation, only=only)
        starts = self.starts
        if starts is None:
            starts = list(
                dict.fromkeys(start for at in sorted(self.at) for start in operations_by_condition().get(at, ()))
            )
        return search(starts, mutation=self.mutation, rewrite=self.rewrite, only=only)


# The conditions that no numbered operation meets alone. `suspension_mutants` and a known bug remove them.
UNMET_ALONE = frozenset({"_assert_suspended", "_assert_unblocked"})


def removed_conditions() -> list[Mutant]:
    """Return the mutants that lack a condition of the commit, or a part of one."""
    return [
        Mutant(one.name, one.comment, None, at=frozenset({one.at}), mutation=one.removed_from_code)
        for one in conditions()
        if one.function not in UNMET_ALONE
    ]


def unchanged_versions() -> list[Mutant]:
    """Return the mutants in which writes leave an attribute unchanged that a condition compares."""
    return [Mutant(one.name, one.comment, None, at=one.at, rewrite=one.leave_unchanged) for one in version_mutants()]


def known_bugs() -> list[Mutant]:
    """Return the mutants with a bug that another project had, or that our own review expects."""
    return [Mutant(one.name, one.source, one.starts, mutation=one.apply) for one in KNOWN_BUGS]


def event_bugs() -> list[Mutant]:
    """Return the mutants that lose, repeat or invent events."""
    return [Mutant(one.name, one.source, (), mutation=one.apply, of_events=True) for one in EVENT_BUGS]


def all_mutants() -> list[Mutant]:
    """Return all mutants."""
    return [*removed_conditions(), *unchanged_versions(), *known_bugs(), *event_bugs()]


@cache
def known_schedules() -> Mapping[str, int]:
    """Return the number of the schedule that found each mutant in the last search."""
    known: dict[str, int] = json.loads(SCHEDULES.read_text(encoding="utf-8"))
    return known


def _search(mutants: Sequence[Mutant]) -> Iterator[tuple[Mutant, MutantFinding | None]]:
    """Yield each mutant with its finding, and print how long the search took."""
    for mutant in mutants:
        began = time.perf_counter()
        found = mutant.find()
        print(
            f"{time.perf_counter() - began:7.1f} s  {found.schedules if found else 'none':>5}  {mutant.name}",
            flush=True,
        )
        yield mutant, found


def _table(title: str, head: str, results: Sequence[tuple[Mutant, MutantFinding | None]]) -> Iterator[str]:
    """Yield the lines of a table of findings."""
    yield f"## {title}\n"
    yield f"| {head} | schedules | first violation | schedule |"
    yield "|---|---|---|---|---|"
    yield from (_row(mutant, found) for mutant, found in results)
    yield f"\n{sum(found is not None for _, found in results)} of {len(results)}.\n"


def _row(mutant: Mutant, found: MutantFinding | None) -> str:
    if found is None:
        return f"| {_cell(mutant.name)} | {_cell(mutant.source)} | none of {MAX_SCHEDULES} | | |"
    how = f"{found.run.initial_state.name}. {found.schedule}"
    cells = (mutant.name, mutant.source, str(found.schedules), str(found.run.violation), how)
    return f"| {' | '.join(map(_cell, cells))} |"


def _cell(text: str) -> str:
    """Escape the bars of a text, which would end a table cell."""
    return text.replace("|", "&#124;")


def main() -> int:
    """Search for every mutant, write the findings, and return 1 if one was not found."""
    lines: list[str] = []
    known: dict[str, int] = {}
    with simulator_environment():
        for title, head, mutants in (
            ("Removed conditions", "condition | comment", removed_conditions()),
            ("Versions that stay unchanged", "attribute | condition", unchanged_versions()),
            ("Known bugs", "bug | source", known_bugs()),
            ("Bugs of events", "bug | rule", event_bugs()),
        ):
            results = list(_search(mutants))
            lines += _table(title, head, results)
            known |= {mutant.name: found.schedules for mutant, found in results if found}
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text("\n".join(lines), encoding="utf-8")
    SCHEDULES.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{len(known)} of {len(all_mutants())} mutants found; the schedules are in {REPORT.relative_to(ROOT)}")
    return int(len(known) < len(all_mutants()))


if __name__ == "__main__":
    sys.exit(main())
