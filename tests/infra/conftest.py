"""The client of the engine that the tests share."""

from collections.abc import Iterator

import pytest
from botocore.client import BaseClient

from infra.local.aws import client

# The fixtures of a deployed stack.
STACKED = {"rehearsal", "community_browser"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests on a deployed stack without `--stack`. `make rehearse` runs them."""
    if not config.getoption("--stack"):
        stacked = [item for item in items if STACKED.intersection(getattr(item, "fixturenames", ()))]
        config.hook.pytest_deselected(items=stacked)
        items[:] = [item for item in items if item not in stacked]


@pytest.fixture
def database(engine: str) -> Iterator[BaseClient]:
    database = client("dynamodb", engine)
    yield database
    database.close()
