"""`python -m bench.server` compares the local run with the same job on PostgreSQL, over HTTP on this machine.

One server at a time gets the requests of 1, 8 and 64 clients, level by level. Members book, read their calendar, lock
the sessions of favorites and cancel. The reference (`bench/postgres_use_cases.py`) runs each use case in one
transaction with row locks, behind the HTTP server of the local run, in Python as well. It is measured twice: with
commits that are on the disk before they are answered, and without. The embedded engine of the local run keeps its table
in memory, so the second is its equal. The local run also does what the reference leaves out, such as events for every
change.

The split of one request, at one client, has the processor time of the server's process, of which `/health` shows the
part of HTTP, and that of the engine. The rest is waiting for the disk, the load itself, and other work of the machine.
Without PostgreSQL the local run is measured alone. `--quick` has fewer requests, and percentiles need 1,000.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from bench.postgres import Postgres, find_programs
from bench.process_times import processor_seconds
from bench.server_load import HEALTH, JOBS, JobLatencies, Load, measure
from infra.local.engine import ROOT, Engine
from infra.local.run_process import LocalRun

# A percentile is published if at least ten requests were slower.
LEAST_SAMPLES = 1_000
LOCAL, DURABLE, IN_MEMORY = "local run", "PostgreSQL", "PostgreSQL, not durable"
NO_POSTGRES = "PostgreSQL is missing (initdb and pg_ctl): the local run is measured alone."
ROW = "{:>8} {:10}" + 3 * "{:>30}"


class Size(NamedTuple):
    """The clients of each level, the pairs of members, and the sessions of each pair in a level."""

    levels: tuple[int, ...]
    pairs: int
    sessions: int


FULL, QUICK = Size((1, 8, 64), 64, 16), Size((1, 8), 16, 4)


class MeasuredServer(NamedTuple):
    """A server with the ids of its own process and of its engine's process."""

    url: str
    pid: int
    engine: int


@dataclass(frozen=True, slots=True)
class Measured:
    """The latencies of a job on a server, and the processor seconds of its two processes."""

    latencies: JobLatencies
    server: float | None
    engine: float | None

    def figures(self) -> dict[str, Any]:
        """Return the figures of one row. Those that were not measured, or from too few requests, are None."""
        samples = len(self.latencies.seconds)
        return {
            "requests": samples,
            "unexpected": self.latencies.unexpected,
            "per_second": self.latencies.per_second,
            "mean_ms": 1000 * sum(self.latencies.seconds) / samples,
            "p50_ms": 1000 * self.latencies.percentile(50),
            "p99_ms": 1000 * self.latencies.percentile(99) if samples >= LEAST_SAMPLES else None,
            "server_ms": None if self.server is None else 1000 * self.server / samples,
            "engine_ms": None if self.engine is None else 1000 * self.engine / samples,
        }


# The figures by the number of clients, the job and the server.
Figures = dict[int, dict[str, dict[str, dict[str, Any]]]]


