"""Every fault at every request of every use case, and everything out of joint: none is left out, nothing is wrong."""

import re
from collections.abc import Iterator

import pytest

from infra.local.engine import ROOT
from tests.simulation.coverage import Coverage, covered, tables
from tests.simulation.operations import Verb
from tests.simulation.play import stage_set
from tests.simulation.story import story

DOC = ROOT / "docs" / "simulation.md"


@pytest.fixture(scope="module")
def coverage() -> Iterator[Coverage]:
    with stage_set():
        yield covered()


def test_whatever_fails_wherever_it_fails_nothing_is_wrong(coverage: Coverage) -> None:
    assert not coverage.wrong, story(coverage.wrong[0])


def test_every_fault_has_been_at_every_request_that_it_can_hit(coverage: Coverage) -> None:
    assert {cell.site.verb for cell in coverage.cells} == set(Verb)
    assert not coverage.cells.keys() - coverage.hits


def test_the_tables_are_those_of_the_documentation(coverage: Coverage) -> None:
    printed = list(tables(coverage))
    shares = [share for line in printed for share in re.findall(r"(\d+) of (\d+)", line)]
    assert all(met == possible for met, possible in shares)
    assert "\n".join(printed) in DOC.read_text(encoding="utf-8")
