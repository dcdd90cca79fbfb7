"""One engine for all tests of the local runner."""

from collections.abc import Iterator

import pytest
from botocore.client import BaseClient

from infra.local.aws import client
from infra.local.engine import Engine


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    with Engine() as engine:
        yield engine


@pytest.fixture
def database(engine: Engine) -> Iterator[BaseClient]:
    database = client("dynamodb", engine.url)
    yield database
    database.close()