def main(arguments: Sequence[str]) -> int:
    """Measure all servers and print the rows. Return 1 if a server answered unexpectedly."""
    parser = argparse.ArgumentParser(prog="python -m bench.server", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer requests, without percentiles")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args(arguments)
    programs = find_programs()
    if programs is None:
        print(NO_POSTGRES, file=sys.stderr)
    with ExitStack() as stack:
        services = {LOCAL: stack.enter_context(local_service())}
        if programs:
            services[DURABLE] = stack.enter_context(postgres_service(programs, durable=True))
            services[IN_MEMORY] = stack.enter_context(postgres_service(programs, durable=False))
        figures = compare(services, QUICK if options.quick else FULL)
    if options.json:
        print(json.dumps({"levels": figures, "split": split(figures)}, indent=1))
    else:
        print("\n".join([*rows(figures, list(services)), "", *split_rows(split(figures))]))
    unexpected = sum(each["unexpected"] for jobs in figures.values() for job in jobs.values() for each in job.values())
    if unexpected:
        print(f"{unexpected} unexpected responses", file=sys.stderr)
    return 1 if unexpected else 0


@contextmanager
def local_service() -> Iterator[MeasuredServer]:
    """Start a local run on an engine of its own."""
    with Engine() as engine, LocalRun(LOCKSTEP_ENGINE=engine.url) as run:
        yield MeasuredServer(run.url, run.process.pid, engine.pid)


@contextmanager
def postgres_service(programs: Path, *, durable: bool) -> Iterator[MeasuredServer]:
    """Start the reference on a new PostgreSQL."""
    with Postgres(programs, durable=durable) as postgres:
        command = [sys.executable, "-m", "bench.postgres_server", postgres.address]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            url = process.stdout.readline().strip()
            try:
                yield MeasuredServer(url, process.pid, postgres.pid)
            finally:
                process.terminate()


def compare(services: Mapping[str, MeasuredServer], size: Size) -> Figures:
    """Measure every job on every server, level by level."""
    now = datetime.now(UTC)
    loads = {
        name: Load(service.url, pairs=size.pairs, sessions=size.sessions, levels=len(size.levels), now=now)
        for name, service in services.items()
    }
    figures: Figures = {}
    for level, clients in enumerate(size.levels):
        figures[clients] = {job: {} for job in JOBS}
        for name, service in services.items():
            for job, shares in loads[name].level(level, clients):
                before = _processor_times(service)
                latencies = measure(service.url, job, shares)
                used = (
                    None if one is None or two is None else two - one
                    for one, two in zip(before, _processor_times(service), strict=True)
                )
                figures[clients][job][name] = Measured(latencies, *used).figures()
    return figures


def _processor_times(service: MeasuredServer) -> tuple[float | None, float | None]:
    return processor_seconds(service.pid), processor_seconds(service.engine)


def rows(figures: Figures, names: Sequence[str]) -> Iterator[str]:
    """Yield a row for each number of clients and job, with requests a second and the 99th percentile."""
    yield "requests a second, milliseconds at the 99th percentile"
    yield ROW.format("clients", "job", *names, *("" for _ in range(3 - len(names)))).rstrip()
    for clients, jobs in figures.items():
        for job, by_name in jobs.items():
            cells = (f"{each['per_second']:,.0f} {_number(each['p99_ms']):>10}" for each in by_name.values())
            yield ROW.format(clients, job, *cells, *("" for _ in range(3 - len(names)))).rstrip()


def split(figures: Figures) -> dict[str, dict[str, dict[str, float]]]:
    """Return the milliseconds of one request at one client, by job and server. Empty without processor times."""
    alone = figures[1]
    if any(each["server_ms"] is None for each in alone[HEALTH].values()):
        return {}
    return {
        job: {name: _split(each, alone[HEALTH][name]) for name, each in alone[job].items()}
        for job in JOBS
        if job != HEALTH
    }


def _split(job: Mapping[str, float], health: Mapping[str, float]) -> dict[str, float]:
    http = health["server_ms"]
    python = job["server_ms"] - http
    return {
        "whole": job["mean_ms"],
        "http": http,
        "python": python,
        "engine": job["engine_ms"],
        "rest": job["mean_ms"] - http - python - job["engine_ms"],
    }


def split_rows(parts: Mapping[str, Mapping[str, Mapping[str, float]]]) -> Iterator[str]:
    """Yield a row for each job and server."""
    if not parts:
        yield "No split: this machine has no /proc."
        return
    yield "one request at one client, milliseconds of a processor; the whole is of the clock"
    yield f"{'job':10}{'':26}" + "".join(f"{part:>9}" for part in ("whole", "http", "python", "engine", "rest"))
    for job, by_name in parts.items():
        for name, each in by_name.items():
            yield f"{job:10}{name:26}" + "".join(f"{milliseconds:>9.2f}" for milliseconds in each.values())


def _number(milliseconds: float | None) -> str:
    return "-" if milliseconds is None else f"{milliseconds:.1f}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
