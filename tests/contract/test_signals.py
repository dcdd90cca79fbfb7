"""Signals between the pages of a pair, over the WebSocket of the local run (R41)."""

from contextlib import ExitStack
from typing import Any

import pytest

from tests.contract.client import Client, Runner
from tests.contract.live_page import LivePage, live

# These tests travel in time and wait for queues.
pytestmark = pytest.mark.long


def signal(session: Any, data: Any) -> dict[str, Any]:
    return {"type": "signal", "sessionId": session["sessionId"], "data": data}


def answer_to(page: LivePage, message: Any) -> Any:
    """Send a message, and return its answer. Events may arrive before it."""
    page.say(message)
    while True:
        heard = page.hear()
        if heard["type"] == "signalled" or "code" in heard:
            return heard


def next_signal(page: LivePage) -> Any:
    """Wait for the next signal, and return it."""
    while True:
        heard = page.hear()
        if heard["type"] == "signal":
            return heard


def join(member: Client, session: Any) -> None:
    assert member.post(f"/v1/sessions/{session['sessionId']}/join", {}).status == 200


def test_r41_the_pages_of_a_pair_exchange_signals_and_a_third_one_gets_none(controlled: Runner) -> None:
    ada, ben, eve = controlled.sign_in_all("Ada", "Ben", "Eve")
    slot = controlled.slots.near()
    of_ben = ben.book(slot)
    of_ada = ada.lock(ben, slot)
    controlled.travel(slot.start)
    join(ada, of_ada)
    join(ben, of_ben)
    with ExitStack() as pages:
        adas, bens, eves = (pages.enter_context(live(one)) for one in (ada, ben, eve))
        assert answer_to(adas, signal(of_ada, {"kind": "hello"})) == {
            "type": "signalled",
            "sessionId": of_ada["sessionId"],
            "reached": True,
        }
        assert next_signal(bens) == signal(of_ben, {"kind": "hello"})
        assert answer_to(bens, signal(of_ben, {"kind": "description"}))["reached"] is True
        assert next_signal(adas) == signal(of_ada, {"kind": "description"})
        for session in (of_ada, of_ben):
            assert answer_to(eves, signal(session, {"kind": "hello"}))["code"] == "not_found"
        # The refused pages stay open, and what arrives next at the others is not from the third one.
        eves.say({"type": "ping"})
        assert eves.kinds(1) == ["pong"]
        answer_to(adas, signal(of_ada, {"kind": "bye"}))
        assert next_signal(bens)["data"] == {"kind": "bye"}
        controlled.travel(slot.after(minutes=60))
        assert answer_to(adas, signal(of_ada, {}))["code"] == "too_late"
        controlled.travel(slot.before(minutes=10, seconds=1))
        assert answer_to(adas, signal(of_ada, {}))["code"] == "not_available"
