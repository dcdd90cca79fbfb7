"""Attacks on the WebSocket of open pages, to read another member's events or to occupy the service (R43)."""

from contextlib import ExitStack, suppress
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.contract.client import Runner
from tests.contract.live_page import live, visiting

pytestmark = pytest.mark.long


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ({"token": "eyJhbGciOiJub25lIn0.e30."}, "unauthenticated"),
        ({"token": "a" * 20_000}, "unauthenticated"),
        ({"token": "ü\n"}, "unauthenticated"),
        ({"type": "ping"}, "unauthenticated"),
        ({"token": ["a"], "userId": "x"}, "invalid_request"),
        ("\x00", "malformed_json"),
        (["{" * 16_000] * 3, "too_large"),
        ("[" * 30_000, "malformed_json"),
    ],
)
def test_r43_a_stranger_gets_a_problem_and_is_disconnected(controlled: Runner, first: Any, code: str) -> None:
    with visiting(controlled) as page:
        page.say(first)
        assert page.hear()["code"] == code
        assert page.is_closed()


@pytest.mark.parametrize("first", [b"\x00" * 1000, "a" * (33 << 10), ["a" * (32 << 10)] * 5])
def test_r43_a_binary_or_giant_message_is_disconnected(controlled: Runner, first: Any) -> None:
    with visiting(controlled) as page:
        # The service may close the connection before the last part.
        with suppress(ConnectionClosed):
            page.say(first)
        assert page.is_closed()


def test_r43_a_page_of_another_origin_cannot_connect(controlled: Runner) -> None:
    for origin in ("https://evil.example", "null"):
        with pytest.raises(InvalidStatus) as refused, visiting(controlled, origin=origin):
            pass
        assert refused.value.response.status_code == 403
    with visiting(controlled, origin=controlled.base):
        pass


def test_r43_an_api_key_or_the_id_of_a_member_opens_no_connection(controlled: Runner) -> None:
    ada = controlled.sign_in("Ada")
    key = ada.post("/v1/api-keys", {"name": "A script", "scope": "write"}).json["apiKey"]["key"]
    for token in (key, ada.user_id):
        with visiting(controlled) as page:
            page.say({"token": token})
            assert page.hear()["code"] == "unauthenticated"


def test_r43_the_second_member_of_a_connection_gets_no_event_of_the_first(controlled: Runner) -> None:
    ada, eve = controlled.sign_in_all("Ada", "Eve")
    with live(ada) as stolen:
        stolen.say({"token": eve.token})
        assert stolen.hear()["code"] == "forbidden"
        assert stolen.is_closed()
    with live(eve) as eves:
        ada.book(controlled.slots.far())
        eve.book(controlled.slots.far())
        event = eves.hear()
        assert event["data"]["session"]["users"][0]["userId"] == eve.user_id


def test_r10_a_block_looks_on_an_open_page_like_a_cancel(controlled: Runner) -> None:
    ada, ben, cy = controlled.sign_in_all("Ada", "Ben", "Cy")
    seen = []
    for partner, leave in ((ben, "cancel"), (cy, "block")):
        slot = controlled.slots.near()
        with live(partner) as page:
            partner.book(slot)
            session = ada.lock(partner, slot)
            page.kinds(2)
            if leave == "cancel":
                ada.cancel(session["sessionId"])
            else:
                ada.set_relation("block", partner)
            event = page.hear()
            # Nothing follows: the next message is about another session.
            partner.book(controlled.slots.far())
            assert page.kinds(1) == ["session.booked"]
        shown = event["data"]["session"]
        seen.append((event["type"], event["data"].keys(), shown["state"], len(shown["users"]), shown.keys()))
    assert seen[0] == seen[1]


def test_r36_many_silent_connections_delay_no_request(controlled: Runner) -> None:
    ada = controlled.sign_in("Ada")
    with ExitStack() as strangers:
        for _ in range(200):
            strangers.enter_context(visiting(controlled))
        with live(ada) as page:
            ada.book(controlled.slots.far())
            assert page.kinds(1) == ["session.booked"]


def test_r43_the_management_api_of_the_local_run_knows_no_invented_connection(controlled: Runner) -> None:
    for method in ("GET", "POST", "DELETE"):
        assert controlled.raw(method, "/dev/@connections/invented", {}).status == 410
