"""The suite of benchmarks and its page."""

import json
import re

import pytest

from bench.comparison import RECORD, ROOT, Baseline, is_exact
from bench.figures import FIGURES, RUNS, BenchRun, Figure
from bench.performance_page import PageHead, page
from bench.suite import RunResult, SuiteResult, execute, measure, verdict

EXACT = BenchRun("small", "hot_slot", ("--members", "5"), exact=True)
TIMED = BenchRun("large", "hot_slot")
HEAD = PageHead("make bench", "abc1234", "two cores", "30 November 2026")


def result_of(run: BenchRun) -> RunResult:
    return RunResult(int(run is TIMED), {"book.units": 4.0, "book.seconds": 0.1})


def test_the_exact_figures_are_those_of_exact_runs_and_a_failed_run_is_named() -> None:
    result = measure([EXACT, TIMED], result_of)
    assert result.exact == {"small.book.units": 4}
    assert result.figures == {
        "small.book.units": 4,
        "small.book.seconds": 0.1,
        "large.book.units": 4,
        "large.book.seconds": 0.1,
    }
    assert result.failed == ["large"]


def test_a_failed_run_and_a_worse_figure_fail_the_suite() -> None:
    result = SuiteResult({}, {"small.book.units": 4.2}, ["large"])
    failed = "The run large failed: a goal is not met, or it did not finish."
    assert list(verdict(None, result)) == [failed]
    assert list(verdict(Baseline("v1", {"small.book.units": 4.1}), result)) == [failed]
    assert list(verdict(Baseline("v1", {"small.book.units": 4}), result)) == [
        failed,
        "small.book.units was 4 and is 4.2.",
    ]


def test_a_benchmark_that_does_not_end_in_time_or_does_not_start_fails_without_figures() -> None:
    assert execute(BenchRun("slow", "hot_slot"), within=0.1) == RunResult(1, {})
    assert execute(BenchRun("none", "no_such_module"), within=60) == RunResult(1, {})


def test_the_page_shows_goal_ours_peer_limit_and_command() -> None:
    peers = {"p.ms": "an echo", "q.ms": "a queue", "r.ms": "a peer that was not measured"}
    figures = [
        Figure("2. B", "bookings", "small", "b.requests", "requests", at_least=10),
        Figure("1. A", "time", "large", "a.ms", "ms", at_most=5, peers=peers, limit="1 ms"),
        Figure("2. B", "pairs", "small", "c.pairs", "pairs"),
    ]
    found = {"large.a.ms": 5.5, "large.p.ms": 3, "large.q.ms": 7, "small.b.requests": 12_345}
    lines = page(figures, [EXACT, TIMED], found, HEAD).splitlines()
    assert lines[2].startswith("`make bench` wrote this page")
    assert lines[4:] == [
        "- Commit: abc1234",
        "- Machine: two cores",
        "- Date: 30 November 2026",
        "- Goals not met: time",
        "",
        "## 1. A",
        "",
        "| figure | goal | ours | peer | limit | command |",
        "|---|---|---|---|---|---|",
        "| time | at most 5 | 5.5 ms, **not met** | 3 ms, an echo; 7 ms, a queue | 1 ms | `python -m bench.hot_slot` |",
        "",
        "## 2. B",
        "",
        "| figure | goal | ours | peer | limit | command |",
        "|---|---|---|---|---|---|",
        "| bookings | at least 10 | 12,345 requests, met |  |  | `python -m bench.hot_slot --members 5` |",
        "| pairs |  | not measured |  |  | `python -m bench.hot_slot --members 5` |",
    ]


def test_every_figure_is_of_a_run_and_names_are_unique() -> None:
    names = [run.name for run in RUNS]
    assert len(set(names)) == len(names)
    assert {figure.run for figure in FIGURES} <= set(names)
    assert len({(figure.section, figure.name) for figure in FIGURES}) == len(FIGURES)


def test_the_record_has_exact_figures_of_each_exact_run() -> None:
    recorded = json.loads((ROOT / RECORD).read_text())
    assert all(map(is_exact, recorded))
    assert {name.partition(".")[0] for name in recorded} == {run.name for run in RUNS if run.exact}


@pytest.mark.long  # Runs a benchmark.
def test_an_exact_run_prints_the_recorded_figures() -> None:
    recorded = json.loads((ROOT / RECORD).read_text())
    (run,) = (run for run in RUNS if run.name == "bill")
    result = measure([run], lambda one: execute(one, within=300))
    assert result.exact == {name: recorded[name] for name in recorded if re.match(r"bill\.", name)}
