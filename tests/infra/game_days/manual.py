"""The table of bad days in the operator's manual."""

import re
from typing import NamedTuple

from infra.local.engine import ROOT

MANUAL = ROOT / "docs/operations.md"


class BadDay(NamedTuple):
    """A row of the table, with the names of the alarms that ring."""

    incident: str
    alarms: frozenset[str]


def bad_days() -> dict[str, BadDay]:
    """Return the rows of the table by incident."""
    part = MANUAL.read_text().partition("## Bad days\n")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in part.splitlines() if line[:1] == "|"]
    found = [BadDay(cells[0], frozenset(re.findall(r"`(\w+)`", cells[2]))) for cells in rows[2:]]
    return {day.incident: day for day in found}
