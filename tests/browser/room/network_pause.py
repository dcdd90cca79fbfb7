"""A pause of all network traffic of one browser, its calls included."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from selenium.webdriver import Chrome

SERVICE = "network.mojom.NetworkService"


@contextmanager
def paused_network(browser: Chrome) -> Iterator[None]:
    """Stop the process of the browser that sends and receives. The emulation of DevTools does not stop calls."""
    service = _network_service(browser.service.process.pid)
    os.kill(service, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(service, signal.SIGCONT)


def _network_service(driver: int) -> int:
    command = [shutil.which("ps") or "ps", "-ww", "-eo", "pid=,ppid=,args="]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()  # noqa: S603
    fields = [(int(pid), int(parent), text) for pid, parent, text in (line.split(None, 2) for line in lines)]
    parents = {pid: parent for pid, parent, _ in fields}
    (found,) = (pid for pid, _, text in fields if SERVICE in text and driver in _ancestors(pid, parents))
    return found


def _ancestors(pid: int, parents: dict[int, int]) -> Iterator[int]:
    while pid := parents.get(pid, 0):
        yield pid
