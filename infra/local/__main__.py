"""`python -m infra.local` serves the API on this machine until Ctrl-C, with its engine, stream and schedules."""

import errno
import os
import signal
import socket
import sys
from contextlib import ExitStack
from urllib.parse import urlsplit

from infra.local.engine import CannotStartError, Engine
from infra.local.http.server import HOST, Server

# A container has addresses of its own, and its host decides who reaches them.
ADDRESS_VARIABLE = "LOCKSTEP_LOCAL_ADDRESS"
STOPS = (signal.SIGINT, signal.SIGTERM)


def main() -> int:
    """Serve until Ctrl-C or SIGTERM, and return the exit status."""
    # A background job may inherit an ignored SIGINT. With this handler both signals stop the run.
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
    # The port comes first, so that a taken port leaves no engine behind.
    server = stopping.enter_context(_server(os.environ.get("PORT") or "8000"))
    named_engine = _named_engine()
    engine = None if named_engine else stopping.enter_context(Engine())
    # The imports take as long as the start of the engine, so they run in parallel.
    from infra.local import runner
    from infra.local.welcome import engine_reused, engine_started, welcome
    from infra.web.build import BUILT
    from infra.web.site import INDEX

    url = engine.url if engine else named_engine
    demo = runner.start(server, url, stopping)
    line = engine_started(url, engine.pid) if engine else engine_reused(url)
    return welcome(server.url, line, demo, is_built=(BUILT / INDEX).exists())


def _wait_for_stop(message: str) -> None:
    # The kernel may deliver a signal to any thread. The byte in the socket wakes this thread.
    # Further signals only write a byte, so that they do not interrupt the shutdown.
    woken, waker = socket.socketpair()
    with woken, waker:
        waker.setblocking(False)
        signal.set_wakeup_fd(waker.fileno())
        for stop in STOPS:
            signal.signal(stop, lambda *_: None)
        print(message, flush=True)
        woken.recv(1)
        signal.set_wakeup_fd(-1)


def _server(port: str) -> Server:
    if not (port.isascii() and port.isdigit() and int(port) <= 65535):
        raise CannotStartError(f"PORT must be a number from 0 (any free port) to 65535, not {port!r}.")
    try:
        return Server(int(port), os.environ.get(ADDRESS_VARIABLE) or HOST)
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
            f"No engine responds at LOCKSTEP_ENGINE={url}. Unset it, or start one: python -m infra.local.engine"
        ) from None
    return url


if __name__ == "__main__":
    sys.exit(main())
