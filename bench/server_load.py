"""The load of `bench.server`, members who book, read their calendar, lock and cancel over HTTP."""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from http.client import HTTPConnection
from math import ceil
from typing import Any, NamedTuple
from urllib.parse import urlsplit

MINUTES = 50
# The number of targets with the same slots. They are matched with each other.
SHARING = 4
SHOWN = timedelta(days=14)
HEALTH, BOOK, CALENDAR, LOCK, CANCEL = JOBS = ("health", "book", "calendar", "lock", "cancel")
EXPECTED = {
    HEALTH: HTTPStatus.OK,
    BOOK: HTTPStatus.CREATED,
    CALENDAR: HTTPStatus.OK,
    LOCK: HTTPStatus.CREATED,
    CANCEL: HTTPStatus.NO_CONTENT,
}


class LoadMember(NamedTuple):
    """A member of the load."""

    user_id: str
    token: str


class LoadRequest(NamedTuple):
    """A request of a member."""

    method: str
    path: str
    token: str | None = None
    payload: Any = None


@dataclass(frozen=True, slots=True)
class JobLatencies:
    """The seconds of each request of a job, of all together, and the number of unexpected responses."""

    seconds: Sequence[float]
    elapsed: float
    unexpected: int

    @property
    def per_second(self) -> float:
        """Requests per second of all clients."""
        return len(self.seconds) / self.elapsed

    def percentile(self, percent: float) -> float:
        """Return the least latency that this share of the requests does not exceed."""
        return sorted(self.seconds)[ceil(len(self.seconds) * percent / 100) - 1]


class Connection:
    """A connection of one client, kept alive between requests."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._http = HTTPConnection(address.hostname or "", address.port, timeout=60)

    def send(self, call: LoadRequest) -> tuple[int, Any]:
        """Send a request, and return the status and the JSON of the body."""
        body = None if call.payload is None else json.dumps(call.payload)
        headers = {"Content-Type": "application/json"} if body else {}
        if call.token:
            headers["Authorization"] = f"Bearer {call.token}"
        self._http.request(call.method, call.path, body, headers)
        response = self._http.getresponse()
        content = response.read()
        return response.status, json.loads(content) if content else None

    def close(self) -> None:
        """Close the connection."""
        self._http.close()


class Load:
    """The members of a service, and the requests of each level.

    Each booker locks the sessions of one target, another one in each level, since a member may lock and cancel the same
    target five times a day (R36). Targets keep their sessions.
    """

    def __init__(self, url: str, *, pairs: int, sessions: int, levels: int, now: datetime) -> None:
        """Create the members. `pairs` is a multiple of `SHARING`, with more groups of that size than levels."""
        self._url = url
        self._sessions = sessions
        self._first = datetime(now.year, now.month, now.day, tzinfo=UTC) + timedelta(days=1)
        connection = Connection(url)
        self._bookers = [_sign_in(connection, f"Booker {number}") for number in range(pairs)]
        self._targets = [_sign_in(connection, f"Target {number}") for number in range(pairs)]
        for level in range(levels):
            for number, booker in enumerate(self._bookers):
                favorite = self._target(level, number).user_id
                connection.send(LoadRequest("PUT", f"/v1/people/{favorite}/favorite", booker.token))
        connection.close()

    def level(self, level: int, clients: int) -> Iterator[tuple[str, Sequence[Sequence[LoadRequest]]]]:
        """Yield each job of a level with the requests of every client. The requests of a cancel need those of the lock.

        A client sends the requests of its own members one after the other.
        """
        yield HEALTH, _shares([[LoadRequest("GET", "/health")] * self._sessions for _ in self._bookers], clients)
        yield BOOK, _shares([self._bookings(level, number) for number in range(len(self._targets))], clients)
        yield CALENDAR, _shares([[self._calendar(booker)] * self._sessions for booker in self._bookers], clients)
        yield LOCK, _shares([self._locks(level, number) for number in range(len(self._bookers))], clients)
        yield CANCEL, _shares([self._cancels(booker) for booker in self._bookers], clients)

    def _target(self, level: int, number: int) -> LoadMember:
        return self._targets[(number + level * SHARING) % len(self._targets)]

    def _starts(self, level: int, number: int) -> list[datetime]:
        """Return the starts of a target's sessions, which overlap with none of another level."""
        groups = len(self._targets) // SHARING
        hours = (number // SHARING + level) % groups * self._sessions
        first = self._first + timedelta(hours=hours, minutes=15 * level)
        return [first + timedelta(hours=hour) for hour in range(self._sessions)]

    def _bookings(self, level: int, number: int) -> list[LoadRequest]:
        return [_booking(self._targets[number].token, start) for start in self._starts(level, number)]

    def _locks(self, level: int, number: int) -> list[LoadRequest]:
        target = self._target(level, number)
        starts = self._starts(level, self._targets.index(target))
        return [_booking(self._bookers[number].token, start, partnerId=target.user_id) for start in starts]

    def _calendar(self, booker: LoadMember) -> LoadRequest:
        first, last = (f"{each:%Y-%m-%dT%H:%M:%SZ}" for each in (self._first, self._first + SHOWN))
        return LoadRequest("GET", f"/v1/calendar?start={first}&end={last}", booker.token)

    def _cancels(self, booker: LoadMember) -> list[LoadRequest]:
        connection = Connection(self._url)
        _, body = connection.send(self._calendar(booker))
        connection.close()
        own = (slot["session"]["sessionId"] for slot in body["slots"] if slot["session"])
        return [LoadRequest("DELETE", f"/v1/sessions/{session}", booker.token) for session in own]


def measure(url: str, job: str, shares: Sequence[Sequence[LoadRequest]]) -> JobLatencies:
    """Send the requests of all clients at once, each client on its own connection and in its own thread.

    Raises OSError if a server does not answer.
    """
    start = threading.Barrier(len(shares) + 1)

    def send_all(share: Sequence[LoadRequest]) -> tuple[list[float], int]:
        connection = Connection(url)
        seconds, unexpected = [], 0
        start.wait()
        for request in share:
            began = time.perf_counter()
            status, _ = connection.send(request)
            seconds.append(time.perf_counter() - began)
            unexpected += status != EXPECTED[job]
        connection.close()
        return seconds, unexpected

    with ThreadPoolExecutor(len(shares)) as threads:
        clients = [threads.submit(send_all, share) for share in shares]
        start.wait()
        began = time.perf_counter()
        measured = [client.result() for client in clients]
        elapsed = time.perf_counter() - began
    seconds = [each for own, _ in measured for each in own]
    return JobLatencies(seconds, elapsed, sum(unexpected for _, unexpected in measured))


def _sign_in(connection: Connection, name: str) -> LoadMember:
    _, body = connection.send(LoadRequest("POST", "/dev/sign-in", None, {"name": name}))
    return LoadMember(body["userId"], body["token"])


def _booking(token: str, start: datetime, **more: str) -> LoadRequest:
    return LoadRequest(
        "POST", "/v1/sessions", token, {"startTime": start.isoformat(), "duration": MINUTES * 60_000, **more}
    )


def _shares(calls: Sequence[Sequence[LoadRequest]], clients: int) -> list[list[LoadRequest]]:
    """Divide the requests of members among clients."""
    return [[call for member in calls[client::clients] for call in member] for client in range(clients)]
