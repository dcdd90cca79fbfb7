"""The routes of webhooks (R43)."""

from typing import Any

import pytest

from chalicelib.domain.model.event import EventKind
from tests.handlers.conftest import SignIn
from tests.harness import MONDAY, World

URL = "https://hooks.example/in?key=1"
ALL_KINDS = [kind.value for kind in EventKind]
NOW = MONDAY.isoformat()


def test_r43_a_webhook_is_created_with_its_secret_and_listed_without(sign_in: SignIn) -> None:
    send = sign_in("Ada")
    made = send("POST", "/v1/webhooks", {"url": URL, "kinds": ["session.matched", "session.booked"]})
    assert made.status_code == 201
    webhook = made.json_body["webhook"]
    secret, hook = webhook.pop("secret"), webhook["webhookId"]
    assert secret.startswith("whsec_")
    assert made.headers["Location"] == f"/v1/webhooks/{hook}"
    assert webhook == {
        "webhookId": hook,
        "url": URL,
        "kinds": ["session.booked", "session.matched"],
        "enabled": True,
        "disabledAt": None,
        "failingSince": None,
    }
    assert send("GET", "/v1/webhooks").json_body == {"webhooks": [webhook]}
    assert send("GET", f"/v1/webhooks/{hook}").json_body == {"webhook": webhook}
    other = send("POST", "/v1/webhooks", {"url": URL}).json_body["webhook"]
    assert other["kinds"] == ALL_KINDS
    assert other["secret"] != secret


def test_r43_a_change_keeps_what_is_left_out(sign_in: SignIn) -> None:
    send = sign_in("Ada")
    webhook = send("POST", "/v1/webhooks", {"url": URL, "kinds": ["session.booked"]}).json_body["webhook"]
    del webhook["secret"]
    path = f"/v1/webhooks/{webhook['webhookId']}"
    for body, changed in (
        ({}, {}),
        ({"enabled": True}, {}),
        ({"enabled": False}, {"enabled": False, "disabledAt": NOW}),
        ({"kinds": []}, {"kinds": []}),
        ({"enabled": True}, {"enabled": True, "disabledAt": None}),
        ({"url": "https://other.example/"}, {"url": "https://other.example/"}),
        ({"kinds": ["favorite.available"]}, {"kinds": ["favorite.available"]}),
    ):
        webhook |= changed
        answer = send("PATCH", path, body)
        assert (answer.status_code, answer.json_body) == (200, {"webhook": webhook})
    assert send("GET", path).json_body == {"webhook": webhook}
    assert [send("DELETE", path).status_code for _ in range(2)] == [204, 204]
    assert [send(method, path, body).status_code for method, body in (("GET", None), ("PATCH", {}))] == [404, 404]
    assert send("GET", "/v1/webhooks").json_body == {"webhooks": []}


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["url"]),
        ({"url": 5}, ["url"]),
        ({"url": None}, ["url"]),
        ({"url": ""}, ["url"]),
        ({"url": "http://hooks.example/"}, ["url"]),
        ({"url": "https://127.0.0.1/"}, ["url"]),
        ({"url": "https://[::1]/"}, ["url"]),
        ({"url": "https://localhost/"}, ["url"]),
        ({"url": "https://169.254.169.254/latest/meta-data/"}, ["url"]),
        ({"url": "https://hooks.example:25/"}, ["url"]),
        ({"url": "https://a:b@hooks.example/"}, ["url"]),
        ({"url": "https://hooks.example/" + "a" * 2000}, ["url"]),
        ({"url": URL, "kinds": "session.booked"}, ["kinds"]),
        ({"url": URL, "kinds": None}, ["kinds"]),
        ({"url": URL, "kinds": [5]}, ["kinds"]),
        ({"url": URL, "kinds": ["webhook.test"]}, ["kinds"]),
        ({"url": URL, "kinds": ["\ud800"]}, ["kinds"]),
        ({"url": "x", "kinds": ["x"], "secret": "whsec_"}, ["kinds", "secret", "url"]),
    ],
)
def test_r43_every_invalid_field_is_named(sign_in: SignIn, body: Any, fields: list[str]) -> None:
    send = sign_in("Ada")
    answer = send("POST", "/v1/webhooks", body)
    assert (answer.status_code, answer.json_body["code"]) == (422, "invalid_request")
    assert sorted(error["field"] for error in answer.json_body["errors"]) == fields
    assert send("GET", "/v1/webhooks").json_body == {"webhooks": []}


def test_r43_an_unpaired_surrogate_in_the_kinds_of_a_change_is_refused(sign_in: SignIn) -> None:
    send = sign_in("Ada")
    made = send("POST", "/v1/webhooks", {"url": URL}).json_body["webhook"]
    answer = send("PATCH", f"/v1/webhooks/{made['webhookId']}", {"kinds": ["\udfff"]})
    assert (answer.status_code, answer.json_body["field"]) == (422, "kinds")


def test_r43_a_change_to_a_private_address_is_refused(sign_in: SignIn) -> None:
    send = sign_in("Ada")
    hook = send("POST", "/v1/webhooks", {"url": URL}).json_body["webhook"]["webhookId"]
    for body, field in (({"url": "https://10.0.0.1/"}, "url"), ({"url": None}, "url"), ({"enabled": None}, "enabled")):
        answer = send("PATCH", f"/v1/webhooks/{hook}", body)
        assert (answer.status_code, answer.json_body["field"]) == (422, field)
    assert send("GET", f"/v1/webhooks/{hook}").json_body["webhook"]["url"] == URL


def test_r43_a_requested_test_is_listed_and_can_be_repeated(sign_in: SignIn) -> None:
    send = sign_in("Ada")
    hook = send("POST", "/v1/webhooks", {"url": URL}).json_body["webhook"]["webhookId"]
    path = f"/v1/webhooks/{hook}"
    assert send("GET", f"{path}/deliveries").json_body == {"deliveries": []}
    tested = send("POST", f"{path}/test")
    delivery = tested.json_body["delivery"]
    assert tested.status_code == 200
    assert delivery == {
        "eventId": delivery["eventId"],
        "type": "webhook.test",
        "at": NOW,
        "attempt": 0,
        "delivered": False,
        "status": None,
        "reason": None,
        "nextAttempt": NOW,
    }
    assert send("GET", f"{path}/deliveries").json_body == {"deliveries": [delivery]}
    again = send("POST", f"{path}/deliveries/{delivery['eventId']}")
    assert (again.status_code, again.json_body) == (200, {"delivery": delivery})
    assert send("POST", f"{path}/deliveries/evt_none").status_code == 404


def test_r43_another_members_webhook_is_not_found(sign_in: SignIn, world: World) -> None:
    hook = sign_in("Ada")("POST", "/v1/webhooks", {"url": URL}).json_body["webhook"]["webhookId"]
    send = sign_in("Ben")
    path = f"/v1/webhooks/{hook}"
    calls = [("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/test"), ("GET", "/deliveries")]
    for method, end in [*calls, ("POST", "/deliveries/evt_1")]:
        answer = send(method, path + end, {} if method == "PATCH" else None)
        assert (answer.status_code, answer.json_body["code"]) == (404, "not_found")
