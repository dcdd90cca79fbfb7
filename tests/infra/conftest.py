"""A client of the engine that all tests share."""

from collections.abc import Iterator

import pytest
from botocore.client import BaseClient

from infra.local.aws import client


@pytest.fixture
def database(engine: str) -> Iterator[BaseClient]:
    database = client("dynamodb", engine)
    yield database
    database.close()
