"""The HTTP server of the local run. No request can stop it."""

import logging
import socket
import socketserver
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.errors import (
    FirstHeaderLineIsContinuationDefect,
    MisplacedEnvelopeHeaderDefect,
    MissingHeaderBodySeparatorDefect,
)
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any

from infra.local.clock import real_time
from infra.local.http.chunked_body import BodyTooLargeError, MalformedBodyError, read_chunked
from infra.local.http.cross_origin import CrossOriginPolicy
from infra.local.http.responses import HttpResponse, problem

HOST = "127.0.0.1"
LARGEST_BODY = 1 << 20
# The bytes of a refused upload that are still read. Closing at once would reset the connection before the response.
LARGEST_DRAIN = 32 << 20
IDLE_SECONDS = 75
# The defects of a line among the headers. Other defects are about multipart bodies, which are not in the head.
NO_HEADER = (FirstHeaderLineIsContinuationDefect, MisplacedEnvelopeHeaderDefect, MissingHeaderBodySeparatorDefect)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class HttpRequest:
    """An HTTP request, read from a connection."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]


Respond = Callable[[HttpRequest], HttpResponse]
# Serves a connection by another protocol until its end, or returns a refusal. The bytes were read already.
Upgrade = Callable[[socket.socket, HttpRequest, bytes], HttpResponse | None]


class RefusedRequestError(Exception):
    """A request whose body is not read, so that its connection is closed."""

    def __init__(self, response: HttpResponse, unread: int = 0) -> None:
        super().__init__(response)
        self.response = response
        self.unread = unread


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """A server with a thread per connection. Without another `address` only this machine reaches it."""

    allow_reuse_address = True
    allow_reuse_port = False
    daemon_threads = True
    # The default of 5 refuses connections in a burst.
    request_queue_size = 1024

    def __init__(self, port: int, address: str = HOST) -> None:
        """Bind the port, or any free port for 0. Raises OSError."""
        super().__init__((address, port), _not_ready)

    @property
    def url(self) -> str:
        """The base address."""
        return f"http://{HOST}:{self.server_address[1]}"

    def serve(
        self,
        respond: Respond,
        policy: CrossOriginPolicy,
        upgrades: Mapping[str, Upgrade],
        clock: Callable[[], datetime] = real_time,
    ) -> None:
        """Serve requests until `shutdown` is called. The policy applies to refusals by the server itself.

        `upgrades` are the paths of other protocols, and `clock` dates the responses.
        """
        self.RequestHandlerClass = partial(ClientConnection, respond, policy, upgrades, clock)
        self.serve_forever(poll_interval=0.1)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report the failure of a connection, unless the client closed it."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class ClientConnection(BaseHTTPRequestHandler):
    """The connection of one client, kept alive between requests."""

    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    # Head and body are sent at once, in one packet.
    wbufsize = -1
    disable_nagle_algorithm = True

    def __init__(
        self,
        respond: Respond,
        policy: CrossOriginPolicy,
        upgrades: Mapping[str, Upgrade],
        clock: Callable[[], datetime],
        *connection: Any,
    ) -> None:
        self._respond = respond
        self._policy = policy
        self._upgrades = upgrades
        self._clock = clock
        super().__init__(*connection)

    def respond(self) -> None:
        """Read one request and write the response."""
        try:
            # As at the gateway: values without surrounding spaces, and the last value of a repeated header.
            headers = {name: value.strip(" \t") for name, value in self.headers.items()}
            request = HttpRequest(self.command, self.path, headers, self._body())
        except RefusedRequestError as refused:
            self._write(self._policy.readable(self.headers, refused.response), close=True)
            self._drain(refused.unread)
            return
        upgrade = self._upgrades.get(request.path)
        try:
            response = self._serve_upgraded(upgrade, request) if upgrade else self._respond(request)
        except Exception:
            # Without the path, since that of an invite link contains its token (R25).
            log.exception("A %s request failed", self.command)
            response = self._policy.readable(headers, problem("internal_error", "The server's log has the details."))
        if response:
            self._write(response, close=upgrade is not None)

    def _serve_upgraded(self, upgrade: Upgrade, request: HttpRequest) -> HttpResponse | None:
        self.close_connection = True
        # What the client has sent after the head is in the buffer of the reader.
        self.connection.setblocking(False)
        pending = self.rfile.peek()
        self.connection.settimeout(self.timeout)
        return upgrade(self.connection, request, pending)

    def __getattr__(self, name: str) -> Callable[[], None]:
        # The base class looks for do_GET and similar methods. The gateway decides which methods a path accepts.
        if name.startswith("do_"):
            return self.respond
        raise AttributeError(name)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """Write a problem for a request that is not HTTP."""
        # The base class calls this for an unreadable request, before it knows the HTTP version.
        self.request_version = self.protocol_version
        self._write(problem("malformed_request", message or f"This is not HTTP ({code})."), close=True)

    def handle_expect_100(self) -> bool:
        """Send the interim response at once. The client waits for it before it sends the body."""
        self.send_response_only(HTTPStatus.CONTINUE)
        self.end_headers()
        self.wfile.flush()
        return True

    def version_string(self) -> str:
        """Return the value of the Server header."""
        return "Lockstep"

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Return the value of the Date header, from which the web app learns the service's clock."""
        return super().date_time_string(self._clock().timestamp() if timestamp is None else timestamp)

    def log_message(self, *message: Any) -> None:
        """Do nothing, so that requests write no line."""

    def _body(self) -> bytes:
        if any(isinstance(defect, NO_HEADER) for defect in self.headers.defects):
            # A line that is no header. The next server could take it for one, or for the beginning of the body.
            raise RefusedRequestError(problem("malformed_request", "A header of the request cannot be read."))
        if "Transfer-Encoding" in self.headers:
            return self._chunked_body()
        lengths = set(self.headers.get_all("Content-Length", ["0"]))
        length = lengths.pop()
        if lengths or not (length.isascii() and length.isdigit()):
            raise RefusedRequestError(problem("malformed_request", "Content-Length must be one number."))
        if len(length) > 18 or int(length) > LARGEST_BODY:
            raise RefusedRequestError(_too_large(), min(int(length[:18]), LARGEST_DRAIN))
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise ConnectionAbortedError
        return body

    def _chunked_body(self) -> bytes:
        """Read a body in the chunked coding. Raises RefusedRequestError, also for a body with two lengths."""
        codings = self.headers.get_all("Transfer-Encoding", [])
        # RFC 9112, section 6.1: an earlier server may have read the body by its length.
        if "Content-Length" in self.headers or self.request_version == "HTTP/1.0":
            detail = "Send the body with a Content-Length or with Transfer-Encoding: chunked, not with both."
            raise RefusedRequestError(problem("malformed_request", detail))
        if [coding.strip(" \t").lower() for coding in codings] != ["chunked"]:
            raise RefusedRequestError(problem("malformed_request", "The only Transfer-Encoding is chunked."))
        try:
            return read_chunked(self.rfile, LARGEST_BODY)
        except MalformedBodyError:
            refusal = problem("malformed_request", "The chunks of the body cannot be read.")
            raise RefusedRequestError(refusal, LARGEST_DRAIN) from None
        except BodyTooLargeError:
            raise RefusedRequestError(_too_large(), LARGEST_DRAIN) from None

    def _write(self, response: HttpResponse, *, close: bool = False) -> None:
        self.send_response(response.status)
        for name, value in response.headers.items():
            for single in value if isinstance(value, list) else [value]:
                self.send_header(name, single)
        if response.status not in (204, 304):
            self.send_header("Content-Length", str(len(response.body)))
        if close:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)

    def _drain(self, unread: int) -> None:
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_WR)
        self.connection.settimeout(2)
        while unread > 0 and (piece := self.rfile.read1(1 << 16)):
            unread -= len(piece)


def _too_large() -> HttpResponse:
    return problem("too_large", f"A body has at most {LARGEST_BODY} bytes here.")


def _not_ready(*_connection: Any) -> None:
    raise RuntimeError("The server has bound the port, but does not serve yet.")
