"""What the tests share: a client of the engine, and a release."""

from collections.abc import Iterator

import pytest
from botocore.client import BaseClient

from infra.local.aws import client
from infra.package.release import Release, make_release


@pytest.fixture
def database(engine: str) -> Iterator[BaseClient]:
    database = client("dynamodb", engine)
    yield database
    database.close()


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release of the working tree, made once for all tests."""
    return make_release(tmp_path_factory.mktemp("release"))
