"""The HTTP server: connections in, answers out, and nothing that can be sent to it brings it down."""

import logging
import socket
import socketserver
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler
from typing import Any

from infra.local.http.responses import HttpResponse, problem

HOST = "127.0.0.1"
LARGEST_BODY = 1 << 20
# What a refused upload may still send before the line is cut; answering at once would reset it unread.
LARGEST_DRAIN = 32 << 20
IDLE_SECONDS = 75

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
        """Answer the target without its query."""
        return self.target.partition("?")[0]


class RefusedRequestError(Exception):
    """A request whose body is not read, so that its connection cannot be used again."""

    def __init__(self, answer: HttpResponse, unread: int = 0) -> None:
        super().__init__(answer)
        self.answer = answer
        self.unread = unread


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """A thread for each connection, on this machine only."""

    allow_reuse_address = True
    allow_reuse_port = False
    daemon_threads = True
    # The default of 5 refuses connections in any burst.
    request_queue_size = 1024

    def __init__(self, port: int) -> None:
        """Take the port, or raise OSError; port 0 takes any that is free."""
        super().__init__((HOST, port), _not_ready)

    @property
    def url(self) -> str:
        """Answer the base address."""
        return f"http://{HOST}:{self.server_address[1]}"

    def serve(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        """Answer requests until `shutdown` is called."""
        self.RequestHandlerClass = partial(ClientConnection, answer)
        self.serve_forever(poll_interval=0.1)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report what went wrong with a connection, unless its client just left."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class ClientConnection(BaseHTTPRequestHandler):
    """One client's connection, kept alive from request to request."""

    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    # Head and body leave in one packet, at once.
    wbufsize = -1
    disable_nagle_algorithm = True

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse], *connection: Any) -> None:
        self._answer = answer
        super().__init__(*connection)

    def respond(self) -> None:
        """Read one request, answer it."""
        try:
            # Spaces around a value are no part of it; of a header that comes twice the last counts, as at the gateway.
            headers = {name: value.strip(" \t") for name, value in self.headers.items()}
            request = HttpRequest(self.command, self.path, headers, self._body())
        except RefusedRequestError as refused:
            self._write(refused.answer, close=True)
            self._drain(refused.unread)
            return
        try:
            answer = self._answer(request)
        except Exception:
            # Not the path: that of an invite link holds its token (R25).
            log.exception("A %s request failed", self.command)
            answer = problem("internal_error", "The server's log says what happened.")
        self._write(answer)

    def __getattr__(self, name: str) -> Callable[[], None]:
        # The base class looks for do_GET and so on; which methods a path takes is the gateway's to say.
        if name.startswith("do_"):
            return self.respond
        raise AttributeError(name)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """Refuse what is not HTTP in the words of the API."""
        # The base class calls this for a request it could not read, before it knows a version to answer in.
        self.request_version = self.protocol_version
        self._write(problem("malformed_request", message or f"This is not HTTP ({code})."), close=True)

    def version_string(self) -> str:
        """Answer what the Server header says."""
        return "Lockstep"

    def log_message(self, *message: Any) -> None:
        """Keep quiet: a line for every request helps nobody."""

    def _body(self) -> bytes:
        if "Transfer-Encoding" in self.headers:
            raise RefusedRequestError(problem("length_required", "Send the body with a Content-Length."), LARGEST_DRAIN)
        lengths = set(self.headers.get_all("Content-Length", ["0"]))
        length = lengths.pop()
        if lengths or not (length.isascii() and length.isdigit()):
            raise RefusedRequestError(problem("malformed_request", "Content-Length must be one number."))
        if len(length) > 18 or int(length) > LARGEST_BODY:
            unread = min(int(length[:18]), LARGEST_DRAIN)
            raise RefusedRequestError(problem("too_large", f"A body has at most {LARGEST_BODY} bytes here."), unread)
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise ConnectionAbortedError
        return body

    def _write(self, answer: HttpResponse, *, close: bool = False) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            for single in value if isinstance(value, list) else [value]:
                self.send_header(name, single)
        if answer.status not in (204, 304):
            self.send_header("Content-Length", str(len(answer.body)))
        if close:
            self.send_header("ClientConnection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def _drain(self, unread: int) -> None:
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_WR)
        self.connection.settimeout(2)
        while unread > 0 and (piece := self.rfile.read1(1 << 16)):
            unread -= len(piece)


def _not_ready(*_connection: Any) -> None:
    raise RuntimeError("The server has the port, but does not serve yet.")
