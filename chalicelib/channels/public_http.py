"""Requests to the addresses that members name, which never reach a private network (R43).

A host is resolved once, and all its IP addresses are judged. The connection goes to one of them, so that a second
answer of the name server changes nothing. No redirect is followed and no proxy is used. The certificate is that of the
host.
"""

import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cached_property
from http.client import HTTPException
from queue import Empty, SimpleQueue
from time import monotonic
from urllib.parse import urlsplit

from msgspec import Struct

from chalicelib.channels.http_exchange import Deadline, exchange
from chalicelib.domain.model.public_url import is_public_ip, is_public_url

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 10.0
HTTPS_PORT = 443
# Ports below belong to other services than receivers of events, such as mail servers.
FIRST_FREE_PORT = 1024
# The most IP addresses of one host to which a connection is tried.
MOST_ADDRESSES = 3

# Returns the IP addresses of a host within a number of seconds. Raises OSError.
Resolve = Callable[[str, int, float], list[str]]
# Connects to an IP address and port within a number of seconds. Raises OSError.
Connect = Callable[[str, int, float], socket.socket]


class FailureReason(StrEnum):
    """The reasons for which a request has no response."""

    ADDRESS_REFUSED = "address_refused"
    NOT_CONNECTED = "not_connected"
    NOT_SECURE = "not_secure"
    TIMED_OUT = "timed_out"
    INVALID_RESPONSE = "invalid_response"


class RequestFailed(Exception):
    """A request without a response. It may have reached the receiver.

    A name without an IP address and one with a private IP address have the same reason, so that it reveals no names of
    a private network.
    """

    def __init__(self, reason: FailureReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class Target(Struct, frozen=True):
    """A parsed address. `authority` is the host and the port, as the request names them."""

    host: str
    port: int
    authority: str
    path: str


def resolve_host(host: str, port: int, seconds: float) -> list[str]:
    """Return the IP addresses of a host. Raises TimeoutError, and OSError for an unknown one."""
    found: SimpleQueue[list[str]] = SimpleQueue()

    def look_up() -> None:
        try:
            infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            infos = []
        found.put([str(info[4][0]) for info in infos])

    # The system's resolver has no limit of time of its own.
    threading.Thread(target=look_up, daemon=True).start()
    try:
        return found.get(timeout=seconds)
    except Empty:
        raise TimeoutError from None


def open_connection(address: str, port: int, seconds: float) -> socket.socket:
    """Connect to an IP address."""
    return socket.create_connection((address, port), timeout=seconds)


class PublicHttp:
    """A client for https addresses of public hosts.

    `resolve` and `connect` reach the network, `tls` judges certificates, and `stopwatch` returns seconds.
    """

    def __init__(
        self,
        *,
        resolve: Resolve = resolve_host,
        connect: Connect = open_connection,
        tls: ssl.SSLContext | None = None,
        stopwatch: Callable[[], float] = monotonic,
    ) -> None:
        self._resolve = resolve
        self._connect = connect
        self._given_tls = tls
        self._stopwatch = stopwatch

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return self._given_tls or ssl.create_default_context()

    def accepts(self, url: str) -> bool:
        """Return whether `post` may take the address. Its host is not resolved here."""
        return _target(url) is not None

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """Send a POST request and return the status of the response, also of a redirect. Raises RequestFailed.

        It takes at most 10 seconds. At most 64 KiB of the response are read, and its body is dropped.
        """
        target = _target(url)
        if target is None:
            raise RequestFailed(FailureReason.ADDRESS_REFUSED)
        deadline = Deadline(TOTAL_SECONDS, self._stopwatch)
        try:
            with self._secure_connection(target, deadline) as connection:
                return exchange(connection, target.authority, target.path, headers, body, deadline)
        except TimeoutError as error:
            raise RequestFailed(FailureReason.TIMED_OUT) from error
        except (OSError, HTTPException, ValueError) as error:
            raise RequestFailed(FailureReason.INVALID_RESPONSE) from error

    def _secure_connection(self, target: Target, deadline: Deadline) -> socket.socket:
        plain = self._connection(target, self._public_addresses(target, deadline), deadline)
        try:
            plain.settimeout(deadline.left())
            return self._tls.wrap_socket(plain, server_hostname=target.host)
        except OSError as error:
            plain.close()
            if isinstance(error, TimeoutError):
                raise
            raise RequestFailed(FailureReason.NOT_SECURE) from error

    def _public_addresses(self, target: Target, deadline: Deadline) -> list[str]:
        """Return the IP addresses of the host. Raises RequestFailed if it has none or if one is not public."""
        try:
            found = self._resolve(target.host, target.port, min(CONNECT_SECONDS, deadline.left()))
        except TimeoutError:
            raise
        except OSError:
            found = []
        if not found or not all(map(is_public_ip, found)):
            raise RequestFailed(FailureReason.ADDRESS_REFUSED)
        # IPv4 first: a function outside a VPC has no IPv6.
        return sorted(dict.fromkeys(found), key=lambda address: ":" in address)

    def _connection(self, target: Target, addresses: list[str], deadline: Deadline) -> socket.socket:
        failure: OSError = OSError()
        for address in addresses[:MOST_ADDRESSES]:
            try:
                return self._connect(address, target.port, min(CONNECT_SECONDS, deadline.left()))
            except OSError as error:
                failure = error
        if isinstance(failure, TimeoutError):
            raise failure
        raise RequestFailed(FailureReason.NOT_CONNECTED) from failure


def _target(url: str) -> Target | None:
    """Return the parts of an address, or None for one that is not accepted.

    It is an https address of a public host in ASCII, with port 443 or one from 1024 on and without a fragment. No
    request has a fragment, and some programs take `#@` for the end of user info.
    """
    if not url.isascii() or "#" in url or not is_public_url(url):
        return None
    parts = urlsplit(url)
    port = parts.port or HTTPS_PORT
    if port != HTTPS_PORT and port < FIRST_FREE_PORT:
        return None
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    # A name server and a certificate know the name without the dot at its end.
    host = (parts.hostname or "").removesuffix(".")
    return Target(host, port, parts.netloc, path)
