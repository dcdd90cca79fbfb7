"""Bodies in the codings of HTTP/1.1 (RFC 9112), and bodies in a content coding (RFC 9110).

The first are read by the server of the local runner. A stack has the server of its gateway.
"""

import gzip
import json
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

import pytest

from tests.contract.client import JSON, Client, Runner
from tests.contract.shapes import check_problem
from tests.contract.slots import Slots


def send(member: Client, *headers: str, body: bytes) -> bytes:
    """Send a booking as raw bytes, end the sending side, and return everything that the server sends."""
    address = urlsplit(member.runner.base)
    head = [
        "POST /v1/sessions HTTP/1.1",
        f"Host: {address.netloc}",
        f"Authorization: Bearer {member.token}",
        f"Content-Type: {JSON}",
        *headers,
    ]
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=30) as connection:
        connection.sendall("\r\n".join([*head, "", ""]).encode() + body)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := connection.recv(1 << 16):
            answer += piece
    return answer


def chunked(*pieces: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    """Return the chunked coding of pieces."""
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + end


def in_pieces(body: bytes, size: int) -> Iterable[bytes]:
    """Split a body into pieces of a size."""
    return (body[start : start + size] for start in range(0, len(body), size))


CHUNKED = "Transfer-Encoding: chunked"


@pytest.fixture
def streamer(controlled: Runner) -> Client:
    """A new member of the local runner."""
    return controlled.sign_in("Ada")


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_a_chunked_booking_is_made(streamer: Client, size: int) -> None:
    """A client that streams its body gets 411.

    A server accepts the chunked coding (RFC 9112, 7.1).
    """
    body = json.dumps(streamer.runner.slots.far().body()).encode()
    answer = send(streamer, CHUNKED, body=chunked(*in_pieces(body, size)))
    assert answer.startswith(b"HTTP/1.1 201 "), answer
    assert len(streamer.sessions()) == 1


def test_chunks_may_have_extensions_and_trailers_that_are_ignored(streamer: Client) -> None:
    body = json.dumps(streamer.runner.slots.far().body()).encode()
    coded = b'%X;name="value"\r\n%s\r\n' % (len(body), body) + b"000\r\nIdempotency-Key: trailer\r\n\r\n"
    assert send(streamer, "transfer-encoding: Chunked", body=coded).startswith(b"HTTP/1.1 201 ")


def test_a_connection_carries_the_request_after_a_chunked_one(streamer: Client) -> None:
    body = json.dumps(streamer.runner.slots.far().body()).encode()
    answer = send(streamer, CHUNKED, body=chunked(body) + b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
    assert [answer.count(b"HTTP/1.1 201 "), answer.count(b"HTTP/1.1 200 ")] == [1, 1]


REFUSED_CODINGS: dict[str, tuple[tuple[str, ...], bytes]] = {
    "two lengths": ((CHUNKED, "Content-Length: 5"), chunked(b"{}")),
    "a length first": (("Content-Length: 5", CHUNKED), chunked(b"{}")),
    "another coding": (("Transfer-Encoding: gzip, chunked",), chunked(b"{}")),
    "an unknown coding": (("Transfer-Encoding: xchunked",), chunked(b"{}")),
    "two fields": ((CHUNKED, CHUNKED), chunked(b"{}")),
    "a space before the colon": (("Transfer-Encoding : chunked",), chunked(b"{}")),
    "a size that is no number": ((CHUNKED,), b"zz\r\n{}\r\n0\r\n\r\n"),
    "a size with a prefix": ((CHUNKED,), b"0x2\r\n{}\r\n0\r\n\r\n"),
    "a negative size": ((CHUNKED,), b"-2\r\n{}\r\n0\r\n\r\n"),
    "an empty size": ((CHUNKED,), b"\r\n{}\r\n0\r\n\r\n"),
    "a size too small": ((CHUNKED,), b"1\r\n{}\r\n0\r\n\r\n"),
    "a line that ends with LF": ((CHUNKED,), b"2\n{}\n0\n\n"),
    "a line without end": ((CHUNKED,), b"2;" + b"x" * 70_000),
    "endless trailers": ((CHUNKED,), b"0\r\n" + b"a: b\r\n" * 20_000),
}


@pytest.mark.sampled(every=4)
@pytest.mark.parametrize("name", REFUSED_CODINGS)
def test_a_coding_that_two_servers_could_read_differently_is_400_and_ends_the_connection(
    streamer: Client, name: str
) -> None:
    """Request smuggling past a proxy.

    Refuse it and close the connection (RFC 9112, 6.1 and 11.2).
    """
    headers, body = REFUSED_CODINGS[name]
    answer = send(streamer, *headers, body=body + b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 "), answer
    assert b"malformed_request" in answer
    assert b"\r\nConnection: close\r\n" in answer
    assert answer.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize("size", [1 << 10, 1 << 16, 1 << 20])
def test_a_chunked_body_that_is_too_large_is_413(streamer: Client, size: int) -> None:
    answer = send(streamer, CHUNKED, body=chunked(*[b" " * size] * ((3 << 20) // size)))
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"too_large" in answer


def test_a_huge_chunk_size_is_413_before_the_chunk_is_sent(streamer: Client) -> None:
    assert send(streamer, CHUNKED, body=b"f" * 15 + b"\r\n").startswith(b"HTTP/1.1 413 ")


@pytest.mark.sampled(every=5)
@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "GZIP", "deflate", "br", "identity, gzip", "unknown"])
@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/sessions"), ("PATCH", "/v1/me")])
def test_a_body_in_a_content_coding_is_415_in_words(ada: Client, method: str, path: str, coding: str) -> None:
    """A gzip body gets 400 `malformed_json`.

    415 names the cause (RFC 9110, 15.5.16).
    """
    body = gzip.compress(b"{}")
    response = ada.request(method, path, body=body, headers={"Content-Encoding": coding})
    check_problem(response, 415, "unsupported_media_type")
    assert "Content-Encoding" in response.json["detail"]
    assert response.headers["Accept-Encoding"] == "identity"


def test_a_body_of_another_type_is_415_without_a_word_about_codings(ada: Client) -> None:
    response = ada.request("PATCH", "/v1/me", body=b"{}", headers={"Content-Type": "text/plain"})
    check_problem(response, 415, "unsupported_media_type")
    assert "Accept-Encoding" not in response.headers


def test_a_compressed_body_of_a_local_route_is_415_too(controlled: Runner) -> None:
    response = controlled.request(
        "POST", "/dev/sign-in", body=gzip.compress(b"{}"), headers={"Content-Encoding": "gzip"}
    )
    assert (response.status, response.json["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("coding", ["identity", "Identity", ""])
def test_a_body_without_a_content_coding_may_say_so(ada: Client, slots: Slots, coding: str) -> None:
    body = json.dumps(slots.far().body()).encode()
    assert ada.request("POST", "/v1/sessions", body=body, headers={"Content-Encoding": coding}).status == 201


def test_a_client_that_waits_for_100_continue_need_not_wait_long(streamer: Client) -> None:
    """The interim response is sent before the body is read (RFC 9110, 10.1.1)."""
    address = urlsplit(streamer.runner.base)
    body = json.dumps(streamer.runner.slots.far().body()).encode()
    head = (
        f"POST /v1/sessions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {streamer.token}\r\n"
        f"Content-Type: {JSON}\r\nContent-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
    )
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=60) as connection:
        connection.sendall(head.encode())
        assert connection.recv(1 << 16) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        assert connection.recv(1 << 16).startswith(b"HTTP/1.1 201 ")
