"""A page with a connection to the WebSocket of a local runner."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.contract.client import Client, Service

PATIENCE_SECONDS = 60


class LivePage:
    """An open connection, which reads one message after the other."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def say(self, message: Any) -> None:
        """Send a message, JSON for anything but a text."""
        self.connection.send(message if isinstance(message, str | bytes | list) else json.dumps(message))

    def hear(self) -> Any:
        """Wait for the next message and return it."""
        return json.loads(self.connection.recv(timeout=PATIENCE_SECONDS))

    def kinds(self, number: int) -> list[str]:
        """Wait for this number of messages and return their types."""
        return [self.hear()["type"] for _ in range(number)]

    def is_closed(self) -> bool:
        """Read until the connection is closed, and return True. Raises TimeoutError if it stays open."""
        try:
            while True:
                self.connection.recv(timeout=PATIENCE_SECONDS)
        except ConnectionClosed:
            return True


@contextmanager
def visiting(service: Service, **options: Any) -> Iterator[LivePage]:
    """Open a connection without a token."""
    with connect(service.base.replace("http", "ws", 1) + "/live", **options) as connection:
        yield LivePage(connection)


@contextmanager
def live(member: Client) -> Iterator[LivePage]:
    """Open a connection of a member, and wait until it gets the member's events."""
    with visiting(member.runner) as page:
        page.say({"token": member.token})
        assert page.hear()["type"] == "ready"
        yield page
