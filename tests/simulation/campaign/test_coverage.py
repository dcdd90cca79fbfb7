"""Every fault is injected into every request of every use case, without a violation."""

import re
from collections.abc import Iterator

import pytest

from tests.simulation.campaign.coverage import Coverage, covered, tables
from tests.simulation.engine.simulator_environment import simulator_environment
from tests.simulation.reporting.failure_report import failure_report
from tests.simulation.scenarios.operations import UseCase

# Every fault at every request of every use case.
pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def coverage() -> Iterator[Coverage]:
    with simulator_environment():
        yield covered()


def test_no_fault_leads_to_a_violation(coverage: Coverage) -> None:
    assert not coverage.violations, failure_report(coverage.violations[0])


def test_every_fault_hits_every_kind_of_request(coverage: Coverage) -> None:
    assert {cell.site.use_case for cell in coverage.cells} == set(UseCase)
    assert not coverage.cells.keys() - coverage.hits


def test_every_cell_of_the_tables_is_complete(coverage: Coverage) -> None:
    shares = [share for line in tables(coverage) for share in re.findall(r"(\d+) of (\d+)", line)]
    assert shares
    assert all(covered == possible for covered, possible in shares)
