"""The checks on the checks: what is left out or done wrong, in turn, and what the simulator finds; run, the report."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from infra.local.engine import ROOT
from tests.simulation.bumps import bumps
from tests.simulation.conditions import conditions
from tests.simulation.mistakes import MISTAKES
from tests.simulation.play import Rewrite, stage_set
from tests.simulation.searching import MOST_SCHEDULES, Found, Start, Variant, search, touching
from tests.simulation.shortcut import shortcut

REPORT = Path(ROOT) / "docs" / "simulation-checks.md"
_BEGIN = "<!-- From here on it is written by `make mutants`. -->"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that is left out or done wrong; with `starts` None the survey tells which operations it is about.

    `told` is what it is about: the comment next to a condition, or whose mistake it was.
    """

    name: str
    told: str
    starts: Sequence[Start] | None
    at: frozenset[tuple[int, int, int | None, int | None]] = frozenset()
    variant: Variant = nullcontext
    rewrite: Rewrite | None = None

    def find(self, only: int | None = None) -> Found | None:
        """Search for a schedule in which something is wrong; with `only`, play that one alone."""
        starts = self.starts
        if starts is None:
            starts = list(dict.fromkeys(start for at in sorted(self.at) for start in touching().get(at, ())))
        return search(starts, variant=self.variant, rewrite=self.rewrite, only=only)


def removed_conditions() -> list[Check]:
    """Each condition of the commit, and each part of one, left out."""
    return [Check(one.name, one.english, None, at=frozenset({one.at}), variant=one.gone) for one in conditions()]


def removed_bumps() -> list[Check]:
    """Each attribute that a condition compares, left as it was read."""
    return [Check(one.name, one.english, None, at=one.at, rewrite=one.kept) for one in bumps()]


def mistakes() -> list[Check]:
    """Each mistake that others made, made again."""
    return [Check(one.name, one.source, one.starts, variant=one.made) for one in MISTAKES]


def all_checks() -> list[Check]:
    """Everything that is left out or done wrong."""
    return [*removed_conditions(), *removed_bumps(), *mistakes()]


def reported() -> dict[str, int]:
    """What the report lists, and in which schedule it was found."""
    rows = (line.strip("| ").split(" | ") for line in REPORT.read_text().splitlines() if line.startswith("| "))
    return {_plain(row[0]): int(row[2]) for row in rows if len(row) == 5 and row[2].isdigit()}


def _row(check: Check, found: Found | None) -> str:
    if found is None:
        return f"| {_cell(check.name)} | {_cell(check.told)} | none of {MOST_SCHEDULES} | | |"
    how = f"{found.play.scene.name}. {found.schedule}"
    cells = (check.name, check.told, str(found.schedules), str(found.play.violation), how)
    return f"| {' | '.join(map(_cell, cells))} |"


def _cell(text: str) -> str:
    """A text in a table: bars would end it."""
    return text.replace("|", "&#124;")


def _plain(cell: str) -> str:
    return cell.replace("&#124;", "|")


def _table(title: str, head: str, checks: Sequence[Check]) -> Iterator[str]:
    yield f"## {title}\n"
    yield f"| {head} | schedules | what is found first | in which |"
    yield "|---|---|---|---|---|"
    caught = 0
    for check in checks:
        began = time.perf_counter()
        found = check.find()
        caught += found is not None
        print(
            f"{time.perf_counter() - began:7.1f} s  {found.schedules if found else 'none':>5}  {check.name}", flush=True
        )
        yield _row(check, found)
    yield f"\n{caught} of {len(checks)}.\n"


def main() -> int:
    """Search for all of it, and write what was found into the report; fails where something is not found."""
    with stage_set(), shortcut():
        lines = [
            *_table("Each condition, left out", "without | because", removed_conditions()),
            *_table(
                "Each version, left as it was read", "what stays as it was | while others rely on", removed_bumps()
            ),
            *_table("Mistakes, made again", "mistake | source", mistakes()),
        ]
    head = REPORT.read_text().partition(_BEGIN)[0]
    REPORT.write_text(f"{head}{_BEGIN}\n\n" + "\n".join(lines).rstrip() + "\n")
    return int(any("| none of " in line for line in lines))


if __name__ == "__main__":
    sys.exit(main())
