"""An empty table for each test on one engine, with a ledger of its request units."""

from collections.abc import Iterator
from itertools import count

import pytest

from bench.request_units import RequestUnitLedger
from bench.trace import new_table
from chalicelib.storage.connection import Table
from infra.local.engine import Engine

_numbers = count()


@pytest.fixture(scope="module")
def engine_url() -> Iterator[str]:
    with Engine() as engine:
        yield engine.url


@pytest.fixture
def table(engine_url: str) -> Table:
    return new_table(engine_url, f"bench-{next(_numbers)}")


@pytest.fixture
def ledger(table: Table) -> Iterator[RequestUnitLedger]:
    with RequestUnitLedger(table.connection.client) as listening:
        yield listening
