"""Tests of the scheduled audit and its log lines."""

import json
from datetime import timedelta
from itertools import count

from chalice.config import Config

from chalicelib.domain.audit.invariants import Invariant, Violation
from chalicelib.handlers.events.scheduled_audit import LIMIT, line_of, report_audit
from chalicelib.storage.raw_reads import SEGMENTS
from infra.local.runner import CHALICE_CONFIG, STAGE
from tests.corrupt_items import NINE, SECRET, PopulatedTable, no_pair_row, no_such_member, put
from tests.handlers.conftest import Lines, metrics_of
from tests.harness import World
from tests.table_snapshot import read_whole_table

DAY = {"SK": {"S": "DAY#2026-03-02"}, "k": {"S": "day"}, "v": {"N": "1"}, "n": {"N": "1"}}


def test_the_counts_are_metrics_of_the_run(populated_table: PopulatedTable, lines: Lines) -> None:
    report_audit(populated_table.world.context)
    (line,) = lines()
    assert (line["event"], line["schedule"], line["outcome"], line["violated"]) == ("tick", "audit", "ok", {})
    assert metrics_of(line) == {
        "AuditItems": len(read_whole_table(populated_table.world.table)),
        "AuditViolations": 0,
        "AuditUnsettled": 0,
        "AuditComplete": 1,
    }


def test_every_violation_is_a_line_that_contains_only_ids(populated_table: PopulatedTable, lines: Lines) -> None:
    expected = no_pair_row(populated_table) | no_such_member(populated_table)
    report_audit(populated_table.world.context)
    *violations, run = lines()
    assert sorted(map(json.dumps, violations)) == sorted(json.dumps(json.loads(line_of(one))) for one in expected)
    assert (run["AuditViolations"], run["violated"]) == (3, {"row": 2, "deletion": 1})
    logged = json.dumps([*violations, run])
    assert [
        name for name in (SECRET, *(member.name for member in populated_table.members.values())) if name in logged
    ] == []


def test_a_violation_is_a_line_of_json() -> None:
    line = line_of(Violation(Invariant.MUTUAL, ("ada", "ben", "pair"), NINE))
    assert line == (
        '{"level":"error","event":"violation",'
        '"violated":"mutual","ids":["ada","ben","pair"],"slot":"2026-03-02T09:00Z/50"}'
    )
    assert json.loads(line_of(Violation(Invariant.READABLE, ("a\nb",)))) == {
        "level": "error",
        "event": "violation",
        "violated": "readable",
        "ids": ["a\nb"],
    }


def test_a_slow_audit_ends_incomplete_and_begins_at_another_segment_each_day(world: World, lines: Lines) -> None:
    """Read one page a day, since each call of the clock takes seven minutes. Every segment has one page."""
    put(world.table, *({**DAY, "PK": {"S": f"MEMBER#{n}"}} for n in range(100)))
    for day in range(SEGMENTS):
        instants = count()
        today = world.now + timedelta(days=day)
        world.context.clock = lambda today=today, instants=instants: today + next(instants) * timedelta(minutes=7)
        report_audit(world.context)
    walks = lines()
    assert sum(walk["AuditItems"] for walk in walks) == 100
    assert {walk["AuditComplete"] for walk in walks} == {0}


def test_the_timeout_of_the_function_exceeds_the_limit_of_the_audit() -> None:
    config = Config(STAGE, config_from_disk=json.loads(CHALICE_CONFIG.read_text()))
    assert config.scope(STAGE, "audit").lambda_timeout >= LIMIT.total_seconds() + 60
