"""The shortcut past PynamoDB asks the table the same, and whoever takes it does the same."""

from random import Random

import pytest

from tests.simulation.scenes import PRELUDES, scene
from tests.simulation.scripts import drawn, played
from tests.simulation.shortcut import shortcut


@pytest.mark.usefixtures("stage")
def test_the_shortcut_leads_to_the_same_trace() -> None:
    for seed in range(40):
        chance = Random(seed)
        begun, draft = scene(chance.choice(sorted(PRELUDES))), drawn(chance)
        whole = played(begun, draft).trace()
        with shortcut():
            assert played(begun, draft).trace() == whole
