"""What holds for every answer of every route, whatever is asked for."""

import json
from urllib.parse import quote

import pytest
from chalice.test import Client

from chalicelib.domain.model.limits import MemberLimits
from chalicelib.handlers.http.headers import SECURITY_HEADERS
from chalicelib.settings import Misconfigured, from_environment
from tests.handlers.all_routes import api, calls
from tests.handlers.callers import Cast
from tests.harness import World
from tests.table_snapshot import take_snapshot

HOSTILE = {
    "a separator": "x#PROFILE",
    "another's key": "MEMBER#somebody",
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
ENVIRONMENT = {
    "AWS_DEFAULT_REGION": "us-east-1",
    **{f"LOCKSTEP_{name}": name for name in ("TABLE", "STREAM_ARN", "ISSUER", "AUDIENCE", "JWKS_URL", "CURSOR_KEY")},
    **{f"LOCKSTEP_{name}_URL": f"https://{name}.example" for name in ("ROOM", "INVITE")},
}


def test_every_answer_carries_the_same_headers_whoever_asks(cast: Cast) -> None:
    for headers in ({}, cast.token()):
        with Client(api(cast.world)) as client:
            asked = calls(api(cast.world), cast.names)
            also = [("OPTIONS", "/v1/me", None), ("PUT", "/v1/me", None), ("DELETE", "/health", None)]
            for method, path, body in [*asked, *also]:
                payload = b"" if body is None else json.dumps(body).encode()
                answer = client.http.request(method, path, headers=headers, body=payload)
                assert answer.headers.items() >= SECURITY_HEADERS.items(), (method, path)
                kept = "public, max-age=300" if path.startswith(("/openapi.json", "/docs")) else "no-store"
                assert answer.headers["Cache-Control"] == kept, (method, path)
                assert "default-src 'none'" in answer.headers["Content-Security-Policy"], (method, path)
                assert answer.status_code < 300 or answer.status_code >= 400, (method, path)
                assert "Location" not in answer.headers


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_an_id_of_whatever_characters_leads_nowhere(cast: Cast, text: str) -> None:
    """It is no key of the table's and no address: nothing is found, nothing written, nobody sent elsewhere."""
    names = dict.fromkeys(cast.names, quote(text, safe=""))
    app = api(cast.world)
    before = take_snapshot(cast.world.table)
    with Client(app) as client:
        for method, path, body in calls(app, names):
            if names["userId"] not in path.split("?")[0]:
                continue
            payload = b"" if body is None else json.dumps(body).encode()
            answer = client.http.request(method, path, headers=cast.token(), body=payload)
            harmless = answer.status_code in (204, 404) or answer.json_body == {"slots": []}
            assert harmless, (method, path[:100], answer.status_code)
            assert "Location" not in answer.headers
    assert take_snapshot(cast.world.table) == before


@pytest.mark.parametrize(
    "origin", ["*", "null", "app.example", "https://app.example/", "https://*.example", "https://A.example"]
)
def test_what_is_no_origin_is_refused_before_anything_is_served(origin: str) -> None:
    with pytest.raises(Misconfigured, match="LOCKSTEP_ORIGINS"):
        from_environment({**ENVIRONMENT, "LOCKSTEP_ORIGINS": f"https://app.example, {origin}"})


def test_r36_limits_and_origins_are_settings() -> None:
    found = from_environment(
        {**ENVIRONMENT, "LOCKSTEP_ORIGINS": " https://app.example,http://localhost:3000, ", "LOCKSTEP_MOST_KEYS": "7"}
    )
    assert found.origins == ("https://app.example", "http://localhost:3000")
    assert found.limits == MemberLimits(keys=7)
    with pytest.raises(Misconfigured, match="LOCKSTEP_MOST_TRIES"):
        from_environment({**ENVIRONMENT, "LOCKSTEP_MOST_TRIES": "many"})


def test_only_the_origins_that_are_named_are_let_in(world: World) -> None:
    world.context.settings = from_environment({**ENVIRONMENT, "LOCKSTEP_ORIGINS": "https://app.example"})
    with Client(api(world)) as client:
        for origin in ("https://app.example", "https://evil.example", "https://app.example.evil.example", "null"):
            answer = client.http.request("GET", "/health", headers={"Origin": origin})
            admitted = answer.headers.get("Access-Control-Allow-Origin")
            assert admitted == (origin if origin == "https://app.example" else None)
            assert answer.headers["Vary"] == "Origin"
            assert "Access-Control-Allow-Credentials" not in answer.headers
