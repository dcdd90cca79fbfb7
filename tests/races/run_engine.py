"""The engine of local runs in the races. The reference engine has neither queues nor an event bus."""

from collections.abc import Iterator
from contextlib import contextmanager

from infra.dynamodb_local.engine import ReferenceEngine
from infra.local.engine import Engine
from tests.fault_proxy import faulty_engine


@contextmanager
def run_engine(*, is_reference: bool) -> Iterator[str]:
    """Yield the address of a new engine with empty tables, queues and an event bus. Raises CannotStartError."""
    with Engine() as embedded:
        if not is_reference:
            yield embedded.url
            return
        with ReferenceEngine() as tables, faulty_engine(tables.url, embedded.url) as proxy:
            yield proxy.url
