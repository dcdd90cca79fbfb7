"""The round trips of the main routes, and their simulated latency."""

import json
from random import Random

import pytest

from bench.round_trips import CriticalPath, all_calls, as_json, critical_paths, latency_of, lines, prepared
from chalicelib.handlers.http.routes import ROUTES

BOOK, CANCEL = "POST /v1/sessions", "DELETE /v1/sessions/{sessionId}"
ROUND_TRIPS = {
    f"{BOOK}, waits": 3,
    f"{BOOK}, waits, on a date without sessions": 3,
    f"{BOOK}, pairs at once": 3,
    f"{BOOK}, held already": 2,
    f"{BOOK}, replaces three": 3,
    f"{BOOK}, lock over no match": 3,
    f"{BOOK}, lock over two matches": 3,
    f"{BOOK}, lock by a follower": 3,
    f"{BOOK}, refused lock": 3,
    "POST /i/{token}": 4,
    "POST /i/{token}, by another": 4,
    CANCEL: 3,
    "POST /v1/sessions/{sessionId}/join": 3,
    "PUT /v1/people/{userId}/favorite": 3,
    "DELETE /v1/people/{userId}/favorite": 3,
    "PUT /v1/people/{userId}/watch": 3,
    "PUT /v1/people/{userId}/snooze": 3,
    "DELETE /v1/people/{userId}/block": 3,
    "GET /v1/calendar, two weeks": 2,
    "GET /v1/availability/favorites": 2,
    "GET /v1/sessions, of a year": 2,
    "GET /v1/sessions/{sessionId}": 2,
    "GET /v1/me": 2,
    "GET /v1/me/export/calendar": 3,
    "GET /v1/me/export/sheet": 3,
    "GET /v1/me/access": 2,
    "GET /v1/me/attendance": 2,
    "GET /v1/me/notices": 2,
    "GET /n/verify/{token}": 2,
    "GET /v1/users/{userId}": 1,
    "GET /v1/users/{userId}, of the oldest session, deleted since": 2,
    "GET /v1/people": 2,
    "GET /v1/invite-links": 2,
    "GET /v1/api-keys": 2,
    "GET /v1/webhooks/{webhookId}/deliveries": 2,
    "GET /v1/events": 4,
    "GET /c/{file}": 3,
    "GET /i/{token}": 2,
    "GET /health": 0,
}
PARALLEL = CriticalPath(200, (("GetItem",), ("BatchGetItem", "Query"), ("TransactWriteItems",)))


@pytest.fixture(scope="module")
def paths() -> dict[str, CriticalPath]:
    return critical_paths(prepared(), ROUND_TRIPS)


def test_the_main_routes_have_their_number_of_round_trips(paths: dict[str, CriticalPath]) -> None:
    assert {name: path.length for name, path in paths.items()} == ROUND_TRIPS
    assert {name for name, path in paths.items() if path.status >= 300} == {f"{BOOK}, refused lock"}


def test_every_route_is_counted() -> None:
    assert {(call.method, call.route) for call in all_calls(prepared())} == set(ROUTES)


def test_a_round_trip_lasts_as_long_as_its_slowest_request() -> None:
    alone = CriticalPath(200, (("Query",),))
    together = CriticalPath(200, (("Query",) * 50,))
    assert latency_of(alone, seed=1).p50 < latency_of(together, seed=1).p50
    assert PARALLEL.milliseconds(Random(1)) >= 10


def test_the_latency_is_exactly_reproducible() -> None:
    assert latency_of(PARALLEL, seed=1) == latency_of(PARALLEL, seed=1) != latency_of(PARALLEL, seed=2)
    assert latency_of(CriticalPath(200, ()), seed=1).p99 == 0


def test_the_report_has_a_line_and_a_value_for_each_call() -> None:
    found = {"GET /a": PARALLEL}
    assert [line.split()[:4] for line in lines(found, seed=1)][1] == ["GET", "/a", "3", "4"]
    assert json.loads(as_json(found, seed=1))["GET /a"]["round_trips"] == 3
