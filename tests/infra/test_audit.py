"""The audit as a command, in a process on a table of its own."""

import os
import subprocess
import sys

import pytest

from infra.local.engine import ROOT
from tests.corrupt_items import PopulatedTable, deleted_but_booked, no_waiting_row
from tests.harness import MONDAY, TABLE, World

pytestmark = pytest.mark.long


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "LOCKSTEP_"))}
    return subprocess.run(
        [sys.executable, "-m", "infra.audit", *arguments],
        cwd=ROOT,
        env=kept | environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def audited(populated_table: PopulatedTable, engine: str, *arguments: str) -> tuple[int, list[str]]:
    ran = run("--engine", engine, "--table", TABLE, *arguments)
    assert ran.stderr == ""
    return ran.returncode, ran.stdout.splitlines()


def test_the_audit_of_a_table_without_violations_succeeds(populated_table: PopulatedTable, engine: str) -> None:
    status, lines = audited(populated_table, engine, "--now", MONDAY.isoformat())
    assert status == 0
    assert len(lines) == 1
    assert lines[0].endswith("0 violations, 0 unsettled items")


def test_every_violation_is_printed(populated_table: PopulatedTable, engine: str) -> None:
    (expected,) = no_waiting_row(populated_table)
    status, (line, summary) = audited(populated_table, engine, "--now", MONDAY.isoformat())
    assert status == 1
    assert f'"{expected.ids[0]}"' in line
    assert ", 1 violations, " in summary


def test_r33_the_audit_uses_the_given_time(populated_table: PopulatedTable, engine: str) -> None:
    """A deletion does not cancel bookings that have started."""
    deleted_but_booked(populated_table)
    _, *before = audited(populated_table, engine, "--now", MONDAY.isoformat())[1]
    _, *after = audited(populated_table, engine, "--now", "2026-03-02T09:00Z")[1]
    # A favorite of the deleted member is left too, which is a violation at any time.
    assert ", 2 violations, " in before[-1]
    assert ", 1 violations, " in after[-1]


def test_the_engine_may_come_from_lockstep_engine(world: World, engine: str) -> None:
    assert run("--table", TABLE, LOCKSTEP_ENGINE=engine).returncode == 0


def test_a_missing_table_is_reported_in_one_sentence(engine: str) -> None:
    ran = run("--engine", engine, "--table", "nowhere")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("nowhere cannot be read: ")
    assert ran.stderr.count("\n") == 1


def test_the_audit_requires_an_engine_or_a_region() -> None:
    ran = run()
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "--engine" in ran.stderr
