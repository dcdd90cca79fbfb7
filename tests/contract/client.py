"""A local runner in its own process, and a member who calls it over HTTP."""

import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import urlencode

import urllib3
from urllib3.util import SKIP_HEADER

from tests.contract.described_responses import checked_in
from tests.contract.slots import Slots, SlotStart, text_of

T = TypeVar("T")

ROOT = Path(__file__).parents[2]
ORIGIN = "https://app.example"
POLL_SECONDS = 0.02
# A start takes 2 seconds, and minutes on a loaded machine.
START_SECONDS = 180
JSON = "application/json"
SECRET_HEADERS = ("authorization", "x-api-key", "idempotency-key")
SHORTEST_SECRET = 20
# This event is never set. A wait on it ends after its timeout.
_NEVER_SET = threading.Event()


def eventually(probe: Callable[[], T], seconds: float = 60, *, poll: float = POLL_SECONDS) -> T:
    """Call `probe` every `poll` seconds until its result is true or the time is up, and return the last result."""
    deadline = datetime.now(UTC) + timedelta(seconds=seconds)
    while not (result := probe()) and datetime.now(UTC) < deadline:
        _NEVER_SET.wait(poll)
    return result


def at_once(calls: Sequence[Callable[[], T]]) -> list[T]:
    """Make all calls at the same instant, each in its own thread, and return the results in order."""
    barrier = threading.Barrier(len(calls))

    def wait_and_call(call: Callable[[], T]) -> T:
        barrier.wait(60)
        return call()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(wait_and_call, calls))


@dataclass(frozen=True)
class ApiResponse:
    """The status, headers and body of an HTTP response."""

    status: int
    headers: Mapping[str, str]
    data: bytes

    @property
    def json(self) -> Any:
        """The body, parsed as JSON."""
        return json.loads(self.data)

    @property
    def without_instance(self) -> bytes:
        """The bytes of the body with `instance` set to null. Two equal refusals differ only in this member."""
        instance = self.json.get("instance")
        return self.data.replace(json.dumps(instance).encode(), b"null", 1) if instance else self.data


