"""A campaign of workloads on one environment, with all checks after each."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.domain.audit.invariants import violations
from chalicelib.handlers.bootstrap import real_time
from chalicelib.handlers.events.scheduled_audit import line_of
from tests.races.environment import RaceEnvironment
from tests.races.history_checker import history_violations
from tests.races.workloads import Workload
from tests.table_snapshot import take_snapshot


@dataclass(frozen=True, slots=True)
class WorkloadResult:
    """The response counts by code, the violations, and the audit after a workload.

    `ticks` is the number of scheduled runs until no work was left. `items` is the number of items that the audit read,
    and `audit_lines` are its findings.
    """

    workload: str
    clients: int
    codes: Counter[str]
    ticks: int
    violations: tuple[str, ...]
    items: int
    audit_lines: tuple[str, ...]


def run_workload(environment: RaceEnvironment, workload: Workload, clients: int) -> WorkloadResult:
    """Run a workload, finish the work that it left, and check the table and its history."""
    results_before = len(environment.results)
    found = list(workload.run(environment, clients))
    ticks, unfinished = environment.finish_work()
    items, audit_lines = environment.audit_findings()
    found += [*unfinished, *_violations(environment)]
    environment.enable_stream()
    new = [one for one in dict.fromkeys(found + environment.in_use_findings) if one not in environment.reported]
    environment.reported.update(new)
    codes = Counter(one.code for one in environment.results[results_before:])
    return WorkloadResult(workload.name, clients, codes, ticks, tuple(new), items, tuple(audit_lines))


def _violations(environment: RaceEnvironment) -> Iterator[str]:
    environment.history.read_on()
    if not environment.history.is_complete():
        yield "the last values of the stream differ from the table"
    if not environment.history.is_delivery_idempotent():
        yield "a second delivery of the whole stream fails or changes the table"
    yield from history_violations(environment.history, environment.results)
    yield from map(line_of, violations(take_snapshot(environment.table), real_time()))
    yield from environment.runners.complaints()
