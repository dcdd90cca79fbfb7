"""`/v1/api-keys`, and `X-API-KEY` instead of a bearer token (R35)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.contract.client import ApiResponse, Client, Runner
from tests.contract.shapes import check_problem
from tests.contract.slots import Slots, text_of


def create_key(member: Client, scope: str) -> dict[str, Any]:
    response = member.post("/v1/api-keys", {"name": "My script", "scope": scope})
    assert response.status == 201, response
    return response.json["apiKey"]


def request_with_key(api: Runner, key: str, method: str, path: str, **more: Any) -> ApiResponse:
    return api.request(method, path, headers={"X-API-KEY": key}, **more)


def test_r35_the_secret_of_a_key_is_shown_once_and_never_listed(api: Runner, ada: Client) -> None:
    key = create_key(ada, "read")
    assert set(key) == {"apiKeyId", "name", "scope", "expiresAt", "key"}
    listed = {"apiKeyId": key["apiKeyId"], "name": "My script", "scope": "read", "expiresAt": None, "lastUsed": None}
    assert ada.get("/v1/api-keys").json == {"apiKeys": [listed]}
    request_with_key(api, key["key"], "GET", "/v1/me")
    today = datetime.now(UTC).date().isoformat()
    assert ada.get("/v1/api-keys").json == {"apiKeys": [{**listed, "lastUsed": today}]}
    for _ in range(2):
        assert ada.delete(f"/v1/api-keys/{key['apiKeyId']}").status == 204
    assert ada.get("/v1/api-keys").json == {"apiKeys": []}
    check_problem(request_with_key(api, key["key"], "GET", "/v1/me"), 401, "unauthenticated")


@pytest.mark.parametrize("header", ["X-API-KEY", "x-api-key", "X-Api-Key"])
def test_r35_a_key_reads_what_a_token_reads(api: Runner, ada: Client, slots: Slots, header: str) -> None:
    slot = slots.far()
    session = ada.book(slot)
    range_ = {"start": slot.text, "end": text_of(slot.after(hours=1))}
    response = api.request("GET", "/v1/sessions", headers={header: create_key(ada, "read")["key"]}, query=range_)
    assert response.json == {"sessions": [session]}


def test_r35_whitespace_around_a_key_is_ignored(api: Runner, ada: Client) -> None:
    assert (
        request_with_key(api, f" \t{create_key(ada, 'read')['key']} \t", "GET", "/v1/me").json == ada.get("/v1/me").json
    )


def test_r35_a_key_writes_only_with_the_write_scope(api: Runner, ada: Client, slots: Slots) -> None:
    read, write = create_key(ada, "read")["key"], create_key(ada, "write")["key"]
    path = f"/v1/sessions/{ada.book(slots.far())['sessionId']}"
    check_problem(request_with_key(api, read, "DELETE", path), 403, "forbidden")
    assert request_with_key(api, write, "DELETE", path).status == 204
    for method, forbidden in (("GET", "/v1/api-keys"), ("DELETE", "/v1/me")):
        check_problem(request_with_key(api, write, method, forbidden), 403, "forbidden")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"scope": "read"}, "name"),
        ({"name": "x"}, "scope"),
        ({"name": "x", "scope": "admin"}, "scope"),
        ({"name": "", "scope": "read"}, "name"),
        ({"name": "x" * 81, "scope": "read"}, "name"),
        ({"name": "a\x00b", "scope": "read"}, "name"),
        ({"name": "x", "scope": "read", "owner": "other"}, "owner"),
    ],
)
def test_r35_a_key_needs_a_name_and_a_scope(ada: Client, body: dict[str, str], field: str) -> None:
    check_problem(ada.post("/v1/api-keys", body), 422, "invalid_request", field)
    assert ada.get("/v1/api-keys").json == {"apiKeys": []}
