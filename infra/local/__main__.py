"""`python -m infra.local`: serve everything on this machine until Ctrl-C."""

import errno
import os
import signal
import socket
import sys
from contextlib import ExitStack
from urllib.parse import urlsplit

from infra.local.engine import CannotStartError, Engine
from infra.local.http.server import Server

STOPS = (signal.SIGINT, signal.SIGTERM)


def main() -> int:
    """Run until Ctrl-C or SIGTERM, and answer the exit status."""
    # Set even where a background job inherits SIGINT ignored: both always stop it alike.
    for stop in STOPS:
        signal.signal(stop, signal.default_int_handler)
    try:
        with ExitStack() as stopping:
            _wait_for_stop(_start(stopping))
    except KeyboardInterrupt:
        return 0
    except CannotStartError as reason:
        print(reason, file=sys.stderr)
        return 1
    return 0


def _start(stopping: ExitStack) -> str:
    # The port comes first, so that nothing is left behind where it is taken.
    server = stopping.enter_context(_server(os.environ.get("PORT") or "8000"))
    named_engine = _named_engine()
    engine = None if named_engine else stopping.enter_context(Engine())
    # The imports take as long as the engine does, so they happen meanwhile.
    from infra.local import runner
    from infra.local.welcome import engine_reused, engine_started, welcome

    url = engine.url if engine else named_engine
    demo = runner.start(server, url, stopping)
    return welcome(server.url, engine_started(url, engine.pid) if engine else engine_reused(url), demo)


def _wait_for_stop(told: str) -> None:
    # The kernel may hand a signal to any thread, and then nothing wakes this one but a byte in a socket.
    # Further signals are noted, too, so that none interrupts the end.
    woken, waker = socket.socketpair()
    with woken, waker:
        waker.setblocking(False)
        signal.set_wakeup_fd(waker.fileno())
        for stop in STOPS:
            signal.signal(stop, lambda *_: None)
        print(told, flush=True)
        woken.recv(1)
        signal.set_wakeup_fd(-1)


def _server(port: str) -> Server:
    if not (port.isascii() and port.isdigit() and int(port) <= 65535):
        raise CannotStartError(f"PORT must be a number from 0 (any free port) to 65535, not {port!r}.")
    try:
        return Server(int(port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            other = int(port) % 65535 + 1
            raise CannotStartError(f"Port {port} is taken. Run on another: PORT={other} make run") from None
        raise CannotStartError(
            f"Port {port} cannot be used: {error.strerror}. Run on another: PORT=8000 make run"
        ) from None


def _named_engine() -> str:
    url = os.environ.get("LOCKSTEP_ENGINE", "").rstrip("/")
    if not url:
        return ""
    try:
        address = urlsplit(url)
        socket.create_connection((address.hostname or "", address.port or 80), timeout=2).close()
    except (OSError, ValueError):
        raise CannotStartError(
            f"No engine answers at LOCKSTEP_ENGINE={url}. Unset it, or start one: python -m infra.local.engine"
        ) from None
    return url


if __name__ == "__main__":
    sys.exit(main())
