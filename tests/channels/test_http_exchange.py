"""One HTTP request on an open connection, with a limit of time and of the response (R43)."""

import socket
import threading

import pytest

from chalicelib.channels.http_exchange import LARGEST_RESPONSE, BoundedConnection, BoundedStream, Deadline, exchange


class Stopwatch:
    """A stopwatch that is moved by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_r43_a_deadline_is_one_for_all_steps() -> None:
    stopwatch = Stopwatch()
    deadline = Deadline(10, stopwatch)
    assert deadline.left() == 10
    stopwatch.now = 9.5
    assert deadline.left() == 0.5
    stopwatch.now = 10
    with pytest.raises(TimeoutError):
        deadline.left()


def test_r43_a_stream_ends_after_64_kib() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        sender = threading.Thread(target=theirs.sendall, args=(b"x" * (LARGEST_RESPONSE + 1000),))
        sender.start()
        with BoundedStream(ours, Deadline(10, Stopwatch())) as stream:
            assert len(stream.readall()) == LARGEST_RESPONSE
        ours.recv(1000, socket.MSG_WAITALL)
        sender.join()


def test_r43_a_receiver_that_reads_nothing_is_left_after_the_time() -> None:
    stopwatch = Stopwatch()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        deadline = Deadline(0.05, stopwatch)
        with pytest.raises(TimeoutError):
            BoundedConnection(ours, deadline).sendall(b"x" * (16 << 20))


def test_r43_a_request_has_the_headers_and_the_body() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted\r\nContent-Length: 3\r\n\r\nyes")
        headers = {"Content-Type": "application/json", "webhook-id": "evt"}
        status = exchange(ours, "a.example:8443", "/in?a=1", headers, b"{}", Deadline(10, Stopwatch()))
        assert status == 202
        head, _, body = theirs.recv(4096).partition(b"\r\n\r\n")
        line, *fields = head.decode().split("\r\n")
        assert line == "POST /in?a=1 HTTP/1.1"
        assert {"Host: a.example:8443", "Content-Length: 2", "webhook-id: evt", "Connection: close"} <= set(fields)
        assert body == b"{}"


def test_r43_a_header_with_a_line_break_is_refused() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(ValueError, match="header"):
        exchange(ours, "a.example", "/", {"webhook-id": "a\r\nX-Injected: 1"}, b"", Deadline(10, Stopwatch()))
