"""Tests of the path from a request to its view, and of refusals and failures on this path."""

import json
from urllib.parse import quote

import pytest
from chalice.test import Client
from msgspec.structs import replace

from tests.fault_proxy import Fault, FaultProxy
from tests.handlers.all_routes import api, calls
from tests.handlers.callers import AccessScenario
from tests.handlers.conftest import Lines, SignIn
from tests.harness import World
from tests.table_snapshot import take_snapshot

HOSTILE_IDS = {
    "a separator": "x#PROFILE",
    "another's key": "MEMBER#another",
    "a path": "../me",
    "an encoded slash": "a/b",
    "NUL": "\x00",
    "controls": "\x1b\r\nLocation: https://evil.example/",
    "an address": "https://evil.example/",
    "no ASCII": "\N{GRINNING FACE}é",
    "10,000 characters": "x" * 10_000,
    "a number": "-1",
    "a wildcard": "%",
    "spaces": "   ",
}


@pytest.mark.sampled(every=4)
@pytest.mark.parametrize("text", HOSTILE_IDS.values(), ids=HOSTILE_IDS.keys())
def test_an_id_of_any_characters_finds_and_writes_nothing(scenario: AccessScenario, text: str) -> None:
    names = dict.fromkeys(scenario.names, quote(text, safe=""))
    app = api(scenario.world)
    before = take_snapshot(scenario.world.table)
    with Client(app) as client:
        for method, path, body in calls(app, names):
            if names["userId"] not in path.split("?")[0]:
                continue
            payload = b"" if body is None else json.dumps(body).encode()
            answer = client.http.request(method, path, headers=scenario.token(), body=payload)
            harmless = answer.status_code in (204, 404) or answer.json_body == {"slots": []}
            if (method, path.split("?")[0].rpartition("/")[2]) == ("PUT", "watch"):
                # Only a favorite can be watched (R45).
                harmless = answer.status_code == 422
            assert harmless, (method, path[:100], answer.status_code)
            assert "Location" not in answer.headers
    assert take_snapshot(scenario.world.table) == before


def test_only_the_configured_origins_may_read_responses(world: World) -> None:
    world.context.settings = replace(world.context.settings, origins=("https://app.example",))
    with Client(api(world)) as client:
        for origin in ("https://app.example", "https://evil.example", "https://app.example.evil.example", "null"):
            answer = client.http.request("GET", "/health", headers={"Origin": origin})
            allowed = answer.headers.get("Access-Control-Allow-Origin")
            assert allowed == (origin if origin == "https://app.example" else None)
            assert answer.headers["Vary"] == "Accept-Encoding, Origin"
            assert "Access-Control-Allow-Credentials" not in answer.headers


def test_a_304_costs_as_much_as_its_200(sign_in: SignIn, lines: Lines) -> None:
    send = sign_in("Ada")
    assert send("GET", "/v1/me").status_code == 200
    lines()
    first = send("GET", "/v1/me")
    again = send("GET", "/v1/me", **{"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.body) == (200, 304, b"")
    one, other = lines()
    assert (one["readUnits"], one["writeUnits"]) == (other["readUnits"], other["writeUnits"])
    assert (one["status"], other["status"], other["outcome"]) == (200, 304, "ok")


def test_a_failure_of_the_table_is_an_internal_error_that_only_the_log_describes(
    sign_in: SignIn, faults: FaultProxy, lines: Lines
) -> None:
    send = sign_in("Ada")
    assert send("GET", "/v1/me").status_code == 200
    lines()
    faults.plan += [Fault.INVALID]
    answer = send("POST", "/v1/invite-links", {})
    (line,) = lines()
    assert (answer.status_code, answer.json_body["code"]) == (500, "internal_error")
    assert answer.json_body["instance"] == f"/requests/{line['request']}"
    assert (line["outcome"], line["status"], line["route"]) == ("failed", 500, "POST /v1/invite-links")


def test_an_unknown_method_of_a_path_is_a_problem_with_the_allowed_methods(sign_in: SignIn) -> None:
    answer = sign_in("Ada")("PUT", "/v1/me")
    assert (answer.status_code, answer.json_body["code"]) == (405, "method_not_allowed")
    assert "PATCH" in answer.headers["Allow"]
