"""A run whose clock the tests of this folder move."""

from collections.abc import Iterator

import pytest

from infra.local.run_process import LocalRun


@pytest.fixture(scope="session")
def run(built_app: None) -> Iterator[LocalRun]:
    """A run of these tests only, because they move its clock."""
    with LocalRun() as run:
        yield run
