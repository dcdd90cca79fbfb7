"""A local run in another process, for the demo and the tests."""

import os
import signal
import subprocess
import sys
from types import TracebackType
from typing import Any, Self

import urllib3

from infra.local.engine import ROOT
from infra.local.welcome import LAST_LINE


class LocalRun:
    """A local run on its own port, which is stopped at the end."""

    def __init__(self, **environment: str) -> None:
        """Start the run and wait until it serves. Without PORT it takes any free port."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "infra.local"],
            cwd=ROOT,
            env=os.environ | {"PORT": "0"} | environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.welcome = self._read_welcome()
        self.url = self.welcome.splitlines()[0].split()[-1]
        self._http = urllib3.PoolManager(retries=False)

    def call(self, method: str, path: str, token: str | None = None, payload: Any = None) -> tuple[int, Any]:
        """Send a request, and return the status and the JSON of the body."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        response = self._http.request(method, self.url + path, headers=headers, json=payload, timeout=30)
        return response.status, response.json() if response.data else None

    def end(self, signal_number: int = signal.SIGTERM) -> int:
        """Send the signal and return the exit status."""
        self.process.send_signal(signal_number)
        return self.process.wait(timeout=60)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.end()
        self.process.stdout.close()
        self._http.clear()

    def _read_welcome(self) -> str:
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if line.strip() == LAST_LINE:
                return "".join(lines)
        self.process.stdout.close()
        raise RuntimeError(f"The local run ended with status {self.process.wait()} before it served.")
