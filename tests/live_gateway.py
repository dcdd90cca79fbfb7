"""A stand-in for the gateway of live connections, which records what it gets."""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from chalicelib.channels.aws_clients import SendFailed
from chalicelib.channels.live_connections import ConnectionGone, LiveConnections


@dataclass
class LiveGateway(LiveConnections):
    """The open connections with the messages that each got.

    `overloaded` are those that accept no message now, and `unreachable` those that cannot be closed now.
    """

    open: set[str] = field(default_factory=set)
    unreachable: set[str] = field(default_factory=set)
    overloaded: set[str] = field(default_factory=set)
    got: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))

    def send(self, connection_id: str, text: str) -> None:
        """Record a message."""
        if connection_id in self.overloaded:
            raise SendFailed(connection_id)
        if connection_id not in self.open:
            raise ConnectionGone(connection_id)
        self.got[connection_id].append(json.loads(text))

    def close(self, connection_id: str) -> None:
        """Close a connection."""
        if connection_id in self.unreachable:
            raise SendFailed(connection_id)
        self.open.discard(connection_id)

    def read(self, connection_id: str) -> list[Any]:
        """Return the messages since the last call."""
        return self.got.pop(connection_id, [])
