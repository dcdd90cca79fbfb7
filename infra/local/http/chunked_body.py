"""The reading of a body in the chunked coding (RFC 9112, section 7.1).

A body that two servers could read differently is refused: a proxy in front could take its end for another request.
"""

import re
from typing import BinaryIO

# A chunk begins with its size in hexadecimal digits, and an extension may follow.
CHUNK_HEAD = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(;[^\r\n]*)?\r\n\Z")
LONGEST_LINE = 4096
MOST_TRAILERS = 100


class MalformedBodyError(Exception):
    """A body that is not in the chunked coding."""


class BodyTooLargeError(Exception):
    """A body with more bytes than the limit."""


def read_chunked(stream: BinaryIO, limit: int) -> bytes:
    """Read a body of at most `limit` bytes, and ignore chunk extensions and trailers.

    Raises MalformedBodyError, BodyTooLargeError, and ConnectionAbortedError if the client has closed the connection.
    """
    body = bytearray()
    while size := _size(stream):
        if len(body) + size > limit:
            raise BodyTooLargeError
        body += _bytes(stream, size)
        if _bytes(stream, 2) != b"\r\n":
            raise MalformedBodyError
    for _ in range(MOST_TRAILERS):
        if _line(stream) == b"\r\n":
            return bytes(body)
    raise MalformedBodyError


def _size(stream: BinaryIO) -> int:
    """Read the first line of a chunk and return the number of its bytes. The last chunk has none."""
    head = CHUNK_HEAD.match(_line(stream))
    if head is None:
        raise MalformedBodyError
    return int(head[1], 16)


def _line(stream: BinaryIO) -> bytes:
    line = stream.readline(LONGEST_LINE)
    if not line:
        raise ConnectionAbortedError
    if not line.endswith(b"\r\n"):
        raise MalformedBodyError
    return line


def _bytes(stream: BinaryIO, size: int) -> bytes:
    found = stream.read(size)
    if len(found) < size:
        raise ConnectionAbortedError
    return found
