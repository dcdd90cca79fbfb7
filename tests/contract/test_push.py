"""Push messages of a running service, decrypted as by a browser (R43)."""

import json
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from chalicelib.channels.web_push import decoded, encoded, public_key
from tests.contract.client import Client, Runner
from tests.infra.poll import until

# The tests wait for the stream and the queue.
pytestmark = pytest.mark.long

SUBSCRIPTIONS = "/v1/push-subscriptions"
SCALAR = 777
KEY = ec.derive_private_key(SCALAR, ec.SECP256R1())
AUTH = b"sixteen bytes..."
# The derivation of a key adds 1 to the scalar.
KEYS = {"p256dh": public_key((SCALAR - 1).to_bytes(32)), "auth": encoded(AUTH)}


def answer_with(runner: Runner, status: int) -> None:
    body = json.dumps({"status": status}).encode()
    assert runner.request("PUT", "/dev/sink", body=body, headers={"Content-Type": "application/json"}).status == 200


@pytest.fixture
def sink(controlled: Runner) -> Iterator[Runner]:
    """The runner whose sink a test may let fail."""
    yield controlled
    answer_with(controlled, 204)


def subscribe(member: Client, endpoint: str) -> None:
    response = member.post(SUBSCRIPTIONS, {"endpoint": endpoint, "expirationTime": None, "keys": KEYS})
    assert response.status == 201, response


def posts(runner: Runner, endpoint: str) -> list[dict[str, Any]]:
    """Return the requests to an endpoint, newest first."""
    return [post for post in runner.request("GET", "/dev/sink").json["posts"] if post["url"] == endpoint]


def shown(post: dict[str, Any]) -> dict[str, Any]:
    body = b64decode(post["bodyBase64"])
    return json.loads(http_ece.decrypt(body, private_key=KEY, auth_secret=AUTH, version="aes128gcm"))


def test_r43_a_browser_shows_that_a_partner_was_found_and_cancelled(sink: Runner) -> None:
    endpoint = "https://push.example/send/ada"
    ada, ben = sink.sign_in_all("Ada", "Ben")
    subscribe(ada, endpoint)
    slot = sink.slots.near()
    session = ada.book(slot, title="Thesis")
    other = ben.book(slot)
    until(lambda: len(posts(sink, endpoint)) == 1)
    assert ben.delete(f"/v1/sessions/{other['sessionId']}").status == 204
    until(lambda: len(posts(sink, endpoint)) == 2)
    cancelled, matched = posts(sink, endpoint)
    listed = {event["id"]: event for event in ada.get("/v1/events").json["events"]}
    for post, title in ((matched, "You have a partner"), (cancelled, "Your partner cancelled")):
        message = shown(post)
        event = listed[message["id"]]
        assert (message["type"], message["timestamp"], message["title"]) == (event["type"], event["timestamp"], title)
        assert message["data"] == {name: event["data"][name] for name in ("startTime", "duration", "sessionId")}
        assert message["url"] == f"{sink.base}/?session={session['sessionId']}"
    assert "with \u2068Ben\u2069" in shown(matched)["body"]
    assert matched["headers"]["Topic"] == cancelled["headers"]["Topic"]
    key = sink.request("GET", "/v1/config").json["vapidPublicKey"]
    assert matched["headers"]["Authorization"].endswith(f"k={key}")
    assert len(decoded(key)) == 65


def test_r43_a_browser_that_its_push_service_no_longer_knows_is_removed(sink: Runner) -> None:
    endpoint = "https://push.example/send/gone"
    ada = sink.sign_in("Ada")
    assert ada.patch("/v1/me/notices", {"push": {"kinds": ["session.booked"]}}).status == 200
    subscribe(ada, endpoint)
    answer_with(sink, 410)
    ada.book(sink.slots.near())
    until(lambda: ada.get(SUBSCRIPTIONS).json == {"pushSubscriptions": []})
    assert len(posts(sink, endpoint)) == 1


def test_r43_an_unwanted_kind_is_not_pushed(sink: Runner) -> None:
    wanted, endpoint = "https://push.example/send/wanted", "https://push.example/send/none"
    ada, ben = sink.sign_in_all("Ada", "Ben")
    for member, kinds, address in ((ada, [], endpoint), (ben, ["session.booked"], wanted)):
        assert member.patch("/v1/me/notices", {"push": {"kinds": kinds}}).status == 200
        subscribe(member, address)
        member.book(sink.slots.far())
    # Ben's later event is sent, and so Ada's would be.
    until(lambda: posts(sink, wanted))
    assert posts(sink, endpoint) == []
