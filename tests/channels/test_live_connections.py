"""Tests of the client of the gateway's management API, on moto and on a small server for its failures."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from moto import mock_aws
from moto.apigatewaymanagementapi.models import apigatewaymanagementapi_backends
from moto.core import DEFAULT_ACCOUNT_ID

from chalicelib.channels.aws_clients import SendFailed, lazy_client
from chalicelib.channels.channels import connect
from chalicelib.channels.live_connections import ConnectionGone, LiveConnections
from chalicelib.settings import Messaging

ENDPOINT = "https://a1b2c3.execute-api.us-east-1.amazonaws.com/api"
# The path of the id, as API Gateway makes them.
ID, PATH = "L0SM9cOFvHcCIhw=", "/api/@connections/L0SM9cOFvHcCIhw%3D"


class FailingGateway(BaseHTTPRequestHandler):
    """The responses to an overloaded and a closed connection, by its id."""

    def do_POST(self) -> None:
        """Refuse a message."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.paths.append(self.path)
        gone = self.path == PATH
        self.send_response(410 if gone else 429)
        self.send_header("X-Amzn-ErrorType", "GoneException" if gone else "LimitExceededException")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_DELETE(self) -> None:
        """Refuse to close the connection."""
        self.do_POST()

    def log_message(self, *message: Any) -> None:
        """Do nothing, so that requests write no line."""


@pytest.fixture
def failing() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), FailingGateway)
    server.paths = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def client_of(endpoint: str) -> LiveConnections:
    return LiveConnections(endpoint, lazy_client("apigatewaymanagementapi", region="us-east-1", endpoint=endpoint))


def test_r43_a_message_reaches_its_connection_and_a_closed_one_is_gone() -> None:
    with mock_aws():
        live = connect(Messaging(live_endpoint=ENDPOINT), region="us-east-1", endpoint=None).live
        live.send("one", '{"type":"pong","name":"Zoë"}')
        live.send("another", "{}")
        connections = apigatewaymanagementapi_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].connections
        assert {name: one.data for name, one in connections.items()} == {
            "one": '{"type":"pong","name":"Zoë"}'.encode(),
            "another": b"{}",
        }
        live.close("one")
        assert list(connections) == ["another"]


# Long: the client retries with a pause.
@pytest.mark.long
def test_r43_a_closed_connection_differs_from_an_overloaded_one(failing: ThreadingHTTPServer) -> None:
    live = client_of(f"http://127.0.0.1:{failing.server_address[1]}/api")
    with pytest.raises(ConnectionGone):
        live.send(ID, "{}")
    live.close(ID)
    assert failing.paths == [PATH, PATH]
    with pytest.raises(SendFailed):
        live.send("another", "{}")
    with pytest.raises(SendFailed):
        live.close("another")


# Long: the client retries with a pause.
@pytest.mark.long
def test_r43_a_gateway_that_does_not_respond_is_a_failure_that_a_retry_may_end(failing: ThreadingHTTPServer) -> None:
    port = failing.server_address[1]
    failing.shutdown()
    failing.server_close()
    live = client_of(f"http://127.0.0.1:{port}/api")
    with pytest.raises(SendFailed):
        live.send(ID, "{}")
    with pytest.raises(SendFailed):
        live.close(ID)


def test_r43_without_an_address_nothing_is_sent() -> None:
    live = connect(Messaging(), region="", endpoint=None).live
    live.send(ID, "{}")
    live.close(ID)
