"""The checks are checked: without any one condition, and with any one mistake, the simulator finds something wrong."""

import re
from collections.abc import Iterator

import pytest

from tests.simulation.checks import REPORT, Check, all_checks, mistakes, reported
from tests.simulation.conditions import conditions
from tests.simulation.play import stage_set
from tests.simulation.shortcut import shortcut


@pytest.fixture(scope="module", autouse=True)
def _stage() -> Iterator[None]:
    with stage_set(), shortcut():
        yield


@pytest.mark.parametrize("check", all_checks(), ids=lambda check: check.name)
def test_the_simulator_finds_what_is_wrong(check: Check) -> None:
    """Where the report found it; the same schedule does no harm to the code as it is."""
    assert check.find(reported()[check.name]), f"it is not found there any more: run `make mutants`. {check.told}"


def test_the_report_lists_what_there_is() -> None:
    """`make mutants` writes it, and looks for what is new."""
    assert list(reported()) == [check.name for check in all_checks()]


def test_nothing_is_found_because_what_was_varied_does_not_run() -> None:
    assert not re.findall(r"\b(?:Type|Attribute|Name|Key|Index)Error\b", REPORT.read_text())


def test_every_condition_is_told_in_english() -> None:
    assert [condition.name for condition in conditions() if not condition.english] == []


def test_at_least_fifteen_mistakes_are_made_again() -> None:
    assert len({check.name for check in mistakes()}) >= 15
