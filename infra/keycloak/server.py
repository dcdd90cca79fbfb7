"""A Keycloak server in a separate process. It is fetched once and keeps no data."""

import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import urllib3

from infra.local.engine import HOST, ROOT, CannotStartError

VERSION = "26.3.5"
ARTIFACT = f"org.keycloak:keycloak-quarkus-dist:{VERSION}:zip"
FOLDER = ROOT / ".keycloak"
HOME = FOLDER / f"keycloak-{VERSION}"
# Fetching 155 MB takes a minute on a slow line. The first start also builds the server.
FETCH_SECONDS, START_SECONDS = 600, 600
POLL_SECONDS = 0.2
ADMIN = "admin"


def is_fetched() -> bool:
    """Return True if this version is present and Java can run it."""
    return HOME.exists() and shutil.which("java") is not None


def fetch() -> None:
    """Fetch the server unless it is present. Raises CannotStartError without Java or Maven, or if the fetch fails."""
    for command in ("java", "mvn"):
        if shutil.which(command) is None:
            raise CannotStartError(f"{command} is not installed.")
    if HOME.exists():
        return
    copy = ["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={ARTIFACT}", f"-DoutputDirectory={FOLDER}"]
    try:
        subprocess.run(copy, check=True, timeout=FETCH_SECONDS, capture_output=True, text=True)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as failed:
        raise CannotStartError(f"Keycloak could not be fetched:\n{failed.stdout or failed}") from failed
    archive = FOLDER / f"keycloak-quarkus-dist-{VERSION}.zip"
    shutil.unpack_archive(archive, FOLDER / "unpacked")
    # The folder appears when it is complete.
    (FOLDER / "unpacked" / HOME.name).rename(HOME)
    archive.unlink()


class Keycloak:
    """A server that this process starts and stops."""

    def __init__(self, log: Path) -> None:
        """Start the server with its output in a file, and wait until it answers. Raises CannotStartError."""
        with socket.create_server((HOST, 0)) as listener:
            port = listener.getsockname()[1]
        self.url = f"http://{HOST}:{port}"
        self._http = urllib3.PoolManager(retries=False)
        options = ["--db=dev-mem", "--cache=local", f"--http-host={HOST}", f"--http-port={port}"]
        account = {"KC_BOOTSTRAP_ADMIN_USERNAME": ADMIN, "KC_BOOTSTRAP_ADMIN_PASSWORD": ADMIN}
        with log.open("w") as output:
            self._process = subprocess.Popen(
                ["bash", str(HOME / "bin/kc.sh"), "start-dev", *options],
                env=os.environ | account,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # The script starts Java as its child, and both end together.
                start_new_session=True,
            )
        self._wait_until_ready(log)

    def create_realm(self, realm: dict[str, Any]) -> None:
        """Create a realm with its clients and users."""
        grant = {"grant_type": "password", "client_id": "admin-cli", "username": ADMIN, "password": ADMIN}
        path = f"{self.url}/realms/master/protocol/openid-connect/token"
        token = self._http.request_encode_body("POST", path, grant, encode_multipart=False).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        response = self._http.request("POST", f"{self.url}/admin/realms", body=json.dumps(realm), headers=headers)
        if response.status != 201:
            raise CannotStartError(f"Keycloak refused the realm: {response.data.decode()}")

    def _wait_until_ready(self, log: Path) -> None:
        deadline, pause = time.monotonic() + START_SECONDS, threading.Event().wait
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise CannotStartError(f"Keycloak ended with status {self._process.returncode}:\n{log.read_text()}")
            try:
                if self._http.request("GET", f"{self.url}/realms/master").status == 200:
                    return
            except urllib3.exceptions.HTTPError:
                pass
            pause(POLL_SECONDS)
        self.stop()
        raise CannotStartError(f"Keycloak did not answer for {START_SECONDS} seconds.")

    def stop(self) -> None:
        """End the server and its data."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
        self._http.clear()
