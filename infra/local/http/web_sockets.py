"""The WebSocket API of the local run, by the rules of API Gateway.

A page connects to `/live` on the port of the API. The functions of app.py get the events that the gateway sends them,
and they send to a connection by the management API, `/dev/@connections/{id}`.
"""

import json
import logging
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from websockets.datastructures import Headers
from websockets.exceptions import InvalidState, InvalidUpgrade
from websockets.frames import Close, CloseCode, Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.server import ServerProtocol

from infra.local.events.sources import websocket_event
from infra.local.http.responses import HttpResponse, json_response, problem
from infra.local.http.server import HttpRequest

# As a stage in the address of the management API.
MANAGEMENT_STAGE = "/dev"
CONNECTIONS = f"{MANAGEMENT_STAGE}/@connections/"

# The quotas of API Gateway: the bytes of a frame and of a message, and the age of a connection and of its last message.
LARGEST_FRAME = 32 << 10
LARGEST_MESSAGE = 128 << 10
LONGEST_SECONDS = 7200.0
IDLE_SECONDS = 600.0
# A page that does not read loses its connection before the sender gives up.
SEND_SECONDS = 2.0
# The time in which a page must confirm that the connection is closed.
CLOSE_SECONDS = 2.0
POLL_SECONDS = 0.5
PIECE = 1 << 16

Event = dict[str, Any]
Function = Callable[[Event], Any]

log = logging.getLogger(__name__)


class ClosedConnectionError(Exception):
    """A connection that is closed."""


