"""The figures of the local run and of the reference, from latencies and processor times."""

import pytest

from bench.postgres import find_programs
from bench.server import LEAST_SAMPLES, Measured, Size, compare, postgres_service, rows, split, split_rows
from bench.server_load import HEALTH, JOBS, JobLatencies

LOCAL, PEER = "local run", "peer"


def figures(seconds: float, *, samples: int = LEAST_SAMPLES, server: float | None, engine: float | None) -> dict:
    latencies = JobLatencies([seconds] * samples, elapsed=seconds * samples, unexpected=0)
    return Measured(latencies, server, engine).figures()


def test_a_percentile_from_too_few_requests_is_not_published() -> None:
    few = figures(0.01, samples=LEAST_SAMPLES - 1, server=None, engine=None)
    assert (few["requests"], few["p99_ms"], few["per_second"]) == (999, None, pytest.approx(100))
    enough = figures(0.01, server=None, engine=None)
    assert (enough["p50_ms"], enough["p99_ms"]) == (pytest.approx(10), pytest.approx(10))
    table = list(rows({1: {"book": {LOCAL: few}}}, [LOCAL]))
    assert table[-1].split() == ["1", "book", "100", "-"]


def test_ten_requests_of_a_thousand_are_slower_than_the_99th_percentile() -> None:
    latencies = JobLatencies([number / 1_000 for number in range(1_000, 0, -1)], 1, 0)
    assert (latencies.percentile(50), latencies.percentile(99)) == (0.5, 0.99)


def test_a_request_is_split_into_http_python_engine_and_the_rest() -> None:
    measured = {
        job: {LOCAL: figures(0.010, server=6.0, engine=3.0), PEER: figures(0.004, server=2.0, engine=1.0)}
        for job in JOBS
        if job != HEALTH
    }
    measured[HEALTH] = {LOCAL: figures(0.002, server=1.0, engine=0.0), PEER: figures(0.002, server=0.5, engine=0.0)}
    parts = split({1: measured})
    assert HEALTH not in parts
    assert parts["lock"][LOCAL] == pytest.approx({"whole": 10, "http": 1, "python": 5, "engine": 3, "rest": 1})
    assert parts["lock"][PEER] == pytest.approx({"whole": 4, "http": 0.5, "python": 1.5, "engine": 1, "rest": 1})
    assert len(list(split_rows(parts))) == 2 + 2 * len(parts)


def test_a_machine_without_processor_times_has_no_split() -> None:
    measured = {job: {LOCAL: figures(0.01, server=None, engine=None)} for job in JOBS}
    assert split({1: measured}) == {}
    assert list(split_rows({})) == ["No split: this machine has no /proc."]


@pytest.mark.long
@pytest.mark.skipif(find_programs() is None, reason="PostgreSQL is missing (initdb and pg_ctl).")
def test_every_level_sends_all_requests_of_every_job_and_gets_the_expected_responses() -> None:
    size = Size(levels=(1, 2, 8), pairs=16, sessions=2)
    programs = find_programs()
    assert programs
    with postgres_service(programs, durable=False) as service:
        measured = compare({PEER: service}, size)
    counts = {
        (clients, job): (each[PEER]["requests"], each[PEER]["unexpected"])
        for clients, jobs in measured.items()
        for job, each in jobs.items()
    }
    assert counts == {(clients, job): (32, 0) for clients in size.levels for job in JOBS}
