"""The page docs/performance.md, which has a table of goals and figures for each section, from one run of the suite."""

import os
import platform
import subprocess
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

from msgspec import Struct

from bench.comparison import ROOT, Figures
from bench.figures import BenchRun, Figure, run_named, shown

COLUMNS = ("figure", "goal", "ours", "peer", "limit", "command")


class PageHead(Struct, frozen=True):
    """The command, the commit, the machine and the date of a run of the suite."""

    command: str
    commit: str
    machine: str
    date: str

    @classmethod
    def of_this_machine(cls, command: str, now: datetime) -> "PageHead":
        """Return the head of a run of this command that begins now on this machine."""
        found = subprocess.run(
            ["git", "-C", str(ROOT), "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
        )
        machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
        return cls(command, found.stdout.strip() or "unknown", machine, f"{now:%d %B %Y}")


def page(figures: Sequence[Figure], runs: Sequence[BenchRun], found: Figures, head: PageHead) -> str:
    """Return the page. A figure that no run printed is shown as not measured."""
    return "\n".join(_lines(figures, runs, found, head)) + "\n"


def _lines(figures: Sequence[Figure], runs: Sequence[BenchRun], found: Figures, head: PageHead) -> Iterator[str]:
    yield "# Performance"
    yield ""
    yield f"`{head.command}` wrote this page from one run. Simulated and counted figures are the same on every machine."
    yield ""
    yield f"- Commit: {head.commit}"
    yield f"- Machine: {head.machine}"
    yield f"- Date: {head.date}"
    missed = [one.name for one in figures if one.key in found and not one.is_met(found[one.key])]
    yield f"- Goals not met: {'; '.join(missed) or 'none'}"
    for section, rows in groupby(sorted(figures, key=lambda one: one.section), key=lambda one: one.section):
        yield from ("", f"## {section}", "")
        yield f"| {' | '.join(COLUMNS)} |"
        yield "|---" * len(COLUMNS) + "|"
        for figure in rows:
            yield _row(figure, run_named(figure.run, tuple(runs)), found)


def _row(figure: Figure, run: BenchRun, found: Figures) -> str:
    ours = found.get(figure.key)
    cell = "not measured" if ours is None else f"{shown(ours)} {figure.unit}"
    if ours is not None and figure.goal:
        cell += ", met" if figure.is_met(ours) else ", **not met**"
    peers = "; ".join(
        f"{shown(found[key])} {figure.unit}, {words}"
        for name, words in figure.peers.items()
        if (key := f"{figure.run}.{name}") in found
    )
    return f"| {figure.name} | {figure.goal} | {cell} | {peers} | {figure.limit} | `{run.command}` |"
