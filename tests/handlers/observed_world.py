"""A population in memory whose answers and requests to the table are observed, so that two worlds can be compared."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from botocore.exceptions import ClientError
from chalice.test import Client
from msgspec.structs import replace

from chalicelib.storage import keys
from chalicelib.storage.connection import Table
from chalicelib.storage.document_keys import DEMAND
from chalicelib.storage.mappers import relation_item
from infra.in_memory_dynamodb.table import Body, InMemoryTable, Response
from infra.simulation.client import canonical_text
from infra.simulation.interleaver import InlineExecutor
from tests.handlers.all_routes import LATER, calls, token
from tests.handlers.community import AHEAD, BLOCKER, PAIR_SLOT, SmallCommunity
from tests.harness import MONDAY, TABLE, at

# The attribute of a day with the ids of the operations that wrote it.
OPERATIONS = "o"


class TableRequest(NamedTuple):
    """A request to the table without the values that it writes.

    `rows` is the number of items that a query reads, `units` the units of the whole request.
    """

    operation: str
    keys: str
    rows: int
    units: float
    error: str


class ObservedClient:
    """A replacement of botocore's client that serves an in-memory table and keeps all requests."""

    # PynamoDB reads it to check whether the client was made without credentials.
    _request_signer: None = None

    def __init__(self, table: InMemoryTable) -> None:
        self.table = table
        self.requests: list[TableRequest] = []

    def _make_api_call(self, operation: str, request: dict[str, Any]) -> Response:
        error, response = "", {}
        try:
            response = self.table.call(operation, request)
        except ClientError as refused:
            error = refused.response["Error"]["Code"]
            raise
        finally:
            consumed = response.get("ConsumedCapacity", [])
            units = sum(one["CapacityUnits"] for one in ([consumed] if isinstance(consumed, dict) else consumed))
            rows = response.get("ScannedCount", 0)
            self.requests.append(TableRequest(operation, _asked(operation, request), rows, units, error))
        return response


def _asked(operation: str, request: Body) -> str:
    """Return the keys that a request names, without the values that it writes.

    In a transaction an update and a deletion of one item count as equal. The deletion of an account deletes or updates
    the row of another member's favorite, which also holds that member's block. Both take the same units.
    """
    if operation == "PutItem":
        return json.dumps([request["Item"][name] for name in ("PK", "SK")])
    if operation != "TransactWriteItems":
        return canonical_text(request)
    actions = [next(iter(action.items())) for action in request["TransactItems"]]
    named = [(kind, body.get("Key") or {name: body["Item"][name] for name in ("PK", "SK")}) for kind, body in actions]
    checked = [(kind == "ConditionCheck", key) for kind, key in named]
    return json.dumps(sorted(checked, key=json.dumps))


class Observation(NamedTuple):
    """The answer to one request over HTTP, and the requests to the table that it took."""

    route: str
    answer: tuple[int, str, str]
    requests: list[TableRequest]


class ObservedWorld(SmallCommunity):
    """A population in memory."""

    def __init__(self, **population: Any) -> None:
        self.memory = InMemoryTable(TABLE, lambda: 0.0)
        self.client = ObservedClient(self.memory)
        table = Table(TABLE, region="us-east-1", endpoint=None, make_executor=lambda _number: InlineExecutor())
        table.connection._client = self.client
        super().__init__(table, **population)

    def store_relation(self, member: str, other: str, **relation: Any) -> None:
        """Store the row of one relation alone, with a favorite if there is one."""
        one, about = self.members[member], self.members[other]
        row = keys.about(one.member_id, about.member_id)
        self.memory.load([relation_item(row, replace(self.world.says(one, about), **relation)).serialize()])

    def rows(self) -> dict[tuple[str, str], Body]:
        """Return the stored items, without those of the blocker and the jobs, and without the ids of operations.

        The demand is left out, since it follows from the waiting rows.
        """
        blocker = self.members[BLOCKER].member_id
        found = {
            (item["PK"]["S"], item["SK"]["S"]): {name: value for name, value in item.items() if name != OPERATIONS}
            for item in self.memory.call("Scan", {"TableName": TABLE})["Items"]
        }
        return {
            (pk, sk): item
            for (pk, sk), item in found.items()
            if pk != keys.member(blocker)
            and not pk.startswith((keys.JOB, DEMAND))
            and not (pk.startswith(keys.POOL) and sk.endswith(blocker))
        }

    def observe(self, asker: str, asked: str) -> list[Observation]:
        """Return the answers to every route for one member about another. Each request finds the same table."""
        stored = InMemoryTable(TABLE, lambda: 0.0)
        stored.resume(self.memory)
        headers = {"Authorization": f"Bearer {token(self.world, asker)}", "Content-Type": "application/json"}
        found = []
        with Client(self.app) as client:
            for number, (method, path, body, more) in enumerate(self._requests(asker, asked)):
                self.memory.resume(stored)
                self.client.requests = []
                payload = b"" if body is None else json.dumps(body).encode()
                sent = {name: value for name, value in {**headers, **more}.items() if value}
                with self.seeded(f"request {number}"):
                    answer = client.http.request(method, path, headers=sent, body=payload)
                text = re.sub(r'"instance":\s*"[^"]*"', '"instance": "..."', answer.body.decode())
                shown = (answer.status_code, text, json.dumps(sorted(answer.headers.items())))
                found.append(Observation(f"{method} {path} {number}", shown, self.client.requests))
        self.memory.resume(stored)
        return found

    def _requests(self, asker: str, asked: str) -> Iterator[tuple[str, str, Any, dict[str, str]]]:
        """Yield a request to every route, and more for other ranges, pages and keys. An empty header is not sent."""
        target = self.members[asked].member_id
        names = {"userId": target, "token": self.tokens[asked], **self.names[asker]}
        for method, path, body in calls(self.app, names):
            yield method, path, body, {}
            if method == "POST" and "/sessions?" in path:
                yield method, path, body, {"Idempotency-Key": "one"}
        for accept in ("text/html", "application/json"):
            for credentials in ({}, {"Authorization": ""}):
                yield "GET", f"/i/{names['token']}", None, {"Accept": accept, **credentials}
        for first, days in ((0, 35), (0, 14), (13, 14), (14, 14), (39, 2)):
            start = MONDAY + timedelta(days=first)
            yield "GET", _ranged("/v1/calendar", start, start + timedelta(days=days)), None, {}
        yield "GET", _ranged("/v1/sessions", MONDAY - timedelta(days=30), MONDAY + AHEAD), None, {}
        yield "GET", f"/v1/sessions/{names['pastId']}", None, {}
        yield "GET", f"/v1/users/{target}/availability?limit=1", None, {}
        yield "GET", "/v1/availability/favorites?limit=1", None, {}
        yield "GET", "/v1/people?limit=1", None, {}
        body = {"startTime": at(130).start.isoformat(), "duration": 3000000, "partnerId": target}
        yield "POST", "/v1/sessions", body, {}
        yield "POST", "/v1/sessions", {**body, "startTime": LATER.start.isoformat()}, {}
        if "pair" in vars(self):
            for more in ({}, {"replace": True}):
                yield "POST", "/v1/sessions", {**body, "startTime": PAIR_SLOT.start.isoformat(), **more}, {}


def _ranged(path: str, start: datetime, end: datetime) -> str:
    return f"{path}?start={start.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}&end={end.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
