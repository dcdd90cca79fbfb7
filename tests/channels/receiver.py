"""A real https server on this machine that stands for a receiver of events with a public address."""

import datetime
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chalicelib.channels.public_http import PublicHttp

HOST = "hooks.example"
URL = f"https://{HOST}/in"
# The IP address that the name server gives for the host.
PUBLIC_IP = "93.184.215.14"
FAILED = b"HTTP/1.1 500 Failed\r\nContent-Length: 0\r\n\r\n"
GONE = b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"
OK = b"HTTP/1.1 204 No Content\r\n\r\n"


class Received(NamedTuple):
    """A request as it arrived."""

    line: str
    headers: dict[str, str]
    body: bytes


Answer = Callable[[ssl.SSLSocket], None]


class Receiver:
    """A receiver that answers each request with `answer`, which is the bytes or a function that gets the connection.

    `received` are the requests, and `connected` are the IP addresses that clients chose.
    """

    def __init__(self, answer: bytes | Answer = OK, *, host: str = HOST) -> None:
        """Start the server with a certificate for `host`."""
        self.answer = answer
        self.received: list[Received] = []
        self.connected: list[str] = []
        self.closing = threading.Event()
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(certificate(host))
        self._listening = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._listening.close()

    def connect(self, address: str, _port: int, seconds: float) -> socket.socket:
        """Connect to the receiver in place of a public IP address."""
        self.connected.append(address)
        return socket.create_connection(self._listening.getsockname(), timeout=seconds)

    def client(self, *addresses: str) -> PublicHttp:
        """Return a client for which the host has these IP addresses, and that trusts the certificate."""
        found = list(addresses or [PUBLIC_IP])
        return PublicHttp(resolve=lambda *_: found, connect=self.connect, tls=trusting(HOST))

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._respond, args=(connection,), daemon=True).start()

    def _respond(self, plain: socket.socket) -> None:
        try:
            with self._tls.wrap_socket(plain, server_side=True) as connection:
                self.received.append(_request(connection))
                if callable(self.answer):
                    self.answer(connection)
                else:
                    connection.sendall(self.answer)
        except OSError:
            plain.close()


def _request(connection: ssl.SSLSocket) -> Received:
    with connection.makefile("rb") as stream:
        line = stream.readline().decode().rstrip()
        headers = {}
        while field := stream.readline().decode().rstrip():
            name, _, value = field.partition(": ")
            headers[name.lower()] = value
        return Received(line, headers, stream.read(int(headers["content-length"])))


@cache
def certificate(host: str) -> Path:
    """Return a file with a new key and its own certificate for a host."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    file = Path(tempfile.mkdtemp(), "certificate.pem")
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(private + made.public_bytes(pem))
    return file


@cache
def trusting(host: str) -> ssl.SSLContext:
    """Return a context that accepts the certificate of the receiver for `host`, and no other."""
    context = ssl.create_default_context(cafile=str(certificate(host)))
    assert context.check_hostname
    return context
