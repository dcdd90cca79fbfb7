"""A read that may be stale, and is: it finds nothing of what was written since the scene, and nothing is wrong."""

import pytest

from infra.simulation.faults import Fault
from infra.simulation.interleaved_client import Planned
from tests.simulation.engine.play import Play
from tests.simulation.reporting.failure_report import story
from tests.simulation.scenarios.initial_states import scene
from tests.simulation.scenarios.operations import Operation, Verb
from tests.simulation.scenarios.scripts import Draft, played

pytestmark = pytest.mark.usefixtures("stage")
OPERATIONS = (Operation(Verb.BOOK, "Dee"), Operation(Verb.CANCEL, "Cy"))
# Dee has read her own days; then Cy, who was waiting, cancels; then Dee looks who waits.
TURNS = (0, 1)


def looks_at_cy(play: Play) -> bool:
    """Whether Dee has found Cy's row and looked at the day behind it."""
    assert play.violation is None, story(play)
    return any(one.actor == 0 and "Cy day" in line for one, line in zip(play.sent, play.trace(), strict=True))


def test_a_stale_read_finds_what_is_gone_since_the_scene() -> None:
    begun = scene("Ada and Ben are matched, Cy waits")
    assert not looks_at_cy(played(begun, Draft(OPERATIONS, TURNS)))
    assert looks_at_cy(played(begun, Draft(OPERATIONS, TURNS, {(0, 2): Planned(Fault.STALE)})))
