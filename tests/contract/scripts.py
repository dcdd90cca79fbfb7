"""Small clients, as their users write them for Focusmate's public API.

Only the host and the key are ours. Each client knows the shapes of that API: the own profile, the profile of another
user, and the own sessions of a year. `BookingScript` also writes, which that API never offered.
"""

import json
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import urllib3


class ApiError(Exception):
    """A response with an error status, with the `message` or `error` that older clients read."""


@dataclass(frozen=True)
class StrictScript:
    """A client that parses every instant by one format without fractions, and requests a whole year."""

    host: str
    key: str

    def get(self, path: str) -> Any:
        """Return the JSON of a GET request with the key, or raise ApiError."""
        response = urllib3.request("GET", f"{self.host}{path}", headers={"X-API-KEY": self.key}, redirect=False)
        body = json.loads(response.data)
        if response.status != 200:
            raise ApiError(body["message"])
        return body

    def member_since(self) -> datetime:
        """Return the instant at which the owner of the key joined."""
        return datetime.strptime(self.get("/v1/me")["user"]["memberSince"], "%Y-%m-%dT%H:%M:%S%z")

    def minutes_worked(self, year: int) -> int:
        """Return the minutes of all completed sessions of a year."""
        found = self.get(f"/v1/sessions?start={year}-01-01T00:00:00Z&end={year + 1}-01-01T00:00:00Z")["sessions"]
        starts = [datetime.strptime(session["startTime"], "%Y-%m-%dT%H:%M:%S%z") for session in found]
        assert starts == sorted(starts, reverse=True)
        return sum(session["duration"] // 60_000 for session in found if session["users"][0]["completed"])


@dataclass(frozen=True)
class LegacyScript:
    """A client without pages and with a lower-case header.

    It reads `users[0]` as itself and `users[1]` as the partner.
    """

    host: str
    key: str

    def get(self, path: str, **query: str) -> Any:
        """Return the JSON of a GET request with the key, or raise ApiError."""
        http = urllib3.PoolManager()
        response = http.request("GET", f"{self.host}{path}", fields=query, headers={"x-api-key": self.key})
        body = json.loads(response.data)
        if response.status >= 400:
            raise ApiError(body["error"])
        return body

    def whoami(self) -> tuple[str, str, int]:
        """Return the name, the time zone and the number of sessions."""
        user = self.get("/v1/me")["user"]
        return user["name"], user["timeZone"], user["totalSessionCount"]

    def diary(self, year: int) -> list[tuple[str | None, str | None]]:
        """Return the title of each session of a year and the name of the partner, oldest first."""
        query = {"start": f"{year}-01-01T00:00:00+00:00", "end": f"{year}-12-31T23:59:59+00:00"}
        entries = []
        for session in reversed(self.get("/v1/sessions", **query)["sessions"]):
            own, *others = session["users"]
            assert own["requestedAt"].endswith("+00:00")
            name = self.get(f"/v1/users/{others[0]['userId']}")["user"]["name"] if others else None
            entries.append((own["sessionTitle"], name))
        return entries


@dataclass(frozen=True)
class JavaScriptScript:
    """A client that sends instants with milliseconds, as JavaScript does, or with an offset that it encodes itself."""

    host: str
    key: str

    def sessions(self, start: str, end: str) -> list[dict[str, Any]]:
        """Return the sessions of a range, read in pages of one."""
        found: list[dict[str, Any]] = []
        more = ""
        while True:
            url = f"{self.host}/v1/sessions?start={start}&end={end}&limit=1{more}"
            response = urllib3.request("GET", url, headers={"X-Api-Key": self.key})
            body = json.loads(response.data)
            if response.status != 200:
                raise ApiError(body["message"], body["error"])
            found += body["sessions"]
            if "nextCursor" not in body:
                return found
            more = f"&cursor={body['nextCursor']}"


@dataclass(frozen=True)
class AssistantScript:
    """A tool of a chat assistant. It judges each session by the clock and looks up the partner's name."""

    host: str
    key: str

    def get(self, path: str, **query: str) -> Any:
        """Return the JSON of a GET request with the key and, without a body, a content type. Raise ApiError."""
        headers = {"X-API-Key": self.key, "Content-Type": "application/json"}
        response = urllib3.request("GET", f"{self.host}/v1{path}", fields=query, headers=headers)
        if response.status != 200:
            raise ApiError(f"API request failed: {response.status}")
        return response.json()

    def sessions(self, start: datetime, end: datetime, now: datetime) -> list[tuple[str, str | None, str | None]]:
        """Return the status, the partner's name and the title of each session."""
        query = {"start": _javascript_text(start), "end": _javascript_text(end)}
        return [
            (self._status(session, now), self._partner(session), session["users"][0].get("sessionTitle"))
            for session in self.get("/sessions", **query)["sessions"]
        ]

    def _status(self, session: dict[str, Any], now: datetime) -> str:
        start = datetime.fromisoformat(session["startTime"])
        if start > now:
            return "matched" if len(session["users"]) > 1 else "pending"
        if start + timedelta(milliseconds=session["duration"]) > now:
            return "in_progress"
        return "completed" if session["users"][0]["completed"] else "no_show"

    def _partner(self, session: dict[str, Any]) -> str | None:
        others = [user["userId"] for user in session["users"][1:]]
        return self.get(f"/users/{others[0]}")["user"]["name"] if others else None


def _javascript_text(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03}Z"


@dataclass(frozen=True)
class DashboardScript:
    """A dashboard that signs in with a token and reads all years since the first one at once."""

    host: str
    token: str

    def get(self, path: str) -> Any:
        """Return the JSON of a GET request with the token."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return urllib3.request("GET", f"{self.host}/v1{path}", headers=headers).json()

    def rows(self, last_year: int) -> list[dict[str, Any]]:
        """Return a row for each session of all years, which agree with the count of the profile."""
        user = self.get("/me")["user"]
        years = range(int(user["memberSince"][:4]), last_year + 1)
        paths = [f"/sessions?start={year}-01-01T00:00:00Z&end={year}-12-31T23:59:59Z" for year in years]
        with ThreadPoolExecutor(len(paths)) as threads:
            read = [session for answer in threads.map(self.get, paths) for session in answer.get("sessions", [])]
        rows = [self._row(session) for session in read]
        assert sum(row["completed"] for row in rows) == user["totalSessionCount"]
        return rows

    def _row(self, session: dict[str, Any]) -> dict[str, Any]:
        own = session["users"][0]
        instants = {"start": session["startTime"], "requested": own["requestedAt"], "joined": own["joinedAt"]}
        return {
            **{name: text and datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z") for name, text in instants.items()},
            "minutes": session["duration"] / 60_000,
            "title": str(own.get("sessionTitle")),
            "completed": bool(own["completed"]),
            "partner": session["users"][1].get("userId") if len(session["users"]) > 1 else None,
        }


@dataclass(frozen=True)
class PunctualityScript:
    """A client that shows the punctuality of both members of each session, by `joinedAt` and `completed`."""

    host: str
    key: str

    def sessions(self, year: int) -> list[list[float | None]]:
        """Return the seconds after the start at which each member joined, None without joining, newest first."""
        return [[self._seconds_late(session, user) for user in session["users"]] for session in self._read(year)]

    def share_in_time(self, year: int, within: timedelta) -> float:
        """Return the share of the completed sessions that the owner of the key joined within a time of the start."""
        own = [
            self._seconds_late(session, session["users"][0])
            for session in self._read(year)
            if all(user["completed"] for user in session["users"])
        ]
        return sum(late is not None and late <= within.total_seconds() for late in own) / len(own)

    def _read(self, year: int) -> list[dict[str, Any]]:
        url = f"{self.host}/v1/sessions?start={year}-01-01T00:00:00Z&end={year}-12-31T23:59:59Z"
        found = urllib3.request("GET", url, headers={"X-API-KEY": self.key}).json()["sessions"]
        for user in (user for session in found for user in session["users"]):
            # The client shows in the same way how long ahead each member booked.
            datetime.strptime(user["requestedAt"], "%Y-%m-%dT%H:%M:%S%z")
        return found

    def _seconds_late(self, session: dict[str, Any], user: dict[str, Any]) -> float | None:
        if user["joinedAt"] is None:
            return None
        instants = (datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z") for text in (user["joinedAt"], session["startTime"]))
        joined, start = instants
        return (joined - start).total_seconds()


@dataclass(frozen=True)
class BookingScript:
    """A client of the standard library that books, changes and cancels."""

    host: str
    key: str

    def send(self, method: str, path: str, body: Any = None) -> Any:
        """Return the JSON of a request with the key, None without a body. Raise ApiError."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.host}/v1{path}", data, method=method)  # noqa: S310 - the test's host
        request.add_header("X-API-KEY", self.key)
        request.add_header("Content-Type", "application/json; charset=utf-8")
        try:
            with urllib.request.urlopen(request) as response:  # noqa: S310
                content = response.read()
        except urllib.error.HTTPError as error:
            raise ApiError(json.load(error)["message"]) from error
        return json.loads(content) if content else None

    def book(self, start: str, minutes: int, **wishes: Any) -> str:
        """Book a session and return its id."""
        session = self.send("POST", "/sessions", {"startTime": start, "duration": minutes * 60_000, **wishes})
        identifier: str = session["session"]["sessionId"]
        return identifier

    def summary(self, start: str, end: str) -> list[tuple[str, str | None, bool]]:
        """Return the id, the title and the preference of each session of a range."""
        found = self.send("GET", f"/sessions?start={start}&end={end}")["sessions"]
        return [(one["sessionId"], one["title"], one["preferFavorites"]) for one in found]
