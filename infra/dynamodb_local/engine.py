"""The reference engine in a separate process. It is fetched once and keeps no data."""

import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from infra.local.engine import HOST, ROOT, CannotStartError

POM = Path(__file__).parent / "pom.xml"
LIBRARIES = ROOT / ".reference"
# Fetching takes a minute on a slow line. Starting takes two seconds, but minutes on a busy machine.
FETCH_SECONDS, START_SECONDS = 600, 180
POLL_SECONDS = 0.05


def fetch() -> None:
    """Fetch the engine unless it is present. Raises CannotStartError without Java or Maven, or if the fetch fails."""
    for command in ("java", "mvn"):
        if shutil.which(command) is None:
            raise CannotStartError(f"{command} is not installed.")
    if LIBRARIES.exists():
        return
    command = ["mvn", "-q", "-B", "-f", str(POM), "dependency:copy-dependencies", f"-DoutputDirectory={LIBRARIES}"]
    try:
        subprocess.run(command, check=True, timeout=FETCH_SECONDS, capture_output=True, text=True)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as failed:
        shutil.rmtree(LIBRARIES, ignore_errors=True)
        raise CannotStartError(f"DynamoDB Local could not be fetched:\n{failed.stdout or failed}") from failed


class ReferenceEngine:
    """A reference engine that this process starts and stops."""

    def __init__(self, port: int = 0) -> None:
        """Start the engine and wait until it accepts connections. Port 0 takes any free port."""
        fetch()
        with socket.create_server((HOST, port)) as listener:
            port = listener.getsockname()[1]
        self.url = f"http://{HOST}:{port}"
        options = ["-inMemory", "-sharedDb", "-disableTelemetry", "-port", str(port)]
        java = ["java", f"-Djava.library.path={LIBRARIES}", "-cp", f"{LIBRARIES}/*"]
        self._process = subprocess.Popen(
            [*java, "com.amazonaws.services.dynamodbv2.local.main.ServerRunner", *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._wait_until_ready(port)

    def wait(self) -> None:
        """Wait until another process or a signal ends the engine."""
        self._process.wait()

    def _wait_until_ready(self, port: int) -> None:
        # Its output does not help: it prints before it accepts connections.
        deadline, pause = time.monotonic() + START_SECONDS, threading.Event().wait
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise CannotStartError(f"DynamoDB Local ended with status {self._process.returncode}.")
            try:
                socket.create_connection((HOST, port), START_SECONDS).close()
            except ConnectionRefusedError:
                pause(POLL_SECONDS)
            else:
                return
        self._process.kill()
        raise CannotStartError(f"DynamoDB Local accepted no connections for {START_SECONDS} seconds.")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait()
