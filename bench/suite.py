"""`python -m bench.suite` runs the benchmarks, each in its own process, and compares exact figures with the last tag.

It writes docs/performance.json, the exact figures, and docs/performance.md, a page of all goals. With `--quick` it runs
only the exact ones, and writes nothing unless `--record` is given. The page then shows the others as not measured.
Exits with 1 if a benchmark fails or an exact figure is more than 3 % worse than at the last tag.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec import Struct

from bench.comparison import RECORD, ROOT, Baseline, Figures, exact_figures, last_baseline, shortcomings
from bench.figures import FIGURES, RUNS, BenchRun
from bench.performance_page import PageHead, page

PAGE = "docs/performance.md"
# The benchmarks end after this time together.
AT_MOST = timedelta(minutes=90)


class RunResult(Struct, frozen=True):
    """The exit status and the figures of a benchmark, which are empty if it printed none."""

    status: int
    figures: Figures


def execute(run: BenchRun, within: float) -> RunResult:
    """Run a benchmark in a process of its own, for at most `within` seconds."""
    command = [sys.executable, "-m", f"bench.{run.module}", *run.arguments, "--json"]
    try:
        ran = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, timeout=within, check=False)
    except subprocess.TimeoutExpired:
        return RunResult(status=1, figures={})
    return RunResult(ran.returncode, dict(_numbers(json.loads(ran.stdout or b"{}"))))


def _numbers(value: object, name: str = "") -> Iterator[tuple[str, float]]:
    """Yield the numbers in nested objects, each by the names that lead to it with points between them."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _numbers(part, f"{name}.{key}" if name else key)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield name, value


class SuiteResult(Struct, frozen=True):
    """The figures of all runs, those of the exact runs that are compared, and the names of the failed runs."""

    figures: dict[str, float]
    exact: dict[str, float]
    failed: list[str]


def measure(runs: Iterable[BenchRun], execute_run: Callable[[BenchRun], RunResult]) -> SuiteResult:
    """Run all benchmarks one after the other. One that fails does not stop the others."""
    result = SuiteResult({}, {}, [])
    for run in runs:
        ran = execute_run(run)
        named = {f"{run.name}.{name}": number for name, number in ran.figures.items()}
        result.figures.update(named)
        if run.exact:
            result.exact.update(exact_figures(named))
        if ran.status:
            result.failed.append(run.name)
    return result


def verdict(baseline: Baseline | None, result: SuiteResult) -> Iterator[str]:
    """Yield a sentence for each failed run and each figure that became worse since the baseline."""
    yield from (f"The run {name} failed: a goal is not met, or it did not finish." for name in result.failed)
    if baseline:
        yield from shortcomings(baseline.figures, result.exact)


def main(arguments: Sequence[str]) -> int:
    """Run the suite, write what it found, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench.suite", description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--record", action="store_true", help="write the figures of a quick run")
    given = parser.parse_args(arguments)
    command = "python -m bench.suite --quick --record" if given.quick else "make bench"
    head, baseline = PageHead.of_this_machine(command, datetime.now(UTC)), last_baseline()
    runs = [run for run in RUNS if run.exact or not given.quick]
    until = time.monotonic() + AT_MOST.total_seconds()
    result = measure(runs, lambda run: _shown(run, until))
    if given.record or not given.quick:
        _write(RECORD, json.dumps(result.exact, indent=1, sort_keys=True) + "\n")
        _write(PAGE, page(FIGURES, RUNS, result.figures, head))
    name = baseline.name if baseline else "none: the last tag has no figures"
    print(f"{len(result.exact)} exact figures, compared with {name}")
    found = list(verdict(baseline, result))
    print("\n".join(found), end="\n" if found else "")
    return int(bool(found))


def _shown(run: BenchRun, until: float) -> RunResult:
    """Execute a run, and print its name and its duration."""
    began = time.monotonic()
    result = execute(run, max(1.0, until - began))
    print(f"{run.command:<70}{time.monotonic() - began:>8.0f} s, exit status {result.status}", flush=True)
    return result


def _write(path: str, text: str) -> None:
    Path(ROOT, path).write_text(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