class WebSocketConnection:
    """One connection. Its own thread receives, and every thread may send."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection_id = secrets.token_urlsafe(12)
        self.opened_at = datetime.now(UTC)
        self._connection = connection
        self._connection.settimeout(POLL_SECONDS)
        # Another object of the same socket, because reading and writing have different timeouts.
        self._writer = connection.dup()
        self._writer.settimeout(SEND_SECONDS)
        # The server has read the handshake, so that only frames follow.
        self._protocol = ServerProtocol(state=State.OPEN, max_size=(LARGEST_MESSAGE, LARGEST_FRAME), logger=log)
        self._lock = threading.Lock()
        self._closing_since: float | None = None

    @property
    def closing(self) -> Close:
        """The code and the reason with which the connection was closed."""
        protocol = self._protocol
        return protocol.close_rcvd or protocol.close_sent or Close(CloseCode.ABNORMAL_CLOSURE, "")

    def accept(self, response: Response) -> None:
        """Send the response to the handshake."""
        self._writer.sendall(response.serialize())

    def send(self, text: str) -> None:
        """Send a text message. Raises ClosedConnectionError."""
        with self._lock:
            try:
                self._protocol.send_text(text.encode())
                self._write()
            except (InvalidState, OSError) as error:
                raise ClosedConnectionError from error

    def close(self, code: CloseCode) -> None:
        """Begin to close the connection, unless it is closed."""
        with self._lock:
            if self._protocol.state is State.OPEN:
                self._protocol.send_close(code)
                self._write_or_drop()

    def messages(self, pending: bytes) -> Iterator[str]:
        """Yield the text messages until the connection is closed. `pending` are bytes that were read already."""
        opened = active = time.monotonic()
        parts: list[bytes] = []
        data = pending or None
        while data != b"":
            if data:
                active = time.monotonic()
                for frame in self._received(data):
                    yield from self._message(frame, parts)
            now = time.monotonic()
            if now - active > IDLE_SECONDS or now - opened > LONGEST_SECONDS:
                self.close(CloseCode.GOING_AWAY)
            if self._protocol.state is not State.OPEN:
                self._closing_since = self._closing_since or now
                if now - self._closing_since > CLOSE_SECONDS:
                    return
            data = self._read()
        with self._lock:
            self._protocol.receive_eof()

    def end(self) -> None:
        """Release the connection."""
        self._writer.close()

    def _read(self) -> bytes | None:
        """Return received bytes, none at the end of the connection, and None if nothing came for a moment."""
        try:
            return self._connection.recv(PIECE)
        except TimeoutError:
            return None
        except OSError:
            return b""

    def _received(self, data: bytes) -> list[Frame]:
        with self._lock:
            self._protocol.receive_data(data)
            self._write_or_drop()
            return [event for event in self._protocol.events_received() if isinstance(event, Frame)]

    def _message(self, frame: Frame, parts: list[bytes]) -> Iterator[str]:
        if frame.opcode is Opcode.BINARY:
            self.close(CloseCode.UNSUPPORTED_DATA)
        elif frame.opcode in (Opcode.TEXT, Opcode.CONT):
            parts.append(bytes(frame.data))
            if frame.fin:
                raw = b"".join(parts)
                parts.clear()
                try:
                    yield raw.decode()
                except UnicodeDecodeError:
                    self.close(CloseCode.INVALID_DATA)

    def _write_or_drop(self) -> None:
        try:
            self._write()
        except OSError:
            log.debug("A page closed its connection.")

    def _write(self) -> None:
        for piece in self._protocol.data_to_send():
            try:
                if piece:
                    self._writer.sendall(piece)
                else:
                    self._writer.shutdown(socket.SHUT_WR)
            except TimeoutError:
                # A part of a frame may be sent, so that nothing can follow it.
                self._writer.shutdown(socket.SHUT_RDWR)
                raise


@dataclass(frozen=True)
class WebSockets:
    """The open connections of the local run. `functions` are those of app.py by the route of the gateway."""

    functions: Mapping[str, Function]
    _open: dict[str, WebSocketConnection] = field(default_factory=dict)

    def serve(self, connection: socket.socket, request: HttpRequest, pending: bytes) -> HttpResponse | None:
        """Serve a connection until its end.

        Return the refusal of a request that is no handshake, or of a page that may not connect.
        """
        handshake = ServerProtocol(logger=log)
        response = handshake.accept(Request(request.target, Headers(request.headers), request.method))
        if response.status_code != HTTPStatus.SWITCHING_PROTOCOLS:
            return _refusal(handshake.handshake_exc)
        opened = WebSocketConnection(connection)
        try:
            status = self._call("$connect", opened, headers=request.headers)["statusCode"]
            if status != HTTPStatus.OK:
                return problem("forbidden", "Pages of this origin may not connect.")
            self._open[opened.connection_id] = opened
            opened.accept(response)
            for message in opened.messages(pending):
                self._receive(opened, message)
        finally:
            if self._open.pop(opened.connection_id, None):
                closing = opened.closing
                ended = {"disconnectStatusCode": int(closing.code), "disconnectReason": closing.reason}
                self._call("$disconnect", opened, context=ended)
            opened.end()
        return None

    def respond(self, request: HttpRequest) -> HttpResponse | None:
        """Answer a request of the management API, None for any other."""
        if not request.path.startswith(CONNECTIONS):
            return None
        opened = self._open.get(unquote(request.path.removeprefix(CONNECTIONS)))
        if opened is None:
            return _gone()
        if request.method == "GET":
            return json_response({"connectedAt": opened.opened_at.isoformat(timespec="seconds")})
        if request.method == "DELETE":
            opened.close(CloseCode.NORMAL_CLOSURE)
            return HttpResponse(HTTPStatus.NO_CONTENT)
        try:
            opened.send(request.body.decode())
        except ClosedConnectionError:
            return _gone()
        return json_response({})

    def _receive(self, opened: WebSocketConnection, message: str) -> None:
        try:
            self._call("$default", opened, body=message)
        except Exception:
            log.exception("A message of a page failed.")
            # As the gateway does for a function that fails.
            error = {"message": "Internal server error", "connectionId": opened.connection_id}
            with suppress(ClosedConnectionError):
                opened.send(json.dumps(error))

    def _call(
        self, route: str, opened: WebSocketConnection, context: Mapping[str, Any] | None = None, **more: Any
    ) -> Any:
        return self.functions[route](
            websocket_event(route, opened.connection_id, opened.opened_at, context or {}, more)
        )


def _refusal(reason: Exception | None) -> HttpResponse:
    if isinstance(reason, InvalidUpgrade):
        refused = problem("upgrade_required", "Connect with a WebSocket client.")
        return HttpResponse(refused.status, refused.headers | {"Upgrade": "websocket"}, refused.body)
    return problem("malformed_request", "This is no handshake of a WebSocket.")


def _gone() -> HttpResponse:
    gone = json_response({"message": "The connection is closed."}, HTTPStatus.GONE)
    return HttpResponse(gone.status, gone.headers | {"X-Amzn-ErrorType": "GoneException"}, gone.body)
