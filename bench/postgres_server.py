"""`python -m bench.postgres_server ADDRESS` serves the reference on a PostgreSQL, by the HTTP server of the local run.

The paths, bodies and codes are those of the API, as far as `bench.server` and its test use them. It prints its address.
"""

import json
import sys
import threading
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from psycopg import Connection

from bench import postgres_use_cases as use_cases
from bench.postgres_use_cases import Refused, Row
from infra.local.http.cross_origin import CrossOriginPolicy
from infra.local.http.responses import HttpResponse, json_response
from infra.local.http.server import HttpRequest, Server

STATUSES = {"unauthenticated": 401, "not_found": 404, "not_available": 409, "time_conflict": 409, "rate_limited": 429}
SESSIONS = "/v1/sessions"


class PostgresApi:
    """The routes of the reference. Each thread of the server keeps a connection to the database."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._thread = threading.local()

    @property
    def _database(self) -> Connection[Row]:
        if not hasattr(self._thread, "database"):
            self._thread.database = use_cases.connect(self._address)
        return self._thread.database

    def respond(self, request: HttpRequest) -> HttpResponse:
        """Answer a request as the API does."""
        try:
            return self._route(request, request.headers.get("Authorization", "").removeprefix("Bearer "))
        except Refused as refusal:
            return json_response({"code": refusal.code}, STATUSES.get(refusal.code, 503))

    def _route(self, request: HttpRequest, token: str) -> HttpResponse:
        body = json.loads(request.body) if request.body else {}
        match request.method, request.path.split("/")[1:]:
            case "GET", ["health"]:
                return json_response({"status": "ok"})
            case "POST", ["dev", "sign-in"]:
                member, token = use_cases.sign_in(self._database, body["name"])
                return json_response({"userId": member, "token": token}, 201)
            case "PUT", ["v1", "people", other, "favorite"]:
                use_cases.favor(self._database, token, other)
                return HttpResponse(204)
            case "POST", ["v1", "sessions"]:
                return self._book(token, body)
            case "DELETE", ["v1", "sessions", session]:
                use_cases.cancel(self._database, token, session)
                return HttpResponse(204)
            case "GET", ["v1", "calendar"]:
                return self._calendar(token, parse_qs(urlsplit(request.target).query))
        return json_response({"code": "not_found"}, 404)

    def _book(self, token: str, body: dict[str, Any]) -> HttpResponse:
        start, minutes = datetime.fromisoformat(body["startTime"]), body["duration"] // 60_000
        is_new, session = use_cases.book(self._database, token, start, minutes, body.get("partnerId"))
        return json_response({"session": _session(session)}, 201 if is_new else 200)

    def _calendar(self, token: str, query: dict[str, list[str]]) -> HttpResponse:
        start, end = (datetime.fromisoformat(query[name][0]) for name in ("start", "end"))
        slots = [
            {
                **_slot(slot),
                "session": slot["session"] and _session(slot["session"]),
                "waiting": slot["waiting"],
                "favorites": [
                    {"userId": each["id"], "name": each["name"], "locked": each["locked"], "lockable": each["lockable"]}
                    for each in slot["favorites"]
                ],
            }
            for slot in use_cases.calendar(self._database, token, start, end)
        ]
        return json_response({"slots": slots})


def _slot(row: Row) -> dict[str, Any]:
    return {"startTime": row["start"].astimezone(UTC).isoformat(), "duration": row["minutes"] * 60_000}


def _session(row: Row) -> dict[str, Any]:
    partners = [{"userId": row["partner_id"], "name": row["partner_name"]}] if row["partner_id"] else []
    return {
        "sessionId": row["id"],
        **_slot(row),
        "state": row["state"],
        "locked": row["state"] == "locked_in",
        "users": [{"userId": row["member"]}, *partners],
    }


def main(address: str) -> None:
    """Create the tables, then serve until the process ends."""
    with use_cases.connect(address) as database:
        database.execute(use_cases.SCHEMA.read_text())
    server = Server(0)
    print(server.url, flush=True)
    server.serve(PostgresApi(address).respond, CrossOriginPolicy(()), {})


if __name__ == "__main__":
    main(sys.argv[1])
