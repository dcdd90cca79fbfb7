"""The checks are checked: without any one condition, and with any one mistake, the simulator finds something wrong."""

from collections.abc import Iterator

import pytest

from tests.simulation.checks import Check, all_checks, mistakes, reported
from tests.simulation.conditions import conditions
from tests.simulation.operations import Operation, Verb
from tests.simulation.play import stage_set
from tests.simulation.searching import LATE, Manner, Schedule, at_the_end
from tests.simulation.shortcut import shortcut


@pytest.fixture(scope="module", autouse=True)
def _stage() -> Iterator[None]:
    with stage_set(), shortcut():
        yield


# The search does not come to it within its 10,000 schedules: it has a schedule of its own below.
DIRECTED = "_assert_tombstone: TombstoneItem.revision == tombstone.revision"
FOUND = [check for check in all_checks() if check.name != DIRECTED]


@pytest.mark.parametrize("check", FOUND, ids=lambda check: check.name)
def test_the_simulator_finds_what_is_wrong(check: Check) -> None:
    """Where the report found it, or anywhere else; the same schedule does no harm to the code as it is."""
    found = check.find(reported().get(check.name, 0))
    assert found, f"nothing is ever wrong, so what is it for? {check.told}"


def test_the_report_lists_what_there_is() -> None:
    """`make mutants` writes it."""
    assert list(reported()) == [check.name for check in FOUND]


def test_every_condition_is_told_in_english() -> None:
    assert [condition.name for condition in conditions() if not condition.english] == []


def test_at_least_fifteen_mistakes_are_made_again() -> None:
    assert len({check.name for check in mistakes()}) >= 15


def test_r33_an_erasure_that_comes_late_takes_nothing_from_who_started_afresh() -> None:
    (condition,) = (one for one in conditions() if one.name == DIRECTED)
    late = Manner("it has ended, and its write 3 comes late", at_the_end, {(0, -3): LATE})
    afresh = (Operation(Verb.RETURN, "Ada"), Operation(Verb.FAVORITE, "Ada", "Dee"))
    schedule = Schedule("nobody has booked", (Operation(Verb.DELETE, "Ada"), *afresh), late)
    assert schedule.play().violation is None
    with condition.gone():
        violation = schedule.play().violation
    assert str(violation) == "Ada about Dee: it is gone, and nobody has deleted the account"
