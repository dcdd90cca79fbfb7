"""`GET /v1/events`, from the commit of a change to the response (R42)."""

from typing import Any

import pytest

from tests.contract.client import Client, Runner
from tests.contract.shapes import check_problem, check_session
from tests.contract.slots import Slots, text_of
from tests.infra.poll import until


def events_of(client: Client, after: str | None = None) -> list[dict[str, Any]]:
    """Return all events of a client, read page by page."""
    found: list[dict[str, Any]] = []
    cursor = {"after": after} if after else {}
    while True:
        response = client.get("/v1/events", **cursor)
        assert response.status == 200, response
        if not response.json["events"]:
            return found
        found += response.json["events"]
        cursor = {"after": response.json["nextCursor"]}


def kinds_of(client: Client) -> list[str]:
    return [event["type"].removeprefix("session.") for event in events_of(client)]


def wait_for(client: Client, *kinds: str) -> list[dict[str, Any]]:
    """Wait until the client has events of exactly these kinds, and return them."""
    until(lambda: len(kinds_of(client)) >= len(kinds))
    assert kinds_of(client) == list(kinds)
    return events_of(client)


def test_r42_two_members_learn_each_change_of_their_sessions_in_order(ada: Client, ben: Client, slots: Slots) -> None:
    slot = slots.near()
    session = ada.book(slot, title="My thesis")
    ben.book(slot)
    ada.cancel(session["sessionId"])
    events = wait_for(ada, "booked", "matched", "cancelled")
    wait_for(ben, "booked", "matched", "partner_cancelled")
    shown = ada.session(session["sessionId"])
    for event in events:
        assert set(event) == {"id", "type", "timestamp", "data"}
        assert event["data"] == {
            "startTime": slot.text,
            "duration": 3_000_000,
            "sessionId": session["sessionId"],
            "session": {**shown, "roomUrl": None},
        }
        check_session(event["data"]["session"])
    assert len({event["id"] for event in events}) == 3
    assert shown["users"][0]["requestedAt"] <= events[0]["timestamp"] <= events[1]["timestamp"]


@pytest.mark.long  # Waits for the stream.
def test_r42_a_lock_reaches_all_three_members(ada: Client, ben: Client, cy: Client, slots: Slots) -> None:
    slot = slots.near()
    ada.book(slot)
    ben.book(slot)
    cy.lock(ada, slot)
    wait_for(ada, "booked", "matched", "locked_in")
    wait_for(ben, "booked", "matched", "displaced")
    wait_for(cy, "booked", "locked_in")


def test_r42_the_response_is_not_cached_and_a_head_request_has_no_body(ada: Client, slots: Slots) -> None:
    ada.book(slots.near())
    wait_for(ada, "booked")
    response = ada.get("/v1/events")
    assert response.headers["Cache-Control"] == "no-store"
    assert ada.request("HEAD", "/v1/events").data == b""


@pytest.mark.long  # Makes pages of events.
def test_r42_pages_follow_each_other_by_their_cursors(ada: Client, ben: Client, slots: Slots) -> None:
    for slot in slots.several(3):
        ada.book(slot)
    events = wait_for(ada, "booked", "booked", "booked")
    first = ada.get("/v1/events", limit=2).json
    assert (first["events"], events_of(ada, first["nextCursor"])) == (events[:2], events[2:])
    last = ada.get("/v1/events").json["nextCursor"]
    assert ada.get("/v1/events", after=last).json == {"events": [], "nextCursor": last}
    slot = slots.near()
    session = ada.book(slot)
    until(lambda: events_of(ada, last))
    (event,) = events_of(ada, last)
    assert event["data"]["sessionId"] == session["sessionId"]
    for refused in (ben.get("/v1/events", after=last), ada.get("/v1/events", after=f"{last}x")):
        check_problem(refused, 400, "invalid_cursor", "after")


@pytest.mark.parametrize("deliveries", [1, 3])
def test_r42_events_wait_for_the_stream_and_come_once(controlled: Runner, deliveries: int) -> None:
    ada, ben = controlled.sign_in_all("Ada", "Ben")
    controlled.stream(enabled=False)
    slot = controlled.slots.near()
    ada.book(slot)
    ben.book(slot)
    assert (ada.in_slot(slot)["state"], kinds_of(ada)) == ("matched", [])
    controlled.stream(enabled=True, deliveries=deliveries)
    wait_for(ada, "booked", "matched")
    wait_for(ben, "booked", "matched")


def test_r42_an_event_is_dated_by_the_clock_of_the_service(controlled: Runner) -> None:
    ada = controlled.sign_in("Ada")
    slot = controlled.slots.near()
    controlled.travel(slot.before(hours=2))
    ada.book(slot)
    (event,) = wait_for(ada, "booked")
    requested = ada.in_slot(slot)["users"][0]["requestedAt"]
    assert event["timestamp"][:17] == requested[:17]


@pytest.mark.long  # Ticks, each of which runs every schedule.
def test_r42_the_schedule_announces_a_session_before_its_start_and_without_a_partner(controlled: Runner) -> None:
    ada = controlled.sign_in("Ada")
    slot = controlled.slots.near()
    ada.book(slot)
    wait_for(ada, "booked")
    for instant, kind in ((slot.before(minutes=10), "starting"), (slot.start, "unmatched")):
        controlled.travel(instant)
        controlled.tick()
        event = events_of(ada)[-1]
        assert (event["type"], event["timestamp"]) == (f"session.{kind}", text_of(instant))
    assert event["data"]["session"]["state"] == "unmatched"
    # Late and repeated runs announce nothing again.
    controlled.travel(slot.after(minutes=5))
    controlled.tick()
    assert kinds_of(ada) == ["booked", "starting", "unmatched"]
