"""The embedded engine in a separate process, with a DynamoDB-compatible table, queues, an event bus and a bucket.

`python -m infra.local.engine` serves an engine in the foreground. Local runs with its address in LOCKSTEP_ENGINE, one
after the other, share its data.
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

# With its defaults the engine listens on every interface and on more ports, and logs each request.
ENVIRONMENT = {
    "BIND_HOST": HOST,
    "SERVICES": "dynamodb,dynamodbstreams,sqs,events,s3",
    "IOT_MTLS_ENABLED": "0",
    "SFTP_ENABLED": "0",
    "AUTH": "false",
    "PERSIST_STATE": "0",
    "LOG_LEVEL": "ERROR",
}


class CannotStartError(Exception):
    """A start that failed, with the reason for the user."""


class Engine:
    """An engine that this process starts and stops."""

    module = "infra.local.engine"

    def __init__(self, **environment: str) -> None:
        """Start the engine without waiting for it. `url` waits."""
        # With its own session the engine survives Ctrl-C in the terminal and the end of this process. So a local run
        # that was killed can be started again on its engine.
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
        """The process id, with which a user stops the engine of a killed local run."""
        return self._process.pid

    @property
    def url(self) -> str:
        """The address of the engine. Waits until the engine is ready. Raises CannotStartError."""
        if not self._url:
            self._url = self._announced()
        return self._url

    def stop(self) -> None:
        """End the process and its data."""
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
    """Serve an engine until the process ends. Port 0 takes any free port.

    Without `environment` it serves the table, the queues, the event bus and buckets only. With it, `prepare` runs
    first, then the engine's own start-up hooks.
    """
    # The port is bound first and stays open, so that no other process can take it.
    with socket.create_server((HOST, port)) as listener:
        port = listener.getsockname()[1]
        os.environ.update({**ENVIRONMENT, **(environment or {})}, GATEWAY_PORT=str(port))
        # Only this process serves, and the engine reads its environment when it is imported.
        from hypercorn.asyncio import serve as serve_asgi
        from hypercorn.config import Config
        from ministack.app import app

        async def http_only(scope, receive, send) -> None:
            # Without the start-up hooks, which look for Docker and start schedulers.
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
            _close_output()
        # No data is stored, so no orderly shutdown is needed. A signal ends the process.
        asyncio.run(serve_asgi(app if environment else http_only, config, shutdown_trigger=asyncio.Event().wait))


def _close_output() -> None:
    # A reader of the output of a killed local run must not wait for its engine.
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())
    os.dup2(nothing, sys.stderr.fileno())


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    parser = argparse.ArgumentParser(prog="python -m infra.local.engine", description="Serve an engine until Ctrl-C.")
    parser.add_argument("port", nargs="?", type=int, default=0, help="default: any free port")
    parser.add_argument(QUIET_ONCE_READY, action="store_true", help="print the address and nothing after it")
    arguments = parser.parse_args()
    serve(arguments.port, quiet_once_ready=arguments.quiet_once_ready)
