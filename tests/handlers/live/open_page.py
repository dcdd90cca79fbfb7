"""A page with a connection to the WebSocket's functions, on a stand-in for the gateway."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chalicelib.domain.model.member import Profile
from chalicelib.handlers.live.live_socket import LiveSocket
from chalicelib.services.members.profiles import Claims, get_or_create_member
from chalicelib.services.notices.live_connections import audience
from tests.handlers.all_routes import token
from tests.harness import World
from tests.live_gateway import LiveGateway


@dataclass
class OpenPage:
    """A page with a connection to the WebSocket."""

    socket: LiveSocket
    gateway: LiveGateway
    connection_id: str

    def __post_init__(self) -> None:
        assert self.socket.connect(self.event()) == {"statusCode": 200}
        self.gateway.open.add(self.connection_id)

    def event(self, **more: Any) -> dict[str, Any]:
        return {"requestContext": {"connectionId": self.connection_id, "requestId": "req-1"}, **more}

    def say(self, text: str) -> list[Any]:
        """Send a message and return what the page gets."""
        self.socket.receive(self.event(body=text, isBase64Encoded=False))
        return self.gateway.read(self.connection_id)

    def leave(self) -> None:
        self.gateway.open.discard(self.connection_id)
        self.socket.disconnect(self.event())

    @property
    def is_open(self) -> bool:
        return self.connection_id in self.gateway.open


def member(world: World, subject: str) -> Profile:
    claims = Claims(world.settings.issuer, subject, subject, None, "UTC", datetime.now(UTC))
    return get_or_create_member(world.context, claims)


def listening(world: World, owner: Profile) -> list[str]:
    found = audience(world.context, owner.member_id, now=datetime.now(UTC))
    assert found is not None
    return [connection.connection_id for connection in found.connections]


def signed_in(world: World, page: OpenPage, subject: str) -> list[Any]:
    return page.say(f'{{"token": "{token(world, subject)}"}}')
