"""Fixtures of the WebSocket's tests."""

import pytest

from chalicelib.handlers.http.identity.tokens import verifier
from chalicelib.handlers.live.live_socket import LiveSocket
from tests.handlers.all_routes import JWKS
from tests.harness import World
from tests.live_gateway import LiveGateway


@pytest.fixture
def gateway(world: World) -> LiveGateway:
    gateway = world.context.channels.live = LiveGateway()
    return gateway


@pytest.fixture
def socket(world: World) -> LiveSocket:
    return LiveSocket(world.context, verifier(world.settings, fetch=lambda _: JWKS))
