"""Fixtures of the simulation tests."""

from collections.abc import Iterator

import pytest

from tests.simulation.engine.simulator_environment import simulator_environment


@pytest.fixture(scope="module")
def simulator() -> Iterator[None]:
    """Enter the simulator environment for a module."""
    with simulator_environment():
        yield
