"""The engine of local runs whose table is on the reference engine, which has neither queues nor an event bus."""

from collections.abc import Iterator
from contextlib import contextmanager

from infra.local.engine import Engine
from tests.fault_proxy import FaultProxy, serving


class EnginesProxy(FaultProxy):
    """A proxy that sends the requests of the table to one engine, and all others to another one."""

    def __init__(self, table: str, messages: str) -> None:
        super().__init__(table)
        self._messages = messages

    def target_of(self, operation: str) -> str:
        """Return the address of the engine that answers the operation."""
        return self.target if operation.startswith("DynamoDB") else self._messages


@contextmanager
def run_engine(table: str, *, is_reference: bool) -> Iterator[str]:
    """Yield the address of an engine with the table at `table`, queues and an event bus."""
    if not is_reference:
        yield table
        return
    with Engine() as messages, EnginesProxy(table, messages.url) as proxy, serving(proxy):
        yield proxy.url
