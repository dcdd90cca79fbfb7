"""One HTTP request on an open connection, in a bounded time and with a bounded response."""

import io
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from typing import Any

from chalicelib.version import VERSION

# The most bytes of a response that are read, its head included.
LARGEST_RESPONSE = 64 * 1024
USER_AGENT = f"Lockstep/{VERSION}"


class Deadline:
    """A limit of time for several steps together."""

    def __init__(self, seconds: float, stopwatch: Callable[[], float]) -> None:
        self._stopwatch = stopwatch
        self._end = stopwatch() + seconds

    def left(self) -> float:
        """Return the seconds that are left. Raises TimeoutError if none are."""
        seconds = self._end - self._stopwatch()
        if seconds <= 0:
            raise TimeoutError
        return seconds


class BoundedStream(io.RawIOBase):
    """The bytes of a connection until the deadline and at most 64 KiB.

    A timeout of the socket alone begins again with each byte, so that a slow receiver could keep it open.
    """

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        super().__init__()
        self._connection = connection
        self._deadline = deadline
        self._left = LARGEST_RESPONSE

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read into the buffer and return the number of bytes, 0 at the end."""
        if not self._left:
            return 0
        self._connection.settimeout(self._deadline.left())
        read = self._connection.recv_into(buffer, min(len(buffer), self._left))
        self._left -= read
        return read


class BoundedConnection:
    """A connection as `http.client` uses it."""

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self._connection = connection
        self._deadline = deadline

    def sendall(self, content: bytes) -> None:
        """Send all bytes before the deadline."""
        remaining = memoryview(content)
        while remaining:
            self._connection.settimeout(self._deadline.left())
            remaining = remaining[self._connection.send(remaining) :]

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return the stream of the response."""
        return io.BufferedReader(BoundedStream(self._connection, self._deadline))

    def close(self) -> None:
        """Leave the connection open. Its owner closes it."""


def exchange(
    connection: socket.socket, authority: str, path: str, headers: Mapping[str, str], body: bytes, deadline: Deadline
) -> int:
    """Send a POST request and return the status of the response.

    The body of the response is read, so that the receiver sees no broken connection, and dropped. Raises OSError,
    HTTPException or ValueError without a response.
    """
    client = HTTPConnection(authority)
    client.sock = BoundedConnection(connection, deadline)
    sent = {"Host": authority, "User-Agent": USER_AGENT, "Connection": "close", **headers}
    client.request("POST", path, body, sent)
    response = client.getresponse()
    # The receiver has answered. A body that never ends changes nothing.
    with suppress(OSError, HTTPException, ValueError):
        response.read()
    return response.status
