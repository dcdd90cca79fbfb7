"""Tests of the local run's WebSocket API, with functions that record their events."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import urllib3
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import CloseCode
from websockets.sync.client import ClientConnection, connect

from infra.local.http import web_sockets
from infra.local.http.cross_origin import CrossOriginPolicy
from infra.local.http.responses import HttpResponse
from infra.local.http.server import HttpRequest, Server
from infra.local.http.web_sockets import LARGEST_FRAME, LARGEST_MESSAGE, WebSockets
from tests.infra.poll import until


@dataclass
class RunningGateway:
    """A running server, the events that its functions got, and the management API."""

    server: Server
    events: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200
    http: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(retries=False))

    def connect(self, **options: Any) -> ClientConnection:
        return connect(self.server.url.replace("http", "ws") + "/live", **options)

    def function(self, event: dict[str, Any]) -> dict[str, Any]:
        self.events.append(event)
        if event.get("body") == "fail":
            raise RuntimeError
        return {"statusCode": self.status}

    def routes(self) -> list[tuple[str, str | None]]:
        return [(event["requestContext"]["routeKey"], event.get("body")) for event in self.events]

    def manage(self, method: str, connection_id: str, body: str | None = None) -> urllib3.BaseHTTPResponse:
        return self.http.request(method, f"{self.server.url}/dev/@connections/{connection_id}", body=body, timeout=5)

    @property
    def connection_id(self) -> str:
        return self.events[-1]["requestContext"]["connectionId"]

    def disconnected(self) -> tuple[int, str]:
        """Wait for the end of the latest connection, and return the code of its event."""
        until(lambda: self.events and self.events[-1]["requestContext"]["routeKey"] == "$disconnect")
        return self.events[-1]["requestContext"]["disconnectStatusCode"]


@pytest.fixture
def gateway() -> Iterator[RunningGateway]:
    with Server(0) as server:
        gateway = RunningGateway(server)
        sockets = WebSockets(dict.fromkeys(("$connect", "$default", "$disconnect"), gateway.function))

        def respond(request: HttpRequest) -> HttpResponse:
            return sockets.respond(request) or HttpResponse(404)

        thread = threading.Thread(target=server.serve, args=(respond, CrossOriginPolicy(()), {"/live": sockets.serve}))
        thread.start()
        yield gateway
        gateway.http.clear()
        server.shutdown()
        thread.join()


def closed_with(page: ClientConnection) -> int:
    """Read until the connection is closed, and return the code."""
    try:
        while True:
            page.recv(timeout=60)
    except ConnectionClosed as closed:
        return closed.rcvd.code


def test_a_page_sends_messages_and_gets_those_of_the_management_api(gateway: RunningGateway) -> None:
    with gateway.connect(origin="https://app.example") as page:
        page.send("hello")
        until(lambda: len(gateway.events) == 2)
        assert gateway.manage("POST", gateway.connection_id, '{"name": "Zoë"}').status == 200
        assert page.recv(timeout=60) == '{"name": "Zoë"}'
        # Two frames of one message.
        page.send(["in ", "two"])
        until(lambda: len(gateway.events) == 3)
        assert gateway.manage("GET", gateway.connection_id).json().keys() == {"connectedAt"}
    assert gateway.disconnected() == CloseCode.NORMAL_CLOSURE
    assert gateway.routes() == [
        ("$connect", None),
        ("$default", "hello"),
        ("$default", "in two"),
        ("$disconnect", None),
    ]
    assert gateway.events[0]["headers"]["Origin"] == "https://app.example"
    assert len({event["requestContext"]["connectionId"] for event in gateway.events}) == 1
    assert len({event["requestContext"]["requestId"] for event in gateway.events}) == 4


def test_a_refused_page_gets_a_problem_and_no_connection(gateway: RunningGateway) -> None:
    gateway.status = 403
    with pytest.raises(InvalidStatus) as refused:
        gateway.connect()
    assert (refused.value.response.status_code, json.loads(refused.value.response.body)["code"]) == (403, "forbidden")
    assert gateway.routes() == [("$connect", None)]
    assert gateway.manage("POST", gateway.connection_id, "{}").status == 410


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("GET", {}, 426),
        ("GET", {"Upgrade": "websocket", "Connection": "Upgrade"}, 400),
        ("POST", {"Upgrade": "websocket", "Connection": "Upgrade"}, 400),
        ("GET", {"Upgrade": "h2c", "Connection": "Upgrade"}, 426),
    ],
)
def test_a_request_that_is_no_handshake_gets_a_problem(
    gateway: RunningGateway, method: str, headers: dict[str, str], status: int
) -> None:
    response = gateway.http.request(method, gateway.server.url + "/live", headers=headers, timeout=5)
    assert (response.status, response.json()["status"]) == (status, status)
    assert gateway.events == []


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (b"binary", CloseCode.UNSUPPORTED_DATA),
        ("a" * (LARGEST_FRAME + 1), CloseCode.MESSAGE_TOO_BIG),
        (["a" * LARGEST_FRAME] * (LARGEST_MESSAGE // LARGEST_FRAME) + ["a"], CloseCode.MESSAGE_TOO_BIG),
    ],
)
def test_a_binary_or_too_large_message_closes_the_connection(
    gateway: RunningGateway, message: Any, code: CloseCode
) -> None:
    with gateway.connect() as page:
        page.send(message)
        assert closed_with(page) == code
    assert gateway.disconnected() == code
    assert gateway.routes() == [("$connect", None), ("$disconnect", None)]


def test_the_largest_message_reaches_the_function(gateway: RunningGateway) -> None:
    parts = ["a" * LARGEST_FRAME] * (LARGEST_MESSAGE // LARGEST_FRAME)
    with gateway.connect() as page:
        page.send(parts)
        until(lambda: len(gateway.events) == 2)
    assert gateway.events[1]["body"] == "".join(parts)


def test_a_text_that_is_not_utf_8_closes_the_connection(gateway: RunningGateway) -> None:
    with gateway.connect() as page:
        page.send(b"\xff", text=True)
        assert closed_with(page) == CloseCode.INVALID_DATA
    assert gateway.disconnected() == CloseCode.INVALID_DATA


def test_a_failed_function_leaves_the_connection_open(gateway: RunningGateway) -> None:
    with gateway.connect() as page:
        page.send("fail")
        assert json.loads(page.recv(timeout=60))["message"] == "Internal server error"
        page.send("again")
        until(lambda: ("$default", "again") in gateway.routes())


def test_the_management_api_closes_a_connection_and_knows_it_no_longer(gateway: RunningGateway) -> None:
    with gateway.connect() as page:
        until(lambda: gateway.events)
        opened = gateway.connection_id
        assert gateway.manage("DELETE", opened).status == 204
        assert closed_with(page) == CloseCode.NORMAL_CLOSURE
    gateway.disconnected()
    for method in ("POST", "GET", "DELETE"):
        gone = gateway.manage(method, opened, "{}")
        assert (gone.status, gone.headers["X-Amzn-ErrorType"]) == (410, "GoneException")


def test_a_closed_tab_ends_its_connection(gateway: RunningGateway) -> None:
    with gateway.connect() as page:
        page.socket.shutdown(socket.SHUT_RDWR)
        assert gateway.disconnected() == CloseCode.ABNORMAL_CLOSURE


def test_an_idle_or_old_connection_is_closed(gateway: RunningGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_sockets, "IDLE_SECONDS", 0.1)
    with gateway.connect() as page:
        assert closed_with(page) == CloseCode.GOING_AWAY
    monkeypatch.setattr(web_sockets, "IDLE_SECONDS", 60)
    monkeypatch.setattr(web_sockets, "LONGEST_SECONDS", 0.1)
    with gateway.connect() as page:
        assert closed_with(page) == CloseCode.GOING_AWAY


def test_a_page_that_does_not_read_delays_no_other_and_loses_its_connection(
    gateway: RunningGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_sockets, "SEND_SECONDS", 0.1)
    with stalled(gateway) as slow, gateway.connect() as page:
        until(lambda: len(gateway.events) == 2)
        opened, other = (event["requestContext"]["connectionId"] for event in gateway.events)
        large = "a" * (900 << 10)
        until(lambda: gateway.manage("POST", opened, large).status == 410)
        assert gateway.manage("POST", other, "{}").status == 200
        assert page.recv(timeout=60) == "{}"
        assert slow.fileno() >= 0
        until(lambda: ("$disconnect", None) in gateway.routes())


@contextmanager
def stalled(gateway: RunningGateway) -> Iterator[socket.socket]:
    """Open a connection that never reads."""
    with socket.create_connection(gateway.server.server_address) as connection:
        connection.sendall(
            b"GET /live HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        until(lambda: gateway.events)
        yield connection
