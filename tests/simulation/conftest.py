"""The stage on which the plays of a module take place."""

from collections.abc import Iterator

import pytest

from tests.simulation.engine.simulation_run import simulator_environment


@pytest.fixture(scope="module")
def simulator() -> Iterator[None]:
    """Everything bound to what a play puts in its place."""
    with simulator_environment():
        yield
