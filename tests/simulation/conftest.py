"""The stage on which the plays of a module take place."""

from collections.abc import Iterator

import pytest

from tests.simulation.engine.play import stage_set


@pytest.fixture(scope="module")
def stage() -> Iterator[None]:
    """Everything bound to what a play puts in its place."""
    with stage_set():
        yield
