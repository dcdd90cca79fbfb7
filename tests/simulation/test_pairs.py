"""Any two operations at once, in every order: nothing is ever wrong, and in the end nobody is left (R1, R3, R19)."""

from collections.abc import Iterator

import pytest

from tests.simulation.operations import Operation
from tests.simulation.pairs import every_play, pairs
from tests.simulation.play import stage_set
from tests.simulation.scenes import scene
from tests.simulation.story import story


@pytest.fixture(scope="module", autouse=True)
def _stage() -> Iterator[None]:
    with stage_set():
        yield


@pytest.mark.parametrize("two", pairs(), ids=lambda two: f"{two[0]}, {two[1]}")
def test_two_operations_at_once_do_no_harm(two: tuple[Operation, Operation]) -> None:
    for play in every_play(scene("Ada and Ben are matched, Cy waits"), *two):
        assert play.violation is None, story(play)
