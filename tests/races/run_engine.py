"""The engine of local runs whose table is on the reference engine, which has neither queues nor an event bus."""

from collections.abc import Iterator
from contextlib import contextmanager

from infra.local.engine import Engine
from tests.fault_proxy import faulty_engine


@contextmanager
def run_engine(table: str, *, is_reference: bool) -> Iterator[str]:
    """Yield the address of an engine with the table at `table`, queues and an event bus."""
    if not is_reference:
        yield table
        return
    with Engine() as messages, faulty_engine(table, messages.url) as proxy:
        yield proxy.url
