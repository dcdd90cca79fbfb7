"""Attacks with an API key that a member gave away, lost or revoked (R35)."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.contract.client import ApiResponse, Client, Runner, Service
from tests.contract.shapes import check_problem
from tests.contract.slots import Slots, text_of

PRIVATE = ("/v1/me/export", "/v1/people")


def create_key(member: Client, scope: str, **fields: Any) -> dict[str, Any]:
    response = member.post("/v1/api-keys", {"name": "My script", "scope": scope, **fields})
    assert response.status == 201, response
    return response.json["apiKey"]


def call(api: Service, key: dict[str, Any], method: str, path: str, payload: Any = None) -> ApiResponse:
    """Send a request with an API key."""
    headers = {"X-API-KEY": key["key"]} | ({"Content-Type": "application/json"} if payload is not None else {})
    return api.request(method, path, headers=headers, body=None if payload is None else json.dumps(payload).encode())


def make_link(api: Service, key: dict[str, Any], **limits: Any) -> dict[str, Any]:
    response = call(api, key, "POST", "/v1/invite-links", limits)
    assert response.status == 201, response
    return response.json["inviteLink"]


def opened(api: Service, link: dict[str, Any]) -> ApiResponse:
    """Open an invite link as a stranger."""
    return api.request("GET", link["url"].removeprefix(api.base))


@pytest.mark.parametrize("scope", ["read", "write"])
@pytest.mark.parametrize("path", PRIVATE)
def test_r35_a_calendar_script_reads_neither_the_export_nor_the_blocks(
    api: Runner, ada: Client, scope: str, path: str
) -> None:
    """The operator of a calendar script reads who the member blocked, and all of the history."""
    check_problem(call(api, create_key(ada, scope), "GET", path), 403, "forbidden")


@pytest.mark.parametrize("path", PRIVATE)
def test_r35_a_key_with_the_scope_export_exports_and_writes_nothing(api: Runner, ada: Client, path: str) -> None:
    key = create_key(ada, "export")
    exported = call(api, key, "GET", path)
    assert exported.status == 200
    assert call(api, key, "GET", "/v1/me").json == ada.get("/v1/me").json
    check_problem(call(api, key, "PATCH", "/v1/me", {"quietMode": True}), 403, "forbidden")
    check_problem(call(api, key, "POST", "/v1/invite-links", {}), 403, "forbidden")


def test_r35_an_expired_key_is_refused_like_an_unknown_one(controlled: Runner) -> None:
    """A key that was meant for one day is found in an old backup."""
    ada = controlled.sign_in("Ada")
    now = datetime.now(UTC).replace(microsecond=0)
    controlled.travel(now)
    expires = text_of(now + timedelta(days=1))
    key = create_key(ada, "write", expiresAt=expires)
    assert key["expiresAt"] == expires
    assert call(controlled, key, "GET", "/v1/me").status == 200
    controlled.travel(now + timedelta(days=1))
    refused = call(controlled, key, "GET", "/v1/me")
    check_problem(refused, 401, "unauthenticated")
    unknown = call(controlled, {"key": f"lockstep_{'0' * 26}"}, "GET", "/v1/me")
    assert refused.without_instance == unknown.without_instance
    (listed,) = ada.get("/v1/api-keys").json["apiKeys"]
    assert listed["expiresAt"] == expires


@pytest.mark.parametrize("expires", ["2020-01-01T00:00:00Z", "soon", 5, ""])
def test_r35_the_expiry_of_a_key_is_a_future_instant(ada: Client, expires: Any) -> None:
    body = {"name": "My script", "scope": "read", "expiresAt": expires}
    check_problem(ada.post("/v1/api-keys", body), 422, "invalid_request", "expiresAt")
    assert ada.get("/v1/api-keys").json == {"apiKeys": []}


def test_r35_a_link_dies_with_the_revoked_key_that_made_it(api: Runner, ada: Client, slots: Slots) -> None:
    """A stolen key makes invite links, with which its thief books after the key is revoked."""
    ada.book(slots.far())
    stolen, other = create_key(ada, "write"), create_key(ada, "write")
    made = [make_link(api, stolen) for _ in range(2)]
    kept = [make_link(api, other), ada.post("/v1/invite-links", {}).json["inviteLink"]]
    assert [opened(api, link).status for link in made + kept] == [200] * 4
    assert ada.delete(f"/v1/api-keys/{stolen['apiKeyId']}").status == 204
    for link in made:
        check_problem(opened(api, link), 404, "invite_unavailable")
    assert [opened(api, link).status for link in kept] == [200] * 2
    listed = ada.get("/v1/invite-links").json["inviteLinks"]
    assert {link["inviteLinkId"] for link in listed} == {link["inviteLinkId"] for link in kept}


def test_r35_a_link_dies_with_the_expired_key_that_made_it(controlled: Runner) -> None:
    """A key of one day makes a link for ever."""
    ada = controlled.sign_in("Ada")
    now = datetime.now(UTC).replace(microsecond=0)
    controlled.travel(now)
    in_two_hours, tomorrow = text_of(now + timedelta(hours=2)), text_of(now + timedelta(days=1))
    key = create_key(ada, "write", expiresAt=tomorrow)
    links = [make_link(controlled, key, **limits) for limits in ({}, {"expiresAt": text_of(now + timedelta(days=9))})]
    assert [link["expiresAt"] for link in links] == [tomorrow] * 2
    assert make_link(controlled, key, expiresAt=in_two_hours)["expiresAt"] == in_two_hours
    assert [opened(controlled, link).status for link in links] == [200] * 2
    controlled.travel(now + timedelta(days=1))
    for link in links:
        check_problem(opened(controlled, link), 404, "invite_unavailable")


def test_r35_the_log_names_the_key_of_a_request(api: Runner, ada: Client) -> None:
    """A key is misused, and the log says only whose it is, so that every program stops."""
    first, second = (create_key(ada, "read") for _ in range(2))
    for key in (first, second):
        call(api, key, "GET", "/v1/me")
        check_problem(call(api, key, "DELETE", "/v1/me"), 403, "forbidden")
    lines = (json.loads(line.partition(" service: ")[2]) for line in api.output().splitlines() if " service: " in line)
    named = [(line["key"], line["route"]) for line in lines if line.get("member") == ada.user_id and "key" in line]
    assert named == [(key["apiKeyId"], route) for key in (first, second) for route in ("GET /v1/me", "DELETE /v1/me")]


def test_r35_a_member_sees_which_credentials_were_used(api: Runner, ada: Client) -> None:
    """A thief reads with a stolen key for weeks, and the member sees no more than the date of its last use."""
    key, unused = create_key(ada, "write"), create_key(ada, "read")
    call(api, key, "GET", "/v1/me")
    call(api, key, "PATCH", "/v1/me", {"quietMode": True})
    check_problem(call(api, key, "GET", "/v1/people"), 403, "forbidden")
    today = datetime.now(UTC).date().isoformat()
    response = ada.get("/v1/me/access")
    assert response.status == 200
    assert response.json == {
        "uses": [
            {"credential": "browser", "name": None, "day": today, "kinds": ["read", "account"]},
            {"credential": key["apiKeyId"], "name": "My script", "day": today, "kinds": ["read", "write"]},
        ]
    }
    for used in (key, unused):
        check_problem(call(api, used, "GET", "/v1/me/access"), 403, "forbidden")
