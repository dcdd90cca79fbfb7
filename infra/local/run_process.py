"""A run of one's own, in another process: what the demo and the tests play against."""

import os
import signal
import subprocess
import sys
from types import TracebackType
from typing import Any, Self

import urllib3

from infra.local.engine import ROOT
from infra.local.welcome import LAST_LINE


class OwnRun:
    """A local runner on a port of its own, stopped at the end."""

    def __init__(self, **environment: str) -> None:
        """Start it and wait until it serves; without PORT it takes any port that is free."""
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
        """Make a request, and answer its status and what its body says."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = self._http.request(method, self.url + path, headers=headers, json=payload, timeout=30)
        return answer.status, answer.json() if answer.data else None

    def end(self, signal_number: int = signal.SIGTERM) -> int:
        """Send the signal, and answer the exit status."""
        self.process.send_signal(signal_number)
        return self.process.wait(timeout=10)

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
        raise RuntimeError(f"The runner ended with status {self.process.wait()} before it served.")
