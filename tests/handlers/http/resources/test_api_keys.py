"""Tests of the views of API keys."""

from tests.handlers.conftest import SignIn


def test_r35_only_the_creation_shows_the_secret_text_of_a_key(sign_in: SignIn) -> None:
    send = sign_in("Ada")
    made = send("POST", "/v1/api-keys", {"name": "  Wall\tcalendar ", "scope": "read"})
    assert made.status_code == 201
    key = made.json_body["apiKey"]
    assert (key["name"], key["scope"]) == ("Wall calendar", "read")
    assert key.pop("key").startswith("lockstep_")
    assert send("GET", "/v1/api-keys").json_body == {"apiKeys": [{**key, "lastUsed": None}]}


def test_r35_a_revoked_key_is_not_listed_and_can_be_revoked_again(sign_in: SignIn) -> None:
    send = sign_in("Ada")
    key_id = send("POST", "/v1/api-keys", {"name": "A script", "scope": "write"}).json_body["apiKey"]["apiKeyId"]
    assert [send("DELETE", f"/v1/api-keys/{key_id}").status_code for _ in range(2)] == [204, 204]
    assert send("GET", "/v1/api-keys").json_body == {"apiKeys": []}


def test_keys_are_listed_by_pages(sign_in: SignIn) -> None:
    send = sign_in("Ada")
    for name in ("one", "two", "three"):
        send("POST", "/v1/api-keys", {"name": name, "scope": "read"})
    first = send("GET", "/v1/api-keys?limit=2").json_body
    second = send("GET", f"/v1/api-keys?limit=2&cursor={first['nextCursor']}").json_body
    assert {key["name"] for key in first["apiKeys"] + second["apiKeys"]} == {"one", "two", "three"}
    assert "nextCursor" not in second


def test_an_unknown_scope_is_refused_with_its_field(sign_in: SignIn) -> None:
    answer = sign_in("Ada")("POST", "/v1/api-keys", {"name": "A script", "scope": "admin"})
    assert (answer.status_code, answer.json_body["field"]) == (422, "scope")
