"""The hosts of AWS in the browser of a member, with the embedded engine behind them."""

import asyncio
import re
import ssl
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from infra.local.engine import HOST

END_OF_HEAD = b"\r\n\r\n"
PIECE = 1 << 16
DISTRIBUTION, GATEWAY = re.compile(r"[a-z0-9]+\.cloudfront\.net"), re.compile(r"([a-z0-9]+)\.execute-api\.")


class BrowserFront:
    """A server that browsers take for the distribution, the user pool's pages and the live connections of a stack.

    It ends the encryption, which the engine lacks, and sends each request to the engine. Browsers reach no other host.
    """

    def __init__(self, engine_url: str, folder: Path) -> None:
        self._engine = urlsplit(engine_url)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(_certificate(folder))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._port = 0

    @property
    def arguments(self) -> tuple[str, ...]:
        """The arguments of a browser that finds every host here and takes the certificate."""
        rules = f"MAP *.cloudfront.net {HOST}:{self._port}, MAP *.amazoncognito.com {HOST}:{self._port}"
        rules += f", MAP *.amazonaws.com {HOST}:{self._port}, MAP * ~NOTFOUND, EXCLUDE {HOST}"
        return f"--host-resolver-rules={rules}", "--ignore-certificate-errors"

    async def _serve(self, browser: asyncio.StreamReader, to_browser: asyncio.StreamWriter) -> None:
        to_engine, ways = None, list[asyncio.Task[None]]()
        try:
            head = await browser.readuntil(END_OF_HEAD)
            engine, to_engine = await asyncio.open_connection(self._engine.hostname, self._engine.port)
            to_engine.write(self._for_the_engine(head))
            ways += [
                asyncio.create_task(_pass_on(browser, to_engine)),
                asyncio.create_task(_pass_on(engine, to_browser)),
            ]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        except (asyncio.CancelledError, asyncio.IncompleteReadError, OSError):
            # The browser has closed the connection, or the server ends.
            pass
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            await _close(*filter(None, (to_browser, to_engine)))

    def _for_the_engine(self, head: bytes) -> bytes:
        """Return the head of a request with the host or path by which the engine finds its resource."""
        line, *headers = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
        method, path, version = line.split(" ")
        host = next(value for name, _, value in (each.partition(": ") for each in headers) if name.lower() == "host")
        is_live = any(each.lower().startswith("upgrade:") for each in headers)
        left_out = ("host:",) if is_live else ("host:", "connection:")
        kept = [each for each in headers if not each.lower().startswith(left_out)]
        if not is_live:
            # One request for each connection, so that every request gets here.
            kept.append("Connection: close")
        if api := GATEWAY.match(host):
            path = f"/_aws/execute-api/{api[1]}{path}"
        own = host if DISTRIBUTION.fullmatch(host) else self._engine.netloc
        lines = [f"{method} {path} {version}", f"Host: {own}", *kept, "X-Forwarded-Proto: https"]
        return "\r\n".join(lines).encode("latin-1") + END_OF_HEAD

    def __enter__(self) -> Self:
        self._thread.start()
        starting = asyncio.start_server(self._serve, HOST, 0, ssl=self._context)
        self._server = asyncio.run_coroutine_threadsafe(starting, self._loop).result()
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        """Close the server and all connections."""
        self._server.close()
        connections = asyncio.all_tasks() - {asyncio.current_task()}
        for connection in connections:
            connection.cancel()
        await asyncio.gather(*connections, return_exceptions=True)


async def _close(*ends: asyncio.StreamWriter) -> None:
    """Close connections at once. A browser may not respond to the end of the encryption."""
    for end in ends:
        end.transport.abort()
        with suppress(OSError):
            await end.wait_closed()


async def _pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while piece := await source.read(PIECE):
        target.write(piece)
        await target.drain()


def _certificate(folder: Path) -> Path:
    """Write a certificate and its key, and return their file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test of Lockstep")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path = folder / "front.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    return path
