"""A runner in a process of its own, and a member who calls it over HTTP as any client would."""

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

from tests.contract.described_responses import checked_in
from tests.contract.slots import Slot, Slots, text_of

T = TypeVar("T")

ROOT = Path(__file__).parents[2]
ORIGIN = "https://app.example"
POLL_SECONDS = 0.02
# A start takes two seconds, and minutes on a machine that has better things to do.
START_SECONDS = 180
JSON = "application/json"
SECRET_HEADERS = ("authorization", "x-api-key", "idempotency-key")
SHORTEST_SECRET = 20
# Never set: waiting on it is waiting for time to pass.
_NEVER = threading.Event()


def eventually(probe: Callable[[], T], seconds: float = 10) -> T:
    """The first true answer of `probe`, or its last one when the time is up: for the caller to assert on."""
    deadline = datetime.now(UTC) + timedelta(seconds=seconds)
    while not (answer := probe()) and datetime.now(UTC) < deadline:
        _NEVER.wait(POLL_SECONDS)
    return answer


def at_once(calls: Sequence[Callable[[], T]]) -> list[T]:
    """Make all calls at the same instant, each in a thread of its own; answer the results in order."""
    barrier = threading.Barrier(len(calls))

    def made(call: Callable[[], T]) -> T:
        barrier.wait(30)
        return call()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(made, calls))


@dataclass(frozen=True)
class ApiResponse:
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str]
    data: bytes

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.data)

    @property
    def but_instance(self) -> bytes:
        """The body byte for byte, the one member blanked that tells two equal refusals apart."""
        instance = self.json.get("instance")
        return self.data.replace(json.dumps(instance).encode(), b"null", 1) if instance else self.data


class Service:
    """Lockstep at an address, whoever serves it; `invites` is what the address of an invite link begins with.

    `secrets` are the tokens, keys and canaries that it was sent: what it may give away to nobody.
    """

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
        """One request, exactly as given; what the service answers has to be as it is described."""
        url = f"{self.base}{path}" + (f"?{urlencode(query)}" if query else "")
        self.secrets.update(_secrets(path, headers or {}))
        response = self._http.request(method, url, body=body, headers=headers)
        if not path.startswith(("/dev/", "/.well-known/")):
            complaint = checked_in().complaint(method, path, response.status, response.headers, response.data)
            assert complaint is None, (method, path, complaint)
        return ApiResponse(response.status, response.headers, response.data)

    def output(self) -> str:
        """Everything it printed and logged so far."""
        raise NotImplementedError

    def canary(self, kind: str) -> str:
        """A text that occurs nowhere else, to be put where a person's own word can be put."""
        canary = f"{kind}-{secrets.token_hex(8)}"
        self.secrets.add(canary)
        return canary

    def secrets_in(self, text: str) -> list[str]:
        """What is in a text and may not be."""
        return [secret for secret in self.secrets if secret in text]

    def gave_away(self) -> list[str]:
        """What is in anything it printed and logged, and may not be."""
        output = self.output()
        # It does say something.
        assert '"event":"request"' in output
        return self.secrets_in(output)

    def sign_in(self, name: str) -> "Client":
        """A new member of that name."""
        raise NotImplementedError

    def sign_in_all(self, *names: str) -> "list[Client]":
        """A new member for each name."""
        return [self.sign_in(name) for name in names]

    def tick(self) -> None:
        """Run the scheduled jobs."""
        raise NotImplementedError


def _secrets(path: str, headers: Mapping[str, str]) -> Iterator[str]:
    """What a request carries that nobody may learn, as far as it is long enough to occur nowhere else."""
    carried = [value for name, value in headers.items() if name.lower() in SECRET_HEADERS]
    carried += re.findall(r"^/i/(\w+)", path)
    return (value.removeprefix("Bearer ") for value in carried if len(value) >= SHORTEST_SECRET)