class Service:
    """The API at a base address, served by a local runner or by a deployed stack.

    The URL of an invite link begins with `invites`. `secrets` are the tokens, keys and canaries of all requests.
    No log line may contain one of them. `is_described` is whether the API description is that of the service.
    """

    is_described = True

    def __init__(self, base: str, invites: str) -> None:
        self.base = base
        self.invites = invites
        self.secrets: set[str] = set()
        self.slots = Slots()
        self._http = urllib3.PoolManager(maxsize=256, retries=False, timeout=180)

    def request(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> ApiResponse:
        """Send one request unchanged, and assert that the response conforms to the API description."""
        url = f"{self.base}{path}" + (f"?{urlencode(query)}" if query else "")
        self.secrets.update(_secrets(path, headers or {}))
        response = self._http.request(method, url, body=body, headers=headers)
        if self.is_described and not path.startswith(("/dev/", "/.well-known/")):
            complaint = checked_in().complaint(method, path, response.status, response.headers, response.data)
            assert complaint is None, (method, path, complaint)
        return ApiResponse(response.status, response.headers, response.data)

    def raw(self, method: str, path: str, headers: Mapping[str, str | None]) -> ApiResponse:
        """Send one request, and return the bytes of the body as they were sent. A header of None is left out."""
        sent = {name: SKIP_HEADER if value is None else value for name, value in headers.items()}
        self.secrets.update(_secrets(path, {name: value for name, value in headers.items() if value}))
        response = self._http.request(method, f"{self.base}{path}", headers=sent, decode_content=False)
        return ApiResponse(response.status, response.headers, response.data)

    def output(self) -> str:
        """Return all output and log lines of the service up to now."""
        raise NotImplementedError

    def canary(self, kind: str) -> str:
        """Return a new unique text for a field that a member fills, and keep it as a secret."""
        canary = f"{kind}-{secrets.token_hex(8)}"
        self.secrets.add(canary)
        return canary

    def secrets_in(self, text: str) -> list[str]:
        """Return the secrets that a text contains."""
        return [secret for secret in self.secrets if secret in text]

    def leaked_secrets(self) -> list[str]:
        """Return the secrets that the output contains."""
        output = self.output()
        # The output is not empty, so the search means something.
        assert '"event":"request"' in output
        return self.secrets_in(output)

    def sign_in(self, name: str) -> "Client":
        """Create and return a member with this name."""
        raise NotImplementedError

    def sign_in_all(self, *names: str) -> "list[Client]":
        """Create and return one member for each name."""
        return [self.sign_in(name) for name in names]

    def tick(self) -> None:
        """Run the scheduled jobs."""
        raise NotImplementedError


def _secrets(path: str, headers: Mapping[str, str]) -> Iterator[str]:
    """Return the credentials, keys and tokens of links of a request that are long enough to be unique."""
    carried = [value for name, value in headers.items() if name.lower() in SECRET_HEADERS]
    carried += re.findall(r"^/(?:i|c|n/verify|n/unsubscribe)/([\w-]+)", path)
    return (value.removeprefix("Bearer ") for value in carried if len(value) >= SHORTEST_SECRET)


class Runner(Service):
    """`python -m infra.local` in its own process, of the project in the folder `root`."""

    root = ROOT

    def __init__(
        self, engine: str = "", *, wait_for_demo_members: bool = True, log: str = "warning", **settings: str
    ) -> None:
        """Start the runner, on a running engine if `engine` is its URL, and wait until it is healthy.

        With `wait_for_demo_members` the demo members exist too. The lowest logged level is `log`. `settings` are
        variables of its environment.
        """
        self.port = _free_port()
        base = f"http://127.0.0.1:{self.port}"
        super().__init__(base, f"{base}/i")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("LOCKSTEP_")}
        environment |= {"PORT": str(self.port), "LOCKSTEP_ORIGINS": ORIGIN, "LOCKSTEP_LOG": log, **settings}
        if engine:
            environment["LOCKSTEP_ENGINE"] = engine
        self._output = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed by `stop` and `kill`
        self._process = subprocess.Popen(
            [sys.executable, "-m", "infra.local"],
            cwd=self.root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )
        if not eventually(
            lambda: self._is_healthy() and (self._is_complete() or not wait_for_demo_members), START_SECONDS
        ):
            output = self.output()
            self.stop()
            raise RuntimeError(f"The runner did not start:\n{output}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # A killed runner would leave its own engine running.
        self.stop()

    def _is_healthy(self) -> bool:
        try:
            return self.request("GET", "/health").status == 200
        except urllib3.exceptions.HTTPError:
            return False

    def _is_complete(self) -> bool:
        return f"Open {self.base}\n" in self.output()

    def output(self) -> str:
        """Return all output and log lines of the service up to now."""
        self._output.seek(0)
        return self._output.read()

    def complaints(self) -> list[str]:
        """Return the output lines that report a failure."""
        return [line for line in self.output().splitlines() if line.startswith(("ERROR", "CRITICAL", "Exception"))]

    def stop(self) -> int:
        """Send SIGTERM and return the exit status."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        return self._closed()

    def kill(self) -> int:
        """Send SIGKILL and return the exit status."""
        if self._process.poll() is None:
            self._process.kill()
        return self._closed()

    def _closed(self) -> int:
        status = self._process.wait(60)
        self._http.clear()
        self._output.close()
        return status

    def dev(self, method: str, path: str, payload: Any = None) -> Any:
        """Call a route that only the local runner has, and return the JSON of the response."""
        body = None if payload is None else json.dumps(payload).encode()
        response = self.request(method, path, body=body)
        assert response.status == 200, response
        return response.json

    def sign_in(self, name: str) -> "Client":
        """Create and return a member with this name."""
        signed_in = self.dev("POST", "/dev/sign-in", {"name": name})
        return Client(self, name, signed_in["userId"], signed_in["token"])

    def travel(self, now: datetime | None) -> None:
        """Set the service's clock, or reset it to real time with None."""
        self.dev("PUT", "/dev/clock", {"now": now and text_of(now)})

    def tick(self) -> None:
        """Run the scheduled jobs."""
        self.dev("POST", "/dev/tick")

    def stream(self, *, enabled: bool, deliveries: int = 1) -> None:
        """Pause the stream, or deliver each batch `deliveries` times."""
        self.dev("PUT", "/dev/stream", {"enabled": enabled, "deliveries": deliveries})


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@dataclass(frozen=True)
class Client:
    """A signed-in member."""

    runner: Service
    name: str
    user_id: str
    token: str = field(repr=False)

    def on(self, runner: Service) -> "Client":
        """Return the same member with the same token on another runner."""
        return Client(runner, self.name, self.user_id, self.token)

    def request(self, method: str, path: str, payload: Any = None, **more: Any) -> ApiResponse:
        """Send one request with the bearer token and `payload` as JSON."""
        headers = {"Authorization": f"Bearer {self.token}"} | more.pop("headers", {})
        if payload is not None:
            more["body"] = json.dumps(payload).encode()
        if more.get("body") is not None:
            headers = {"Content-Type": JSON} | headers
        return self.runner.request(method, path, headers=headers, **more)

    def get(self, path: str, **query: Any) -> ApiResponse:
        """Send a GET request with query parameters."""
        return self.request("GET", path, query={name: str(value) for name, value in query.items()})

    def post(self, path: str, payload: Any, **headers: str) -> ApiResponse:
        """Send a POST request with further headers (`Idempotency_Key="..."`)."""
        return self.request("POST", path, payload, headers={k.replace("_", "-"): v for k, v in headers.items()})

    def patch(self, path: str, payload: Any) -> ApiResponse:
        """Send a PATCH request."""
        return self.request("PATCH", path, payload)

    def put(self, path: str, payload: Any = None) -> ApiResponse:
        """Send a PUT request."""
        return self.request("PUT", path, payload)

    def delete(self, path: str) -> ApiResponse:
        """Send a DELETE request."""
        return self.request("DELETE", path)

    def book(self, slot: SlotStart, minutes: int = 50, **fields: Any) -> dict[str, Any]:
        """Book a slot and return the new session."""
        response = self.post("/v1/sessions", slot.body(minutes, **fields))
        assert response.status == 201, response
        return response.json["session"]

    def try_to_lock(self, target: "Client", slot: SlotStart, minutes: int = 50, **fields: Any) -> ApiResponse:
        """Send a request to lock in another member."""
        return self.post("/v1/sessions", slot.body(minutes, partnerId=target.user_id, **fields))

    def lock(self, target: "Client", slot: SlotStart, minutes: int = 50) -> dict[str, Any]:
        """Make another member a favorite, lock them in and return the session."""
        self.set_relation("favorite", target)
        response = self.try_to_lock(target, slot, minutes)
        assert response.status in (200, 201), response
        return response.json["session"]

    def set_relation(self, relation: str, other: "Client", payload: Any = None) -> None:
        """Set a favorite, snooze or block about another member."""
        response = self.put(f"/v1/people/{other.user_id}/{relation}", payload)
        assert response.status == 204, response

    def change_settings(self, **settings: Any) -> None:
        """Change the member's settings."""
        response = self.patch("/v1/me", settings)
        assert response.status == 200, response

    def session(self, session_id: str) -> dict[str, Any]:
        """Return one session."""
        response = self.get(f"/v1/sessions/{session_id}")
        assert response.status == 200, response
        return response.json["session"]

    def join(self, session_id: str) -> dict[str, Any]:
        """Join a session and return it."""
        response = self.request("POST", f"/v1/sessions/{session_id}/join")
        assert response.status == 200, response
        return response.json["session"]

    def cancel(self, session_id: str) -> None:
        """Cancel a session."""
        response = self.delete(f"/v1/sessions/{session_id}")
        assert response.status == 204, response

    def sessions(self) -> list[dict[str, Any]]:
        """Return all sessions of the possible range, newest first."""
        today = datetime.now(UTC)
        start, end = today - timedelta(days=30), today + timedelta(days=120)
        response = self.get("/v1/sessions", start=text_of(start), end=text_of(end))
        assert response.status == 200, response
        return response.json["sessions"]

    def in_slot(self, slot: SlotStart) -> dict[str, Any]:
        """Return the only session in a slot."""
        (found,) = [session for session in self.sessions() if session["startTime"] == slot.text]
        return found

    def readable_state(self) -> list[Any]:
        """Return all data that a refused request of this member could have changed."""
        return [self.sessions(), self.get("/v1/me").json, self.get("/v1/people").json]


def partner_of(session: Mapping[str, Any]) -> str | None:
    """Return the user id of a session's partner."""
    others = session["users"][1:]
    return others[0]["userId"] if others else None
