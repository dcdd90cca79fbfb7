"""The embedded DynamoDB-compatible engine, in a process of its own.

`python -m infra.local.engine` serves one in the foreground: name it in LOCKSTEP_ENGINE, and any number of runs,
one after the other, find the same data.
"""

import argparse
import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).parents[2]
HOST = "127.0.0.1"
QUIET_ONCE_READY = "--quiet-once-ready"

# The engine's own defaults listen on every interface, on further ports, and log each request.
ENVIRONMENT = {
    "BIND_HOST": HOST,
    "SERVICES": "dynamodb,dynamodbstreams",
    "IOT_MTLS_ENABLED": "0",
    "SFTP_ENABLED": "0",
    "AUTH": "false",
    "PERSIST_STATE": "0",
    "LOG_LEVEL": "ERROR",
}


class CannotStartError(Exception):
    """Why there is nothing to serve, in words for whoever started it."""


class Engine:
    """An engine this process started, and therefore stops."""

    module = "infra.local.engine"

    def __init__(self, **environment: str) -> None:
        """Start it; `url` waits until it answers."""
        # A session of its own: neither Ctrl-C in the terminal nor the end of this process ends the engine,
        # so a runner that was killed can be started again on it.
        self._process = subprocess.Popen(
            [sys.executable, "-m", self.module, QUIET_ONCE_READY],
            cwd=ROOT,
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
        )
        self._url = ""

    @property
    def pid(self) -> int:
        """Answer the process id, for whoever has to stop an engine whose runner was killed."""
        return self._process.pid

    @property
    def url(self) -> str:
        """Answer its address, as soon as it can be called."""
        if not self._url:
            self._url = self._announced()
        return self._url

    def stop(self) -> None:
        """End the process; nothing is kept."""
        self._process.terminate()
        self._process.wait()
        self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _announced(self) -> str:
        output = []
        for line in self._process.stdout:
            if line.startswith("http://"):
                return line.strip()
            output.append(line)
        raise CannotStartError("The engine did not start:\n" + "".join(output))


def serve(
    port: int,
    *,
    quiet_once_ready: bool,
    environment: Mapping[str, str] | None = None,
    prepare: Callable[[], None] | None = None,
) -> None:
    """Serve an engine until the process is ended; port 0 takes any that is free.

    It keeps a table and nothing else, unless an `environment` asks for more: then its own start-up hooks run, once
    `prepare` did.
    """
    # Bound before anything else happens, and kept: no other process can take the port in between.
    with socket.create_server((HOST, port)) as listener:
        port = listener.getsockname()[1]
        os.environ.update({**ENVIRONMENT, **(environment or {})}, GATEWAY_PORT=str(port))
        from hypercorn.asyncio import serve as serve_asgi
        from hypercorn.config import Config
        from ministack.app import app

        async def http_only(scope, receive, send) -> None:
            # The engine's start-up hooks look for Docker and start schedulers; a table needs neither.
            if scope["type"] == "http":
                await app(scope, receive, send)

        if prepare:
            prepare()
        config = Config()
        config.bind = [f"fd://{listener.detach()}"]
        config.loglevel = "ERROR"
        config.keep_alive_timeout = 600
        print(f"http://{HOST}:{port}", flush=True)
        if quiet_once_ready:
            _let_go_of_the_terminal()
        # Nothing is kept, so there is nothing to shut down in order: the signal itself ends the process.
        asyncio.run(serve_asgi(app if environment else http_only, config, shutdown_trigger=asyncio.Event().wait))


def _let_go_of_the_terminal() -> None:
    # Whoever reads the output of a runner that was killed must not wait for its engine.
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())
    os.dup2(nothing, sys.stderr.fileno())


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    parser = argparse.ArgumentParser(prog="python -m infra.local.engine", description="Serve an engine until Ctrl-C.")
    parser.add_argument("port", nargs="?", type=int, default=0, help="any free one unless given")
    parser.add_argument(QUIET_ONCE_READY, action="store_true", help="print the address and nothing after it")
    arguments = parser.parse_args()
    serve(arguments.port, quiet_once_ready=arguments.quiet_once_ready)
