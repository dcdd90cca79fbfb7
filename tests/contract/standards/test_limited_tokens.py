"""Clients whose tokens may do less than their member (R35)."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.client import ApiResponse, Client, Runner
from tests.contract.shapes import check_problem
from tests.contract.standards.key_set_server import AUDIENCE, KeySetServer, signed
from tests.handlers.issuer_keys import ELLIPTIC, published

pytestmark = pytest.mark.long

DASHBOARD = "dashboard"
READING = [
    {"scope": "openid lockstep:read"},
    {"scope": ["openid", "lockstep:read"]},
    {"scp": "lockstep.read"},
    {"scp": ["lockstep/read", "openid"]},
    {"aud": DASHBOARD},
    {"aud": [DASHBOARD, "another"], "scope": "lockstep:write lockstep:export"},
    {"aud": ..., "token_use": "access", "client_id": DASHBOARD},
]
WHOLE: list[dict[str, Any]] = [
    {},
    {"scope": "openid profile"},
    {"scope": "read write"},
    {"scope": "lockstep:reads xlockstep:read LOCKSTEP:READ lockstep-read"},
    {"scope": None, "scp": 7},
    {"scope": {"lockstep:read": True}},
    {"aud": [DASHBOARD, AUDIENCE]},
]


@pytest.fixture(scope="module")
def reading(own_engine: str) -> Iterator[Runner]:
    """A runner with a provider whose audience `dashboard` may only read."""
    keys = {"usual": {"keys": [published(ELLIPTIC, "one")]}}
    with (
        KeySetServer(keys) as server,
        Runner(own_engine, **server.settings(), LOCKSTEP_READ_AUDIENCE=f"{DASHBOARD},phone") as api,
    ):
        yield api


def member(api: Runner, subject: str, **changed: Any) -> Client:
    """Return a member with a token of these claims."""
    return Client(api, subject, "", signed("usual", ELLIPTIC, "ES256", {"kid": "one"}, sub=subject, **changed))


def requests(client: Client) -> dict[str, ApiResponse]:
    """Return the responses to one harmless request of each level of access."""
    return {
        "read": client.get("/v1/sessions", start="2030-01-01T00:00:00Z", end="2030-01-02T00:00:00Z"),
        "write": client.patch("/v1/me", {"quietMode": True}),
        "export": client.get("/v1/me/export"),
        "bearer only": client.get("/v1/api-keys"),
    }


def permitted(client: Client) -> set[str]:
    """Return the levels of access that a token has, and check that the others are forbidden."""
    responses = requests(client)
    for response in responses.values():
        if response.status != 200:
            check_problem(response, 403, "forbidden")
    return {level for level, response in responses.items() if response.status == 200}


@pytest.mark.parametrize("limits", READING)
def test_r35_a_read_only_client_reads_and_does_nothing_else(reading: Runner, limits: dict[str, Any]) -> None:
    """A dashboard gets a token of the member, and its operator is curious."""
    member(reading, "ada").get("/v1/me")
    assert permitted(member(reading, "ada", **limits)) == {"read"}


@pytest.mark.parametrize(
    ("scope", "levels"),
    [
        ("lockstep:write", {"read", "write"}),
        ("lockstep:export", {"read", "export"}),
        ("lockstep:read lockstep/write lockstep.export", {"read", "write", "export"}),
    ],
)
def test_r35_a_token_has_only_the_scopes_that_it_names(reading: Runner, scope: str, levels: set[str]) -> None:
    member(reading, "ada").get("/v1/me")
    assert permitted(member(reading, "ada", scope=scope)) == levels


@pytest.mark.parametrize("claims", WHOLE)
def test_r35_a_token_that_names_no_scope_of_ours_does_everything(reading: Runner, claims: dict[str, Any]) -> None:
    assert permitted(member(reading, "ben", **claims)) == {"read", "write", "export", "bearer only"}


def test_r31_a_read_only_client_creates_no_account(reading: Runner) -> None:
    """A dashboard refreshes its token after the member has deleted the account."""
    for limits in ({"aud": DASHBOARD}, {"scope": "lockstep:read"}, {"scope": "lockstep:export"}):
        check_problem(member(reading, "cy", **limits).get("/v1/me"), 401, "unauthenticated")
    assert member(reading, "cy", scope="lockstep:write").get("/v1/me").status == 200
    assert member(reading, "cy", aud=DASHBOARD).get("/v1/me").status == 200


def test_r35_a_token_for_another_audience_is_still_refused(reading: Runner) -> None:
    for audience in ("another", "", f"{DASHBOARD},phone", [f"{DASHBOARD} "]):
        check_problem(member(reading, "dee", aud=audience).get("/v1/me"), 401, "unauthenticated")
