"""A deployment on moto's table in this process."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from chalicelib.storage.connection import Table
from infra.table import create_table
from tests.harness import TABLE, StreamReader, World, settings


@pytest.fixture
def moto_world(request: pytest.FixtureRequest) -> Iterator[World]:
    """An empty deployment for tests with one thread, on moto or, if chosen, on the reference engine.

    moto is no witness for races. It runs each request alone, so two of them never conflict.
    """
    if request.config.getoption("--reference"):
        yield request.getfixturevalue("world")
        return
    with mock_aws():
        arn = create_table(boto3.client("dynamodb"), TABLE)
        table = Table(TABLE, region="us-east-1", endpoint=None)
        world = World(settings("", arn), StreamReader(boto3.client("dynamodbstreams"), arn), table)
        yield world
        world.check()
