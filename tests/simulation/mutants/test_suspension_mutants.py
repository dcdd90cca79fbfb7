"""The simulator finds every mutant of suspensions, and nothing in the deployed code (R47)."""

import re
from collections.abc import Iterator

import pytest

from tests.simulation.engine.simulator_environment import simulator_environment
from tests.simulation.mutants.condition_mutants import conditions
from tests.simulation.mutants.mutation_tests import UNMET_ALONE
from tests.simulation.mutants.suspension_mutants import MUTANTS, SuspensionMutant
from tests.simulation.reporting.failure_report import failure_report


@pytest.fixture(scope="module", autouse=True)
def _simulator() -> Iterator[None]:
    with simulator_environment():
        yield


@pytest.mark.long  # Plays up to 300 schedules of each mutant.
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_r47_the_simulator_finds_the_mutant(mutant: SuspensionMutant) -> None:
    found = mutant.find()
    assert found
    # These errors mean that the mutant itself is broken, so the violation does not show the mistake.
    assert not re.search(r"\b(?:Type|Attribute|Name|Key|Index)Error\b", str(found.violation))


@pytest.mark.long  # Plays 20 schedules of each mutant.
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_r47_the_same_schedules_find_nothing_in_the_deployed_code(mutant: SuspensionMutant) -> None:
    for number in range(20):
        run = mutant.run(number)
        assert run.violation is None, failure_report(run)


def test_the_conditions_that_are_removed_elsewhere_exist() -> None:
    assert {condition.function for condition in conditions()} >= UNMET_ALONE
