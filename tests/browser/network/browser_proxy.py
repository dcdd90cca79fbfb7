"""An HTTP proxy of a browser, which answers chosen requests badly and can cut live connections."""

import contextlib
import json
import socket
import threading
import time
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit

LOOPBACK = "127.0.0.1"
PIECE = 1 << 16
TIMEOUT_SECONDS = 30
# Headers of one connection, which a proxy does not forward.
OF_A_CONNECTION = {"connection", "proxy-connection", "keep-alive", "transfer-encoding", "content-length"}


@dataclass(frozen=True)
class ProxyFault:
    """The fault of one request. It is a refusal with a status, or without one the loss of the response."""

    method: str
    path: str
    status: int | None = None
    code: str = ""
    retry_after: int | None = None


@dataclass(frozen=True)
class SeenRequest:
    """A request that the browser sent."""

    method: str
    path: str
    headers: dict[str, str]
    at: float


class BrowserProxy:
    """A running proxy. Each fault is used once, by the first request that it names."""

    def __init__(self) -> None:
        self.faults: list[ProxyFault] = []
        self.seen: list[SeenRequest] = []
        self.refuses_tunnels = False
        self.refuses_all = False
        self._tunnels: list[socket.socket] = []
        handler = type("_BoundHandler", (_ProxyHandler,), {"of": self})
        self._server = ThreadingHTTPServer((LOOPBACK, 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def arguments(self) -> tuple[str, ...]:
        """The arguments of a browser that uses the proxy also for addresses of this machine."""
        return f"--proxy-server=http://{LOOPBACK}:{self._server.server_port}", "--proxy-bypass-list=<-loopback>"

    def take_fault(self, method: str, path: str) -> ProxyFault | None:
        """Return the first fault of a request, and use it up."""
        for fault in self.faults:
            if fault.method == method and path.startswith(fault.path):
                self.faults.remove(fault)
                return fault
        return None

    def requests(self, method: str, path: str) -> list[SeenRequest]:
        """Return the requests with a method whose path begins with `path`."""
        return [each for each in self.seen if each.method == method and each.path.startswith(path)]

    def cut_tunnels(self) -> None:
        """End all live connections without a word."""
        for tunnel in self._tunnels:
            with contextlib.suppress(OSError):
                tunnel.shutdown(socket.SHUT_RDWR)
        self._tunnels.clear()

    def add_tunnel(self, connection: socket.socket) -> None:
        """Remember the connection of a tunnel, which a test may cut."""
        self._tunnels.append(connection)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.cut_tunnels()
        self._server.shutdown()
        self._server.server_close()


class _ProxyHandler(BaseHTTPRequestHandler):
    of: BrowserProxy

    def handle_request(self) -> None:
        """Forward a request, unless a fault says otherwise."""
        parts = urlsplit(self.path)
        if self.of.refuses_all or parts.hostname != LOOPBACK:
            self._respond(503, [], b"")
            return
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in OF_A_CONNECTION}
        lowered = {name.lower(): value for name, value in headers.items()}
        self.of.seen.append(SeenRequest(self.command, path, lowered, time.monotonic()))
        fault = self.of.take_fault(self.command, path)
        if fault and fault.status:
            self._refuse(fault, fault.status)
            return
        connection = HTTPConnection(LOOPBACK, parts.port or 80, timeout=TIMEOUT_SECONDS)
        with contextlib.closing(connection):
            connection.request(self.command, path, body or None, headers)
            response = connection.getresponse()
            content = response.read()
        if fault is None:
            self._respond(response.status, response.getheaders(), content)

    def __getattr__(self, name: str) -> Any:
        # The base class looks for do_GET and similar methods.
        if name.startswith("do_"):
            return self.handle_request
        raise AttributeError(name)

    def do_CONNECT(self) -> None:
        """Open a tunnel, in which a browser has its live connection."""
        host, port = self.path.rsplit(":", 1)
        # A browser also calls services of its maker, which have nothing to do with a test.
        if self.of.refuses_tunnels or self.of.refuses_all or host != LOOPBACK:
            self._respond(503, [], b"")
            return
        with socket.create_connection((host, int(port)), TIMEOUT_SECONDS) as upstream:
            upstream.settimeout(None)
            self.send_response_only(200)
            self.end_headers()
            self.of.add_tunnel(self.connection)
            back = threading.Thread(target=_copy, args=(upstream, self.connection), daemon=True)
            back.start()
            _copy(self.connection, upstream)
            back.join()

    def _refuse(self, fault: ProxyFault, status: int) -> None:
        problem = {"code": fault.code, "detail": fault.code, "status": status}
        headers = [("Content-Type", "application/problem+json")]
        if fault.retry_after is not None:
            headers.append(("Retry-After", str(fault.retry_after)))
        self._respond(status, headers, json.dumps(problem).encode())

    def _respond(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        with contextlib.suppress(OSError):
            self.send_response_only(status)
            for name, value in headers:
                if name.lower() not in OF_A_CONNECTION:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(PIECE):
            target.sendall(piece)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
