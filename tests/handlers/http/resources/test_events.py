"""Tests of the view of the event log."""

from datetime import timedelta
from typing import Any

import pytest

from tests.announcements import announce_all
from tests.handlers.callers import member
from tests.handlers.conftest import SignIn
from tests.harness import World, at

NINE = at(1)


def booked(world: World, name: str = "Ada") -> dict[str, Any]:
    """Book two sessions of a member, announce them, and return the second."""
    ada = member(world, name)
    world.book(ada, at(30))
    session = world.book(ada, NINE, title="My thesis")
    announce_all(world)
    return session


def test_r42_an_event_has_the_session_without_the_address_of_its_room(world: World, sign_in: SignIn) -> None:
    send = sign_in("Ada")
    session = booked(world)
    world.book(member(world, "Ben"), NINE)
    announce_all(world)
    answer = send("GET", "/v1/events").json_body
    shown = send("GET", f"/v1/sessions/{session['sessionId']}").json_body["session"]
    assert shown["roomUrl"]
    event = answer["events"][-1]
    assert event == {
        "id": event["id"],
        "type": "session.matched",
        "timestamp": "2026-03-02T08:00:00+00:00",
        "data": {
            "startTime": session["startTime"],
            "duration": session["duration"],
            "sessionId": session["sessionId"],
            "session": {**shown, "roomUrl": None},
        },
    }
    assert [one["type"] for one in answer["events"]] == ["session.booked", "session.booked", "session.matched"]


def test_r42_the_cursor_of_a_page_leads_to_the_events_that_follow(world: World, sign_in: SignIn) -> None:
    send = sign_in("Ada")
    empty = send("GET", "/v1/events").json_body
    assert empty["events"] == []
    booked(world)
    whole = send("GET", f"/v1/events?after={empty['nextCursor']}").json_body
    first = send("GET", "/v1/events?limit=1").json_body
    second = send("GET", f"/v1/events?limit=1&after={first['nextCursor']}").json_body
    assert first["events"] + second["events"] == whole["events"]
    assert len(whole["events"]) == 2
    last = send("GET", f"/v1/events?after={second['nextCursor']}").json_body
    assert (last["events"], last["nextCursor"]) == ([], second["nextCursor"])
    # Repeating a cursor repeats the page.
    assert send("GET", f"/v1/events?limit=1&after={first['nextCursor']}").json_body == second


@pytest.mark.parametrize("limit", ["0", "-1", "1001", "x", ""])
def test_r42_an_invalid_limit_is_named(sign_in: SignIn, limit: str) -> None:
    answer = sign_in("Ada")("GET", f"/v1/events?limit={limit}")
    assert (answer.status_code, answer.json_body["field"]) == (422, "limit")


def test_r42_a_cursor_of_another_list_or_member_or_that_was_tampered_with_is_refused(
    world: World, sign_in: SignIn
) -> None:
    send, other = sign_in("Ada"), sign_in("Ben")
    booked(world)
    cursor = send("GET", "/v1/events").json_body["nextCursor"]
    for name in ("Cy", "Dee"):
        send("PUT", f"/v1/people/{member(world, name).member_id}/favorite")
    people = send("GET", "/v1/people?limit=1").json_body["nextCursor"]
    for refused in (send("GET", f"/v1/events?after={wrong}") for wrong in ("", "x", cursor[:-1], f"{cursor}A", people)):
        assert (refused.status_code, refused.json_body["code"], refused.json_body["field"]) == (
            400,
            "invalid_cursor",
            "after",
        )
    assert other("GET", f"/v1/events?after={cursor}").status_code == 400


def test_r42_a_past_session_shows_its_current_state(world: World, sign_in: SignIn) -> None:
    send = sign_in("Ada")
    session = booked(world)
    world.now = NINE.start + timedelta(minutes=1)
    event = send("GET", "/v1/events").json_body["events"][1]
    assert (event["data"]["sessionId"], event["data"]["session"]["state"]) == (session["sessionId"], "unmatched")
