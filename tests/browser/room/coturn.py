"""A relay on this machine, Debian's coturn, which relays for credentials of a shared secret only."""

import shutil
import socket
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.infra.poll import until

HOST = "127.0.0.1"
SECRET = "a secret of the relay and the service"
PROGRAM = shutil.which("turnserver") or ""


class Coturn:
    """A relay on its own port, which can be switched off and on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        with socket.create_server((HOST, 0)) as free:
            self.port: int = free.getsockname()[1]

    @property
    def address(self) -> str:
        """The address of the relay in the settings of a service."""
        return f"turn:{HOST}:{self.port}?transport=udp"

    @property
    def log(self) -> str:
        """The lines that the relay has written."""
        return (self._folder / "log").read_text()

    def switch_on(self) -> None:
        """Start the relay, and wait until it listens."""
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(self._command(), stdout=log, stderr=subprocess.STDOUT)  # noqa: S603
        until(self._listens)

    def switch_off(self) -> None:
        """Kill the relay. Its connections end without a word."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _command(self) -> list[str]:
        return [
            PROGRAM,
            "-n",
            f"--listening-ip={HOST}",
            f"--relay-ip={HOST}",
            f"--listening-port={self.port}",
            "--use-auth-secret",
            f"--static-auth-secret={SECRET}",
            "--realm=lockstep.test",
            # Both browsers are on this machine.
            "--allow-loopback-peers",
            "--no-cli",
            "--no-tls",
            "--no-dtls",
            "--verbose",
            "--log-file=stdout",
            f"--pidfile={self._folder / 'pid'}",
            f"--userdb={self._folder / 'users'}",
        ]

    def _listens(self) -> bool:
        with socket.socket() as client:
            return client.connect_ex((HOST, self.port)) == 0

    def __enter__(self) -> Self:
        self.switch_on()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.switch_off()
