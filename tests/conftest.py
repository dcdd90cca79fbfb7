"""One embedded engine for the whole run; an empty table for every test."""

import os
from collections.abc import Iterator

import boto3
import pytest

# Before anything that makes a client is imported: the engine takes any credentials, but there must be some.
os.environ.update(AWS_DEFAULT_REGION="us-east-1", AWS_ACCESS_KEY_ID="local", AWS_SECRET_ACCESS_KEY="local")
os.environ.pop("AWS_PROFILE", None)

from chalicelib.storage.connection import connect
from infra.local.engine import Engine
from infra.table import create_table
from tests.faults import FaultyEngine, faulty_engine
from tests.world import TABLE, World, settings


@pytest.fixture(scope="session")
def engine() -> Iterator[str]:
    """The address of a running engine."""
    with Engine() as started:
        yield started.url


@pytest.fixture(scope="session")
def stream_arn(engine: str) -> str:
    """The stream of the one table that all tests of a run share; the models are bound to it."""
    client = boto3.client("dynamodb", endpoint_url=engine)
    arn = create_table(client, TABLE)
    client.close()
    connect(TABLE, region="us-east-1", endpoint=engine)
    return arn


@pytest.fixture
def world(engine: str, stream_arn: str) -> Iterator[World]:
    """An empty deployment at eight o'clock on a Monday morning."""
    world = World(settings(engine, stream_arn))
    world.clear()
    yield world
    world.check()


@pytest.fixture
def faults(engine: str, world: World) -> Iterator[FaultyEngine]:
    """The engine behind a proxy that misbehaves as planned; the world goes through it."""
    with faulty_engine(engine) as proxy:
        connect(TABLE, region="us-east-1", endpoint=proxy.url)
        yield proxy
        connect(TABLE, region="us-east-1", endpoint=engine)
