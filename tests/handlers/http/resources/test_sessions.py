"""Tests of the views of sessions."""

from typing import Any

import pytest

from chalicelib.domain.model.errors import InvalidInput, InvalidRequest
from chalicelib.handlers.http.call import Call
from chalicelib.handlers.http.inputs import requests
from chalicelib.handlers.http.resources.sessions import BookBody
from tests.handlers.callers import member
from tests.handlers.conftest import SignIn
from tests.harness import World, at

NINE = {"startTime": "2026-03-02T09:00:00+00:00", "duration": 3_000_000}
YEAR = "start=2026-01-01T00:00:00Z&end=2027-01-01T00:00:00Z"


def test_a_second_equal_booking_returns_the_first_session(sign_in: SignIn) -> None:
    send = sign_in("Ada")
    first, second = (send("POST", "/v1/sessions", {**NINE, "title": " Thesis\n "}) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json_body == second.json_body
    assert first.json_body["session"]["title"] == "Thesis"


def test_a_partner_is_locked_in_or_only_preferred(world: World) -> None:
    ben = member(world, "Ben").member_id
    locked = BookBody(**_fields(partner_id=ben)).booking_request()
    preferred = BookBody(**_fields(partner_id=ben, locked=False)).booking_request()
    unknown = BookBody(**_fields(partner_id="unknown", locked=False)).booking_request()
    assert (locked.lock_with, locked.preference.named) == (ben, None)
    assert (preferred.lock_with, preferred.preference.named) == (None, ben)
    assert (unknown.lock_with, unknown.preference.named) == (None, None)


def test_a_lock_without_a_partner_is_refused(call: Call) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        requests.convert({**NINE, "locked": True}, BookBody, call)
    assert refusal.value.inputs == (InvalidInput("partnerId", "is required to lock in"),)


def _fields(**more: Any) -> dict[str, Any]:
    return {"start_time": NINE["startTime"], "duration": NINE["duration"], **more}


def test_a_refused_item_of_a_batch_does_not_affect_the_others(sign_in: SignIn) -> None:
    send = sign_in("Ada")
    items = [NINE, {**NINE, "duration": 1}, {**NINE, "startTime": "2026-03-02T11:00:00Z"}]
    results = send("POST", "/v1/sessions/batch", {"sessions": items}).json_body["results"]
    assert [list(result) for result in results] == [["status", "session"], ["status", "problem"], ["status", "session"]]
    assert [result["status"] for result in results] == [201, 422, 201]
    assert results[1]["problem"]["field"] == "duration"


def test_r34_the_title_can_be_changed_and_removed(sign_in: SignIn) -> None:
    send = sign_in("Ada")
    session_id = send("POST", "/v1/sessions", {**NINE, "title": "Thesis"}).json_body["session"]["sessionId"]
    changes = [{"title": "Proofs"}, {"quietMode": True}, {"title": None}]
    changed = [send("PATCH", f"/v1/sessions/{session_id}", change).json_body["session"] for change in changes]
    assert [session["title"] for session in changed] == ["Proofs", "Proofs", None]
    assert send("GET", f"/v1/sessions/{session_id}").json_body["session"]["users"][0]["quietMode"] is True


def test_r17_a_repeated_cancel_has_no_further_effect(sign_in: SignIn) -> None:
    send = sign_in("Ada")
    session_id = send("POST", "/v1/sessions", NINE).json_body["session"]["sessionId"]
    assert [send("DELETE", f"/v1/sessions/{session_id}").status_code for _ in range(2)] == [204, 204]
    assert send("GET", f"/v1/sessions?{YEAR}").json_body == {"sessions": []}
    assert send("GET", f"/v1/sessions/{session_id}").json_body["session"]["state"] == "cancelled"


def test_sessions_are_listed_newest_first_by_pages(world: World, sign_in: SignIn) -> None:
    for hours in (1, 3, 5):
        world.book(member(world, "Ada"), at(hours))
    send = sign_in("Ada")
    first = send("GET", f"/v1/sessions?{YEAR}&limit=2").json_body
    second = send("GET", f"/v1/sessions?{YEAR}&limit=2&cursor={first['nextCursor']}").json_body
    starts = [session["startTime"][11:16] for session in first["sessions"] + second["sessions"]]
    assert (starts, "nextCursor" in second) == (["13:00", "11:00", "09:00"], False)
