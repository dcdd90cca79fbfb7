"""The client for addresses that members name. It reaches no private network, and its time is bounded (R43)."""

import socket
import ssl
import threading
from collections.abc import Iterator

import pytest

from chalicelib.channels.public_http import FailureReason, PublicHttp, RequestFailed, resolve_host
from tests.channels.receiver import HOST, PUBLIC_IP, URL, Receiver, trusting


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        yield server


def failure(http: PublicHttp, url: str = URL) -> FailureReason:
    with pytest.raises(RequestFailed) as raised:
        http.post(url, {}, b"{}")
    return raised.value.reason


class SteppedStopwatch:
    """A stopwatch on which each look takes `step` seconds."""

    def __init__(self, step: float) -> None:
        self.now, self.step = 0.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def test_r43_a_receiver_gets_the_request_and_its_status_is_returned(receiver: Receiver) -> None:
    http = receiver.client()
    for status in (200, 204, 301, 302, 404, 410, 500):
        receiver.answer = b"HTTP/1.1 %d X\r\nLocation: https://169.254.169.254/\r\nContent-Length: 0\r\n\r\n" % status
        assert http.post(f"{URL}?a=1&b=%20", {"webhook-id": "evt"}, b'{"a":1}') == status
    first = receiver.received[0]
    assert (first.line, first.body) == ("POST /in?a=1&b=%20 HTTP/1.1", b'{"a":1}')
    assert (first.headers["host"], first.headers["webhook-id"]) == (HOST, "evt")
    assert first.headers["user-agent"].startswith("Lockstep/")
    # A redirect is not followed: each request made one connection, to the address of the host.
    assert receiver.connected == [PUBLIC_IP] * 7
    assert len(receiver.received) == 7


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.31.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.100.100.200",
        "192.0.0.192",
        "168.63.129.16",
        "0.0.0.0",  # noqa: S104 - refused
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "192.88.99.1",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "fec0::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::a00:1",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
        "2001:db8::1",
        "3fff::1",
        "5f00::1",
        "",
    ],
)
def test_r43_a_host_with_an_address_that_is_not_public_is_not_connected(receiver: Receiver, address: str) -> None:
    assert failure(receiver.client(address)) is FailureReason.ADDRESS_REFUSED
    # One bad address among good ones is enough: the system chooses which of them is tried first.
    assert failure(receiver.client(PUBLIC_IP, address)) is FailureReason.ADDRESS_REFUSED
    assert failure(receiver.client(address, PUBLIC_IP)) is FailureReason.ADDRESS_REFUSED
    assert receiver.connected == []


def test_r43_a_host_that_resolves_to_a_private_address_the_second_time_is_reached_at_the_first(
    receiver: Receiver,
) -> None:
    """The name server of an attacker gives a public address for the check and a private one for the connection."""
    answers = [[PUBLIC_IP], ["169.254.169.254"]]
    looked_up: list[str] = []

    def resolve(host: str, _port: int, _seconds: float) -> list[str]:
        looked_up.append(host)
        return answers.pop(0)

    http = PublicHttp(resolve=resolve, connect=receiver.connect, tls=trusting(HOST))
    assert http.post(URL, {}, b"{}") == 204
    assert (looked_up, receiver.connected) == ([HOST], [PUBLIC_IP])
    # The next request resolves again, and is refused.
    assert failure(http) is FailureReason.ADDRESS_REFUSED
    assert receiver.connected == [PUBLIC_IP]


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/in",
        "https://hooks.example:80/in",
        "https://hooks.example:22/in",
        "https://hooks.example:1023/in",
        "https://user:password@hooks.example/in",
        "https://localhost/in",
        "https://127.0.0.1/in",
        "https://2130706433/in",
        "https://0x7f.1/in",
        "https://[::1]/in",
        "https://[::ffff:8.8.8.8]/in",
        "https://169.254.169.254/latest/meta-data/",
        "https://metadata.google.internal/",
        "https://hooks.example/in\r\nX-Injected: 1",
        "https://hooks.ex\u00e4mple/in",
        "https://hooks.example#@127.0.0.1/",
        "https://hooks.example/in#part",
        "https://hooks.example:/in",
        "https://-hooks.example/in",
        "https://kubernetes.default.svc/in",
        "file:///etc/passwd",
        "https://",
        "",
    ],
)
def test_r43_an_address_that_is_not_public_https_is_refused_before_a_look_up(receiver: Receiver, url: str) -> None:
    looked_up: list[str] = []
    http = PublicHttp(resolve=lambda host, *_: looked_up.append(host) or [PUBLIC_IP], connect=receiver.connect)
    assert not http.accepts(url)
    assert failure(http, url) is FailureReason.ADDRESS_REFUSED
    assert (looked_up, receiver.connected) == ([], [])


@pytest.mark.parametrize("url", [URL, "https://hooks.example", "https://hooks.example:8443/a", "https://8.8.8.8/a"])
def test_r43_a_public_https_address_is_accepted(url: str) -> None:
    assert PublicHttp().accepts(url)


@pytest.mark.parametrize(
    ("url", "line", "host"),
    [
        ("https://hooks.example", "POST / HTTP/1.1", "hooks.example"),
        ("https://hooks.example?a=1", "POST /?a=1 HTTP/1.1", "hooks.example"),
        ("https://hooks.example.:8443/a/b", "POST /a/b HTTP/1.1", "hooks.example.:8443"),
    ],
)
def test_r43_the_request_names_the_path_and_the_host_of_the_address(
    receiver: Receiver, url: str, line: str, host: str
) -> None:
    assert receiver.client().post(url, {}, b"{}") == 204
    (received,) = receiver.received
    assert (received.line, received.headers["host"]) == (line, host)


