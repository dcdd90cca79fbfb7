"""Tests of the views of push subscriptions (R43)."""

from typing import Any

import pytest

from chalicelib.channels.web_push import encoded, public_key
from tests.handlers.conftest import SignIn
from tests.harness import World

SUBSCRIPTIONS = "/v1/push-subscriptions"
KEYS = {"p256dh": public_key(b"\1" * 32), "auth": encoded(b"sixteen bytes...")}
BROWSER = {"endpoint": "https://push.example/send/1", "expirationTime": None, "keys": KEYS}
POINT = "must be a point of the curve P-256 in base64url, as the browser gives it"
SECRET = "must be 16 bytes in base64url, as the browser gives them"
ENDPOINT = "must be an https address of a push service"


def test_r43_a_browser_subscribes_is_listed_and_leaves(sign_in: SignIn) -> None:
    send = sign_in("Ada")
    made = send("POST", SUBSCRIPTIONS, BROWSER)
    assert made.status_code == 201
    shown = made.json_body["pushSubscription"]
    assert shown == {
        "pushSubscriptionId": shown["pushSubscriptionId"],
        "endpoint": "https://push.example/send/1",
        "createdAt": "2026-03-02T08:00:00+00:00",
        "expiresAt": None,
    }
    assert send("POST", SUBSCRIPTIONS, BROWSER).json_body == made.json_body
    assert send("GET", SUBSCRIPTIONS).json_body == {"pushSubscriptions": [shown]}
    path = f"{SUBSCRIPTIONS}/{shown['pushSubscriptionId']}"
    assert sign_in("Ben")("DELETE", path).status_code == 404
    assert [send("DELETE", path).status_code for _ in range(2)] == [204, 204]
    assert send("GET", SUBSCRIPTIONS).json_body == {"pushSubscriptions": []}


def test_r43_the_browsers_end_of_a_subscription_is_kept(world: World, sign_in: SignIn) -> None:
    later = int(world.now.timestamp() * 1000) + 3_600_123
    shown = sign_in("Ada")("POST", SUBSCRIPTIONS, {**BROWSER, "expirationTime": later}).json_body["pushSubscription"]
    assert shown["expiresAt"] == "2026-03-02T09:00:00+00:00"
    never = sign_in("Ada")("POST", SUBSCRIPTIONS, {**BROWSER, "expirationTime": 2**53 - 1}).json_body
    assert never["pushSubscription"]["expiresAt"] is None


@pytest.mark.parametrize(
    ("changed", "errors"),
    [
        ({"endpoint": "http://push.example/1"}, {"endpoint": ENDPOINT}),
        ({"endpoint": "https://127.0.0.1/1"}, {"endpoint": ENDPOINT}),
        ({"endpoint": "https://169.254.169.254/latest/meta-data"}, {"endpoint": ENDPOINT}),
        ({"endpoint": "https://[::1]/"}, {"endpoint": ENDPOINT}),
        ({"endpoint": "https://push.example:25/"}, {"endpoint": ENDPOINT}),
        ({"endpoint": ""}, {"endpoint": ENDPOINT}),
        ({"endpoint": 1}, {"endpoint": "must be a text"}),
        ({"endpoint": "https://push.example/" + "x" * 2000}, {"endpoint": ENDPOINT}),
        ({"keys": {**KEYS, "p256dh": "x"}}, {"keys.p256dh": POINT}),
        ({"keys": {"p256dh": "", "auth": "\u00e9"}}, {"keys.p256dh": POINT, "keys.auth": SECRET}),
        ({"keys": {}}, {"keys.p256dh": "is required", "keys.auth": "is required"}),
        ({"keys": {**KEYS, "more": 1}}, {"keys.more": "is not a known field"}),
        ({"keys": []}, {"keys": "must be a JSON object"}),
        ({"expirationTime": 0}, {"expirationTime": "must be in the future"}),
        ({"more": 1}, {"more": "is not a known field"}),
    ],
)
def test_r43_a_malformed_browser_is_refused_with_each_field(
    sign_in: SignIn, changed: dict[str, Any], errors: dict[str, str]
) -> None:
    answer = sign_in("Ada")("POST", SUBSCRIPTIONS, {**BROWSER, **changed})
    assert (answer.status_code, answer.json_body["code"]) == (422, "invalid_request")
    assert {error["field"]: error["detail"] for error in answer.json_body["errors"]} == errors


def test_r43_only_a_bearer_token_subscribes_a_browser(world: World, sign_in: SignIn) -> None:
    send = sign_in("Ada")
    key = send("POST", "/v1/api-keys", {"name": "A script", "scope": "write"}).json_body["apiKey"]["key"]
    refused = send("POST", SUBSCRIPTIONS, BROWSER, **{"X-API-KEY": key, "Authorization": ""})
    assert (refused.status_code, refused.json_body["code"]) == (403, "forbidden")
