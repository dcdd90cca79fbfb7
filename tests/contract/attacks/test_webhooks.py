"""Attacks by webhooks into private networks, for lasting exports, and for growth without a limit (R43)."""

import json
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from tests.contract.client import Client, Runner
from tests.contract.shapes import check_problem
from tests.contract.test_api_keys import create_key
from tests.infra.poll import until

# These call a running service, and most wait for its stream and queue. The tests of the resource are quick.
pytestmark = pytest.mark.long

WEBHOOKS = "/v1/webhooks"
URL = "https://hooks.example/in?secret=hunter2"
PRIVATE = [
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://localhost/",
    "https://localhost./",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://192.168.0.1/",
    "https://169.254.169.254/latest/meta-data/iam/security-credentials/",
    "https://metadata.google.internal/",
    "https://100.100.100.200/",
    "https://192.0.0.192/",
    "https://0.0.0.0/",
    "https://[::1]/",
    "https://[::]/",
    "https://[fd00:ec2::254]/",
    "https://[fe80::1]/",
    "https://[::ffff:169.254.169.254]/",
    "https://[64:ff9b::a9fe:a9fe]/",
    "https://[2002:a9fe:a9fe::]/",
    "https://printer.local/",
    "http://hooks.example/",
    "ftp://hooks.example/",
    "https://hooks.example:22/",
    "https://user:password@hooks.example/",
    "https://hooks.example@127.0.0.1/",
    "https://hooks.example\\@127.0.0.1/",
    "https://hooks.example/\r\nHost: 127.0.0.1",
    "https://127.0.0.1\u3002nip.example@/",
    "https://\u2460\u2461\u2466.0.0.1/",
    "//hooks.example/",
    "javascript:alert(1)",
]


def make_webhook(member: Client, **changed: Any) -> dict[str, Any]:
    response = member.post(WEBHOOKS, {"url": URL, **changed})
    assert response.status == 201, response
    return response.json["webhook"]


def posts(runner: Runner, *, to: str = URL) -> list[dict[str, Any]]:
    """Return the requests to an address, oldest first."""
    found = runner.request("GET", "/dev/sink").json["posts"]
    return [post for post in reversed(found) if post["url"] == to]


def address_of(member: Client) -> str:
    """Return an address that no other test uses."""
    return f"https://hooks.example/{member.user_id}"


def test_r43_no_address_into_a_private_network_is_stored(controlled: Runner) -> None:
    ada = controlled.sign_in("Ada")
    hook = make_webhook(ada)
    for url in PRIVATE:
        check_problem(ada.post(WEBHOOKS, {"url": url}), 422, "invalid_request", "url")
        check_problem(ada.patch(f"{WEBHOOKS}/{hook['webhookId']}", {"url": url}), 422, "invalid_request", "url")
    assert [one["url"] for one in ada.get(WEBHOOKS).json["webhooks"]] == [URL]


def test_r43_a_stolen_key_makes_no_lasting_export(controlled: Runner) -> None:
    """A webhook would outlive the key that made it."""
    ada = controlled.sign_in("Ada")
    hook = make_webhook(ada)["webhookId"]
    for scope in ("read", "write", "export"):
        headers = {"X-API-KEY": create_key(ada, scope)["key"], "Content-Type": "application/json"}
        for method, path, body in (
            ("POST", WEBHOOKS, {"url": URL}),
            ("GET", WEBHOOKS, None),
            ("PATCH", f"{WEBHOOKS}/{hook}", {"url": "https://evil.example/"}),
            ("DELETE", f"{WEBHOOKS}/{hook}", None),
            ("POST", f"{WEBHOOKS}/{hook}/test", None),
        ):
            payload = None if body is None else json.dumps(body).encode()
            check_problem(controlled.request(method, path, headers=headers, body=payload), 403, "forbidden")


def test_r36_a_member_has_at_most_ten_webhooks(controlled: Runner) -> None:
    ada = controlled.sign_in("Ada")
    for _ in range(10):
        make_webhook(ada)
    check_problem(ada.post(WEBHOOKS, {"url": URL}), 422, "invalid_request")
    assert len(ada.get(WEBHOOKS).json["webhooks"]) == 10


def test_r43_an_event_reaches_only_its_members_webhook_signed_and_without_a_room(controlled: Runner) -> None:
    ada, ben = controlled.sign_in_all("Ada", "Ben")
    hooks = {member.user_id: make_webhook(member, url=address_of(member)) for member in (ada, ben)}
    slot = controlled.slots.near()
    ada.book(slot, title="Secret plan")
    ben.book(slot)
    for member in (ada, ben):
        until(lambda member=member: len(posts(controlled, to=address_of(member))) >= 2)
        received = posts(controlled, to=address_of(member))
        for post in received:
            Webhook(hooks[member.user_id]["secret"]).verify(post["body"], post["headers"])
            assert "roomUrl" not in post["body"].replace('"roomUrl":null', "")
        kinds = {json.loads(post["body"])["type"] for post in received}
        assert kinds == {"session.booked", "session.matched"}
    # Titles are private to their owner (R34).
    assert all("Secret plan" not in post["body"] for post in posts(controlled, to=address_of(ben)))
    listed = {event["id"] for event in ada.get("/v1/events").json["events"]}
    assert {post["headers"]["webhook-id"] for post in posts(controlled, to=address_of(ada))} == listed


def test_r33_a_deleted_account_or_webhook_gets_nothing_more(controlled: Runner) -> None:
    ada, ben, cy = controlled.sign_in_all("Ada", "Ben", "Cy")
    hook = make_webhook(ada, url=address_of(ada))["webhookId"]
    make_webhook(ben, url=address_of(ben))
    make_webhook(cy, url=address_of(cy))
    controlled.stream(enabled=False)
    slot = controlled.slots.near()
    for member in (ada, ben, cy):
        member.book(slot)
    assert ada.delete(f"{WEBHOOKS}/{hook}").status == 204
    assert ben.delete("/v1/me").status == 204
    controlled.stream(enabled=True)
    until(lambda: posts(controlled, to=address_of(cy)))
    assert (posts(controlled, to=address_of(ada)), posts(controlled, to=address_of(ben))) == ([], [])


def test_r43_the_log_has_ids_and_no_address() -> None:
    # On an engine of its own: another runner on the same one could take the message from the queue.
    with Runner(log="info") as runner:
        ada = runner.sign_in("Ada")
        hook = make_webhook(ada, url=f"{address_of(ada)}?secret=hunter2")
        test = ada.post(f"{WEBHOOKS}/{hook['webhookId']}/test", {}).json["delivery"]
        until(lambda: posts(runner, to=hook["url"]) and test["eventId"] in runner.output())
        for text in ("hunter2", "hooks.example", hook["secret"]):
            assert text not in runner.output()