def test_r43_an_unknown_host_has_no_address(receiver: Receiver) -> None:
    def unknown(*_: object) -> list[str]:
        raise socket.gaierror

    http = PublicHttp(resolve=unknown, connect=receiver.connect)
    assert failure(http) is FailureReason.ADDRESS_REFUSED


def test_r43_a_certificate_of_another_host_or_issuer_is_refused() -> None:
    with Receiver(host="other.example") as other:
        named = PublicHttp(resolve=lambda *_: [PUBLIC_IP], connect=other.connect, tls=trusting("other.example"))
        assert failure(named) is FailureReason.NOT_SECURE
        system = PublicHttp(resolve=lambda *_: [PUBLIC_IP], connect=other.connect)
        assert failure(system, "https://other.example/") is FailureReason.NOT_SECURE
        assert other.received == []


def test_r43_the_next_address_is_tried_if_one_does_not_connect(receiver: Receiver) -> None:
    def connect(address: str, port: int, seconds: float) -> socket.socket:
        if address != PUBLIC_IP:
            receiver.connected.append(address)
            raise ConnectionRefusedError
        return receiver.connect(address, port, seconds)

    tls = trusting(HOST)
    http = PublicHttp(resolve=lambda *_: ["8.8.8.8", PUBLIC_IP], connect=connect, tls=tls)
    assert http.post(URL, {}, b"{}") == 204
    assert receiver.connected == ["8.8.8.8", PUBLIC_IP]
    # Many IPv6 addresses do not take the place of the IPv4 address.
    receiver.connected.clear()
    both = PublicHttp(resolve=lambda *_: ["2606:4700::1", "2606:4700::2", PUBLIC_IP], connect=connect, tls=tls)
    assert both.post(URL, {}, b"{}") == 204
    assert receiver.connected == [PUBLIC_IP]
    unreachable = PublicHttp(resolve=lambda *_: ["2606:4700::1"], connect=connect, tls=tls)
    assert failure(unreachable) is FailureReason.NOT_CONNECTED
    many = PublicHttp(resolve=lambda *_: [f"2606:4700::{n}" for n in range(1, 50)], connect=connect, tls=tls)
    receiver.connected.clear()
    assert failure(many) is FailureReason.NOT_CONNECTED
    assert len(receiver.connected) == 3


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-x\r\n", b"HTTP/1.1 \r\n\r\n", b"\x00" * 100_000])
def test_r43_a_response_that_is_not_http_is_a_failure(receiver: Receiver, answer: bytes) -> None:
    receiver.answer = answer
    assert failure(receiver.client()) is FailureReason.INVALID_RESPONSE


def test_r43_a_receiver_that_hangs_is_a_failure_after_the_time(receiver: Receiver) -> None:
    receiver.answer = lambda _: receiver.closing.wait()
    # Each look at the stopwatch takes 2 seconds, so that the socket itself waits for less than the rest.
    http = PublicHttp(
        resolve=lambda *_: [PUBLIC_IP],
        connect=receiver.connect,
        tls=trusting(HOST),
        stopwatch=SteppedStopwatch(step=1.99),
    )
    assert failure(http) is FailureReason.TIMED_OUT
    receiver.closing.set()


def test_r43_a_receiver_that_sends_one_byte_at_a_time_is_a_failure_after_the_time(receiver: Receiver) -> None:
    """Each byte would begin the timeout of a socket again."""
    clock = SteppedStopwatch(step=0)

    def drip(connection: ssl.SSLSocket) -> None:
        while not receiver.closing.is_set():
            connection.sendall(b"H")
            clock.now += 1

    receiver.answer = drip
    http = PublicHttp(resolve=lambda *_: [PUBLIC_IP], connect=receiver.connect, tls=trusting(HOST), stopwatch=clock)
    assert failure(http) in (FailureReason.TIMED_OUT, FailureReason.INVALID_RESPONSE)
    assert clock.now < 200_000
    receiver.closing.set()


def test_r43_a_name_server_that_hangs_is_a_failure_after_the_time() -> None:
    def hang(_host: str, _port: int, seconds: float) -> list[str]:
        assert seconds <= 5
        raise TimeoutError

    assert failure(PublicHttp(resolve=hang)) is FailureReason.TIMED_OUT


def test_r43_the_end_of_the_body_is_not_needed_for_the_status(receiver: Receiver) -> None:
    endless = threading.Event()

    def flood(connection: ssl.SSLSocket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            while True:
                connection.sendall(b"1000\r\n" + b"x" * 4096 + b"\r\n")
        finally:
            endless.set()

    receiver.answer = flood
    assert receiver.client().post(URL, {}, b"{}") == 200
    # The client closed the connection while the receiver was still sending.
    assert endless.wait(60)


def test_r43_at_most_64_kib_of_a_response_are_read(receiver: Receiver) -> None:
    """The head alone has 3 MB."""
    sent = threading.Event()

    def long_head(connection: ssl.SSLSocket) -> None:
        try:
            connection.sendall(b"HTTP/1.1 200 OK\r\n" + b"X-Long: %s\r\n" % (b"x" * 60_000) * 50)
        finally:
            sent.set()

    receiver.answer = long_head
    assert receiver.client().post(URL, {}, b"{}") == 200
    assert sent.wait(60)


def test_r43_the_systems_resolver_gives_ip_addresses_and_nothing_for_an_unknown_name() -> None:
    assert "127.0.0.1" in resolve_host("localhost", 443, 5)
    assert resolve_host("no\udce4me", 443, 5) == []
