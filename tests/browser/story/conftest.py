"""A local runner for each module, so that no member of another test waits at the hours of a story."""

from collections.abc import Iterator

import pytest

from infra.local.run_process import LocalRun


@pytest.fixture(scope="module")
def run(built_app: None) -> Iterator[LocalRun]:
    """A local runner that only the tests of one module visit."""
    with LocalRun() as run:
        yield run
