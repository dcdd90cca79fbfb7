"""Fixtures, with one embedded engine for the run and an empty table for every test.

Each fixture imports the engine or deployment that it starts, so that the tests of the domain start without them.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from chalicelib.storage.connection import Table
    from chalicelib.storage.raw_reads import RawItems
    from infra.local_stack.stack import Rehearsal
    from infra.package.release import Release
    from tests.contract.stack import DeployedService
    from tests.corrupt_items import PopulatedTable
    from tests.fault_proxy import FaultProxy
    from tests.harness import StreamReader, World

# Set before the import of modules that make a client. The engine accepts any credentials, but boto3 requires some.
os.environ.update(AWS_DEFAULT_REGION="us-east-1", AWS_ACCESS_KEY_ID="local", AWS_SECRET_ACCESS_KEY="local")
os.environ.pop("AWS_PROFILE", None)


@pytest.fixture(scope="session")
def engine(pytestconfig: pytest.Config) -> Iterator[str]:
    """The address of a running engine."""
    from infra.dynamodb_local.engine import ReferenceEngine
    from infra.local.engine import Engine

    with ReferenceEngine() if pytestconfig.getoption("--reference") else Engine() as started:
        yield started.url


@pytest.fixture(scope="session")
def stream_arn(engine: str) -> str:
    """The stream of the one table that all tests of a run share."""
    import boto3

    from infra.table import create_table
    from tests.harness import TABLE

    client = boto3.client("dynamodb", endpoint_url=engine)
    arn = create_table(client, TABLE)
    client.close()
    return arn


@pytest.fixture(scope="session")
def table_on() -> Callable[[str], Table]:
    """Connect to the table on an engine, with one client for each engine."""
    from chalicelib.storage.connection import Table
    from tests.harness import TABLE

    return cache(lambda url: Table(TABLE, region="us-east-1", endpoint=url))


@pytest.fixture(scope="session")
def proxy(engine: str) -> Iterator[FaultProxy]:
    """The engine behind a proxy that injects planned faults."""
    from tests.fault_proxy import faulty_engine

    with faulty_engine(engine) as started:
        yield started


@pytest.fixture(scope="session")
def streams(engine: str, stream_arn: str) -> Iterator[StreamReader]:
    """The table's stream."""
    import boto3

    from tests.harness import StreamReader

    client = boto3.client("dynamodbstreams", endpoint_url=engine)
    yield StreamReader(client, stream_arn)
    client.close()


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release of the working tree, built once for all processes of the run.

    Chalice packages in a folder of the project, so two processes must not package at the same time.
    """
    from infra.package.release import Release, make_release
    from infra.package.target import THIS_MACHINE

    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    with (folder / "release.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        built = Release.at(folder / "release")
        return built if built.template.exists() else make_release(folder / "release", THIS_MACHINE)


@pytest.fixture(scope="session")
def rehearsal(release: Release) -> Iterator[Rehearsal]:
    """The release, deployed on this machine."""
    from infra.local_stack.stack import Rehearsal
    from infra.package.release import write_site

    write_site(release.site)
    with Rehearsal(release) as deployed:
        yield deployed


@pytest.fixture(scope="session")
def deployed(rehearsal: Rehearsal) -> Iterator[DeployedService]:
    """The API of that deployment. All tests share it, and it assigns each slot to one test only."""
    from tests.contract.stack import DeployedService

    service = DeployedService(rehearsal)
    yield service
    assert service.leaked_secrets() == []


@pytest.fixture
def world(
    request: pytest.FixtureRequest, engine: str, streams: StreamReader, table_on: Callable[[str], Table]
) -> Iterator[World]:
    """An empty deployment on a Monday at 8 am UTC."""
    from tests.harness import World, settings

    url = request.getfixturevalue("faults").url if "faults" in request.fixturenames else engine
    world = World(settings(engine, streams.arn), streams, table_on(url))
    world.clear()
    yield world
    world.check()


@pytest.fixture(scope="session")
def populated() -> list[tuple[PopulatedTable, RawItems]]:
    """The busy deployment of this run and the items of its table, once a test has built it."""
    return []


def without_empty_days(raw_items: RawItems) -> RawItems:
    """Remove the days that a version bump created and that hold only a version."""
    from chalicelib.storage.keys import DAY

    return {key: raw for key, raw in raw_items.items() if not key.sk.startswith(DAY) or "b" in raw or "t" in raw}


@pytest.fixture
def populated_table(world: World, populated: list[tuple[PopulatedTable, RawItems]]) -> Iterator[PopulatedTable]:
    """A busy deployment without a violation, into which a test puts corrupt items."""
    from tests.batches import put
    from tests.corrupt_items import populate
    from tests.table_snapshot import read_whole_table

    if not populated:
        populated.append((populate(world), without_empty_days(read_whole_table(world.table))))
        world.clear()
    populated_table, raw_items = populated[0]
    put(world.table, *raw_items.values())
    world.check()
    yield replace(populated_table, world=world)
    world.clear()


@pytest.fixture
def faults(proxy: FaultProxy) -> FaultProxy:
    """The fault proxy for the requests of `world`."""
    from tests.fault_proxy import COMMITS

    proxy.meets = COMMITS
    # An earlier test may have planned faults that no request met.
    proxy.plan.clear()
    return proxy
