"""A runner for the story that the clients play."""

from collections.abc import Iterator

import pytest

from tests.contract.client import Runner


@pytest.fixture
def runner() -> Iterator[Runner]:
    """A runner without the complaint of an error."""
    with Runner() as started:
        yield started
        assert started.complaints() == []
