"""The simulator finds a violation in every mutant, and none in the deployed code on the same schedule."""

import re
from collections.abc import Iterator

import pytest

from tests.simulation.engine.simulator_environment import simulator_environment
from tests.simulation.mutants.condition_mutants import conditions
from tests.simulation.mutants.mutation_tests import Mutant, all_mutants, known_bugs, known_schedules


@pytest.fixture(scope="module", autouse=True)
def _simulator() -> Iterator[None]:
    with simulator_environment():
        yield


@pytest.mark.parametrize("mutant", all_mutants(), ids=lambda mutant: mutant.name)
def test_the_simulator_finds_the_mutant(mutant: Mutant) -> None:
    """Run the schedule that found the mutant last on the mutant and on the deployed code."""
    found = mutant.find(known_schedules()[mutant.name])
    assert found, f"this schedule no longer finds it: run `make mutants`. {mutant.source}"
    # These errors mean that the mutant itself is broken, so the violation does not show the missing condition.
    assert not re.search(r"\b(?:Type|Attribute|Name|Key|Index)Error\b", str(found.run.violation))


def test_each_mutant_has_a_known_schedule() -> None:
    """`make mutants` searches for schedules and writes the file."""
    assert list(known_schedules()) == [mutant.name for mutant in all_mutants()]


def test_every_condition_has_a_comment() -> None:
    assert [condition.name for condition in conditions() if not condition.comment] == []


def test_there_are_at_least_fifteen_known_bugs() -> None:
    assert len({mutant.name for mutant in known_bugs()}) >= 15
