"""The operator's book names every alarm with its threshold, every metric and every field of a line."""

import re
from pathlib import Path

import pytest

from chalicelib.handlers.telemetry import METRICS
from infra.stack.alarms import ALARMS, LOCKSTEP, Alarm

BOOK = (Path(__file__).parents[2] / "docs/operations.md").read_text()


def rows(section: str) -> dict[str, list[str]]:
    """The table of a section: the cells of each row by the names that its first cell has."""
    text = re.split(r"^## ", BOOK.split(f"\n## {section}\n")[1], flags=re.MULTILINE)[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    return {name: others for first, *others in cells for name in re.findall(r"`(\w+)`", first)}


def test_every_alarm_is_in_the_table_and_no_other() -> None:
    assert set(rows("Alarms")) == set(ALARMS)


@pytest.mark.parametrize(("name", "alarm"), [one for one in ALARMS.items() if not one[0].endswith("Errors")])
def test_an_alarm_is_written_down_with_its_metric_its_threshold_and_what_to_do(name: str, alarm: Alarm) -> None:
    rings, reason, what_to_do = rows("Alarms")[name]
    assert f"`{alarm.metric}`" in rings
    assert re.search(rf"\b{alarm.threshold:g}\b", rings)
    assert reason
    assert what_to_do


def test_every_metric_is_explained_and_no_alarm_waits_for_one_that_nobody_tells() -> None:
    assert set(rows("Metrics")) == set(METRICS)
    assert {alarm.metric for alarm in ALARMS.values() if alarm.namespace == LOCKSTEP} <= set(METRICS)
