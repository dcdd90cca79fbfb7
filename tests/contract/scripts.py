"""Three small clients as people write them for Focusmate's public API: nothing of ours but the host and the key.

Each knows the shapes of that API and no more: who I am, who somebody is, my sessions of a year.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import urllib3


class RefusedError(Exception):
    """The API said no; older clients read one of the words for why."""


@dataclass(frozen=True)
class Strict:
    """Parses every instant by one format, without fractions, and takes a year whole."""

    host: str
    key: str

    def get(self, path: str) -> Any:
        """GET with the key, or the error that the API tells."""
        answer = urllib3.request("GET", f"{self.host}{path}", headers={"X-API-KEY": self.key}, redirect=False)
        body = json.loads(answer.data)
        if answer.status != 200:
            raise RefusedError(body["message"])
        return body

    def member_since(self) -> datetime:
        """When the owner of the key joined."""
        return datetime.strptime(self.get("/v1/me")["user"]["memberSince"], "%Y-%m-%dT%H:%M:%S%z")

    def minutes_worked(self, year: int) -> int:
        """The minutes of all sessions of a year that were completed."""
        found = self.get(f"/v1/sessions?start={year}-01-01T00:00:00Z&end={year + 1}-01-01T00:00:00Z")["sessions"]
        starts = [datetime.strptime(session["startTime"], "%Y-%m-%dT%H:%M:%S%z") for session in found]
        assert starts == sorted(starts, reverse=True)
        return sum(session["duration"] // 60_000 for session in found if session["users"][0]["completed"])


@dataclass(frozen=True)
class Old:
    """Knows no pages, sends its header in lower case, and reads `users[0]` as itself and `users[1]` as the partner."""

    host: str
    key: str

    def get(self, path: str, **query: str) -> Any:
        """GET with the key, or the error that the API tells."""
        http = urllib3.PoolManager()
        answer = http.request("GET", f"{self.host}{path}", fields=query, headers={"x-api-key": self.key})
        body = json.loads(answer.data)
        if answer.status >= 400:
            raise RefusedError(body["error"])
        return body

    def whoami(self) -> tuple[str, str, int]:
        """Name, time zone, and how many sessions there were."""
        user = self.get("/v1/me")["user"]
        return user["name"], user["timeZone"], user["totalSessionCount"]

    def diary(self, year: int) -> list[tuple[str | None, str | None]]:
        """The title of each session of a year and the name of the partner, oldest first."""
        query = {"start": f"{year}-01-01T00:00:00+00:00", "end": f"{year}-12-31T23:59:59+00:00"}
        entries = []
        for session in reversed(self.get("/v1/sessions", **query)["sessions"]):
            own, *others = session["users"]
            assert own["requestedAt"].endswith("+00:00")
            name = self.get(f"/v1/users/{others[0]['userId']}")["user"]["name"] if others else None
            entries.append((own["sessionTitle"], name))
        return entries


@dataclass(frozen=True)
class Browserly:
    """Sends instants as JavaScript writes them, with milliseconds, or with an offset that it encodes itself."""

    host: str
    key: str

    def sessions(self, start: str, end: str) -> list[dict[str, Any]]:
        """The sessions of a range, in pages of one."""
        found: list[dict[str, Any]] = []
        more = ""
        while True:
            url = f"{self.host}/v1/sessions?start={start}&end={end}&limit=1{more}"
            answer = urllib3.request("GET", url, headers={"X-Api-Key": self.key})
            body = json.loads(answer.data)
            if answer.status != 200:
                raise RefusedError(body["message"], body["error"])
            found += body["sessions"]
            if "nextCursor" not in body:
                return found
            more = f"&cursor={body['nextCursor']}"
