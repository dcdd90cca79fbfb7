"""What the scheduled audit says: a line for every violation, one for the counts, and nobody's name."""

import json
import logging
from datetime import timedelta
from itertools import count

import pytest
from chalice.config import Config

from chalicelib.domain.invariants import Invariant, Violation
from chalicelib.handlers.auditing import LIMIT, line_of, report_audit
from chalicelib.services.audit import PAGE
from infra.local.runner import CHALICE_CONFIG, STAGE
from tests.snapshot import look_at_everything
from tests.tampering import NINE, SECRET, Busy, no_pair_row, no_such_member, put
from tests.world import TABLE, World

DAY = {"SK": {"S": "DAY#2026-03-02"}, "k": {"S": "day"}, "v": {"N": "1"}, "n": {"N": "1"}}


@pytest.fixture
def told(world: World) -> list[str]:
    """The lines of metrics."""
    lines: list[str] = []
    world.lockstep.tell = lines.append
    return lines


def test_the_counts_are_metrics_in_one_line(scene: Busy, told: list[str], caplog: pytest.LogCaptureFixture) -> None:
    report_audit(scene.world.lockstep)
    (line,) = told
    summary = json.loads(line)
    about = summary.pop("_aws")
    items = len(look_at_everything())
    assert summary == {
        "Table": TABLE,
        "AuditItems": items,
        "AuditViolations": 0,
        "AuditUnsettled": 0,
        "AuditComplete": 1,
        "violated": {},
    }
    assert about["Timestamp"] == scene.world.now.timestamp() * 1000
    (declared,) = about["CloudWatchMetrics"]
    assert declared["Dimensions"] == [["Table"]]
    # What CloudWatch takes from the line are numbers under names that it declares.
    names = [metric["Name"] for metric in declared["Metrics"]]
    assert names == [name for name, value in summary.items() if isinstance(value, int)]
    assert caplog.records == []


def test_every_violation_is_a_line_of_ids_and_nothing_else(
    scene: Busy, told: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    expected = no_pair_row(scene) | no_such_member(scene)
    report_audit(scene.world.lockstep)
    assert {record.levelno for record in caplog.records} == {logging.ERROR}
    assert sorted(caplog.messages) == sorted(map(line_of, expected))
    summary = json.loads(told[0])
    assert (summary["AuditViolations"], summary["violated"]) == (3, {"row": 2, "deletion": 1})
    said = "\n".join([*caplog.messages, *told])
    assert [name for name in (SECRET, *(member.name for member in scene.members.values())) if name in said] == []


def test_a_violation_reads_the_same_to_a_person_and_to_a_program() -> None:
    line = line_of(Violation(Invariant.MUTUAL, ("ada", "ben", "pair"), NINE))
    assert line == '{"violated": "mutual", "ids": ["ada", "ben", "pair"], "slot": "2026-03-02T09:00Z/50"}'
    assert json.loads(line_of(Violation(Invariant.READABLE, ("a\nb",)))) == {
        "violated": "readable",
        "ids": ["a\nb"],
        "slot": None,
    }


def test_a_walk_that_takes_too_long_ends_and_says_so(world: World, told: list[str]) -> None:
    """Here a look at the clock takes seven minutes, and there are two pages."""
    put(*({**DAY, "PK": {"S": f"MEMBER#{n}"}} for n in range(PAGE + 1)))
    instants = count()
    world.lockstep.clock = lambda: world.now + next(instants) * timedelta(minutes=7)
    report_audit(world.lockstep)
    summary = json.loads(told[0])
    assert (summary["AuditItems"], summary["AuditComplete"]) == (PAGE, 0)


def test_the_function_is_given_more_time_than_the_walk_takes() -> None:
    config = Config(STAGE, config_from_disk=json.loads(CHALICE_CONFIG.read_text()))
    assert config.scope(STAGE, "audit").lambda_timeout >= LIMIT.total_seconds() + 60
