"""The comparison of exact figures with those of the last tag, which fails above 3 %.

An exact figure is the same in every run of one state of the code: request units, requests, round trips, and ratios of
such counts. Times and ratios of times differ by more than 3 % between two runs, so they are not compared. A figure that
rose for a reason is in `ACCEPTED` until the next tag.
"""

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

ROOT = Path(__file__).parent.parent
RECORD = "docs/performance.json"
MOST_WORSE = 0.03
# The last word of a figure's name is its unit. These are the exact ones.
EXACT_UNITS = frozenset(
    {
        "bookings",
        "count",
        "dollars",
        "exponent",
        "pairs",
        "ratio",
        "read_units",
        "requests",
        "round_trips",
        "simulated_seconds",
        "units",
        "write_units",
    }
)
MORE_IS_BETTER = frozenset({"bookings", "pairs"})
# The figures that became worse since the last tag for a reason, and those that were removed, each with the reason.
ACCEPTED: Mapping[str, str] = {}

Figures = Mapping[str, float]


class Baseline(Struct, frozen=True):
    """The recorded figures of an earlier state of the code, and its name."""

    name: str
    figures: Figures


def is_exact(name: str) -> bool:
    """Return whether the figure of this name is the same in every run."""
    return unit_of(name) in EXACT_UNITS


def unit_of(name: str) -> str:
    """Return the unit of a figure, which is the last word of its name."""
    return name.rpartition(".")[2]


def exact_figures(figures: Figures) -> dict[str, float]:
    """Return the exact figures by name."""
    return {name: figures[name] for name in sorted(figures) if is_exact(name)}


def shortcomings(before: Figures, now: Figures, accepted: Mapping[str, str] = ACCEPTED) -> Iterator[str]:
    """Yield a sentence for each figure that became worse or is missing, and each that is accepted without a need."""
    worse = {name: sentence for name in sorted(before) if (sentence := _worse(name, before[name], now.get(name)))}
    yield from (sentence for name, sentence in worse.items() if name not in accepted)
    yield from (f"{name} is accepted, but did not become worse." for name in accepted if name not in worse)


def _worse(name: str, before: float, now: float | None) -> str:
    """Return a sentence if a figure is missing or more than 3 % worse, else an empty text."""
    if now is None:
        return f"{name} is missing. It was {before:g}."
    rise = before - now if unit_of(name) in MORE_IS_BETTER else now - before
    if rise <= MOST_WORSE * abs(before):
        return ""
    return f"{name} was {before:g} and is {now:g}."


def last_baseline(root: Path = ROOT) -> Baseline | None:
    """Return the figures of the last tag, in a clone without tags those of the committed file, or None without a file.

    A tag without the file has no baseline: the figures were not recorded yet.
    """
    tag = _git(root, "describe", "--tags", "--abbrev=0")
    revision = tag.strip() if tag else "HEAD"
    recorded = _git(root, "show", f"{revision}:{RECORD}")
    return None if recorded is None else Baseline(revision, json.loads(recorded))


def _git(root: Path, *arguments: str) -> str | None:
    """Return the output of git, None if it fails."""
    ran = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False)
    return ran.stdout if ran.returncode == 0 else None
