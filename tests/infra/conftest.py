"""A client of the engine that all tests share."""

from collections.abc import Iterator

import pytest
from botocore.client import BaseClient

from infra.local.aws import client


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, without `--stack`, what takes a deployed stack: `make rehearse` runs it."""
    if not config.getoption("--stack"):
        taking = [item for item in items if "rehearsal" in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=taking)
        items[:] = [item for item in items if item not in taking]


@pytest.fixture
def database(engine: str) -> Iterator[BaseClient]:
    database = client("dynamodb", engine)
    yield database
    database.close()
