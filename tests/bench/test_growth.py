"""The growth of the costs of every route with the size of an account."""

import json

from msgspec.structs import replace

from bench.growth import SMALL, Dimension, Growth, as_json, growing, growths, lines
from bench.worst_account import CallCost

COST = CallCost(status=200, write_units=4, read_units=2, requests=3, milliseconds=10, listed=0)
TWICE = Growth(4, COST, replace(COST, write_units=10))
# The routes whose answers are made from the sessions of the past.
OF_THE_PAST = {"GET /v1/me/attendance", "GET /v1/users/{userId}, of the oldest session, deleted since"}
# Routes whose costs must be measured, each with another kind of reads or writes.
COMMON = {
    "POST /v1/sessions, waits",
    "POST /v1/sessions, pairs at once",
    "POST /v1/sessions, lock over two matches",
    "DELETE /v1/sessions/{sessionId}",
    "GET /v1/calendar, five weeks",
    "GET /v1/people",
}


def test_no_route_but_those_of_the_past_costs_more_units_with_history_and_followers() -> None:
    large = replace(SMALL, past_days=100, followers=200)
    found = growths(SMALL, Dimension("history and followers", 100, large))
    assert set(growing(found)) == OF_THE_PAST
    assert found.keys() > COMMON
    assert {name for name, growth in found.items() if growth.small.write_units != growth.large.write_units} == set()


def test_the_exponent_is_that_of_the_units() -> None:
    assert (TWICE.units, TWICE.exponent) == (2, 0.5)
    assert Growth(4, COST, COST).exponent == 0
    assert growing({"GET /a": TWICE, "GET /b": Growth(4, COST, COST)}) == ["GET /a"]


def test_the_report_names_the_calls_that_grow() -> None:
    found = {"history": {"GET /a": TWICE, "GET /b": Growth(4, COST, COST)}}
    assert list(lines(found))[-1] == "units grow with history: GET /a"
    history = json.loads(as_json(found))["history"]
    assert history["GET /a"] == {"ratio": 2, "exponent": 0.5}
    assert history["growing_calls"] == {"count": 1}
