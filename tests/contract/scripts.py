"""Three small clients, as their users write them for Focusmate's public API.

Only the host and the key are ours. Each client knows the shapes of that API: the own profile, the profile of another
user, and the own sessions of a year.
"""

import json
from dataclasses import dataclass
from datetime import datetime
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