class Runner(Service):
    """`python -m infra.local` in a process of its own."""

    def __init__(self, engine: str = "", *, patient: bool = True, log: str = "warning") -> None:
        """Start it, on a running engine if one is named, and wait until it answers.

        Who is patient waits until the demo members are there, too. It logs lines of the level `log` at least.
        """
        self.port = _free_port()
        base = f"http://127.0.0.1:{self.port}"
        super().__init__(base, f"{base}/i")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("LOCKSTEP_")}
        environment |= {"PORT": str(self.port), "LOCKSTEP_ORIGINS": ORIGIN, "LOCKSTEP_LOG": log}
        if engine:
            environment["LOCKSTEP_ENGINE"] = engine
        self._output = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed by `stop` and `kill`
        self._process = subprocess.Popen(
            [sys.executable, "-m", "infra.local"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )
        if not eventually(lambda: self._is_healthy() and (self._is_complete() or not patient), START_SECONDS):
            output = self.output()
            self.stop()
            raise RuntimeError(f"The runner did not start:\n{output}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # Not killed: an engine of its own has to go with it.
        self.stop()

    def _is_healthy(self) -> bool:
        try:
            return self.request("GET", "/health").status == 200
        except urllib3.exceptions.HTTPError:
            return False

    def _is_complete(self) -> bool:
        return f"Lockstep serves {self.base}" in self.output()

    def output(self) -> str:
        """Everything it printed and logged so far."""
        self._output.seek(0)
        return self._output.read()

    def complaints(self) -> list[str]:
        """The lines in which it says that something failed."""
        return [line for line in self.output().splitlines() if line.startswith(("ERROR", "CRITICAL", "Exception"))]

    def stop(self) -> int:
        """Stop it as a supervisor would, and answer its exit status."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        return self._closed()

    def kill(self) -> int:
        """End it in the middle of whatever it does."""
        if self._process.poll() is None:
            self._process.kill()
        return self._closed()

    def _closed(self) -> int:
        status = self._process.wait(30)
        self._http.clear()
        self._output.close()
        return status

    def dev(self, method: str, path: str, payload: Any = None) -> Any:
        """A call of what only the local runner has."""
        body = None if payload is None else json.dumps(payload).encode()
        answer = self.request(method, path, body=body)
        assert answer.status == 200, answer
        return answer.json

    def sign_in(self, name: str) -> "Client":
        """A new member of that name."""
        signed_in = self.dev("POST", "/dev/sign-in", {"name": name})
        return Client(self, name, signed_in["userId"], signed_in["token"])

    def travel(self, now: datetime | None) -> None:
        """Set the service's clock, or put it back."""
        self.dev("PUT", "/dev/clock", {"now": now and text_of(now)})

    def tick(self) -> None:
        """Run the scheduled jobs."""
        self.dev("POST", "/dev/tick")

    def stream(self, *, enabled: bool, deliveries: int = 1) -> None:
        """Hold the stream back, or deliver it, each batch that many times."""
        self.dev("PUT", "/dev/stream", {"enabled": enabled, "deliveries": deliveries})


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@dataclass(frozen=True)
class Client:
    """A member, signed in."""

    runner: Service
    name: str
    user_id: str
    token: str = field(repr=False)

    def on(self, runner: Service) -> "Client":
        """The same member with the same token, on another runner."""
        return Client(runner, self.name, self.user_id, self.token)

    def request(self, method: str, path: str, payload: Any = None, **more: Any) -> ApiResponse:
        """One request with the bearer token; `payload` is sent as JSON."""
        headers = {"Authorization": f"Bearer {self.token}"} | more.pop("headers", {})
        if payload is not None:
            more["body"] = json.dumps(payload).encode()
        if more.get("body") is not None:
            headers = {"Content-Type": JSON} | headers
        return self.runner.request(method, path, headers=headers, **more)

    def get(self, path: str, **query: Any) -> ApiResponse:
        """GET, with query parameters."""
        return self.request("GET", path, query={name: str(value) for name, value in query.items()})

    def post(self, path: str, payload: Any, **headers: str) -> ApiResponse:
        """POST, with further headers (`Idempotency_Key="..."`)."""
        return self.request("POST", path, payload, headers={k.replace("_", "-"): v for k, v in headers.items()})

    def patch(self, path: str, payload: Any) -> ApiResponse:
        """PATCH."""
        return self.request("PATCH", path, payload)

    def put(self, path: str, payload: Any = None) -> ApiResponse:
        """PUT."""
        return self.request("PUT", path, payload)

    def delete(self, path: str) -> ApiResponse:
        """DELETE."""
        return self.request("DELETE", path)

    def book(self, slot: Slot, minutes: int = 50, **fields: Any) -> dict[str, Any]:
        """Book a slot and answer the new session."""
        answer = self.post("/v1/sessions", slot.body(minutes, **fields))
        assert answer.status == 201, answer
        return answer.json["session"]

    def try_to_lock(self, target: "Client", slot: Slot, minutes: int = 50, **fields: Any) -> ApiResponse:
        """Ask to be locked in with somebody."""
        return self.post("/v1/sessions", slot.body(minutes, partnerId=target.user_id, **fields))

    def lock(self, target: "Client", slot: Slot, minutes: int = 50) -> dict[str, Any]:
        """Favorite somebody, lock them in and answer the session."""
        self.says("favorite", target)
        answer = self.try_to_lock(target, slot, minutes)
        assert answer.status in (200, 201), answer
        return answer.json["session"]

    def says(self, said: str, other: "Client", payload: Any = None) -> None:
        """Favorite, snooze or block somebody."""
        answer = self.put(f"/v1/people/{other.user_id}/{said}", payload)
        assert answer.status == 204, answer

    def sets(self, **settings: Any) -> None:
        """Change settings."""
        answer = self.patch("/v1/me", settings)
        assert answer.status == 200, answer

    def session(self, session_id: str) -> dict[str, Any]:
        """One session."""
        answer = self.get(f"/v1/sessions/{session_id}")
        assert answer.status == 200, answer
        return answer.json["session"]

    def cancel(self, session_id: str) -> None:
        """Cancel a session."""
        answer = self.delete(f"/v1/sessions/{session_id}")
        assert answer.status == 204, answer

    def sessions(self) -> list[dict[str, Any]]:
        """Every session there can be, newest first."""
        today = datetime.now(UTC)
        start, end = today - timedelta(days=30), today + timedelta(days=120)
        answer = self.get("/v1/sessions", start=text_of(start), end=text_of(end))
        assert answer.status == 200, answer
        return answer.json["sessions"]

    def in_slot(self, slot: Slot) -> dict[str, Any]:
        """The one session in a slot."""
        (found,) = [session for session in self.sessions() if session["startTime"] == slot.text]
        return found

    def stored(self) -> list[Any]:
        """Everything a refused request of this member could have changed."""
        return [self.sessions(), self.get("/v1/me").json, self.get("/v1/people").json]


def partner_of(session: Mapping[str, Any]) -> str | None:
    """The user id of a session's partner."""
    others = session["users"][1:]
    return others[0]["userId"] if others else None
