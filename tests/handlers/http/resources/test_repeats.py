"""The routes of repeats (R40)."""

from datetime import timedelta
from typing import Any

import pytest

from tests.handlers.conftest import SignIn
from tests.harness import MONDAY, World, at

REPEATS = "/v1/repeats"
MONDAYS = {"weekdays": ["mon"], "time": "09:00", "timeZone": "UTC", "duration": 3000000}
SHOWN = {
    **MONDAYS,
    "title": None,
    "from": "2026-03-02",
    "until": None,
    "partnerId": None,
    "skipped": [],
    "madeUntil": "2026-03-09",
}
EMPTY_RANGE = "?start=2026-03-01T00:00:00Z&end=2026-04-01T00:00:00Z"


def sessions(send: Any) -> list[str]:
    return [one["startTime"] for one in send("GET", f"/v1/sessions{EMPTY_RANGE}").json_body["sessions"]][::-1]


def test_r40_a_repeat_is_created_listed_changed_and_ended(sign_in: SignIn) -> None:
    send = sign_in("Ada")
    made = send("POST", REPEATS, MONDAYS)
    assert (made.status_code, made.headers["Location"]) == (201, REPEATS)
    repeat = made.json_body["repeat"]
    path = f"{REPEATS}/{repeat['repeatId']}"
    assert repeat == {**SHOWN, "repeatId": repeat["repeatId"]}
    assert send("GET", REPEATS).json_body == {"repeats": [repeat]}
    assert sessions(send) == [at(1).start.isoformat(), at(1 + 24 * 7).start.isoformat()]
    for body, changes in (
        ({}, {}),
        ({"title": " Thesis "}, {"title": "Thesis"}),
        ({"time": "10:30", "duration": 1500000}, {"time": "10:30", "duration": 1500000}),
        ({"timeZone": "Europe/Vienna", "until": "2026-03-31"}, {"timeZone": "Europe/Vienna", "until": "2026-03-31"}),
        ({"title": None, "until": None, "from": "2026-03-03"}, {"title": None, "until": None, "from": "2026-03-03"}),
        ({"title": ""}, {}),
        ({"weekdays": ["tue", "mon", "tue"]}, {"weekdays": ["mon", "tue"], "madeUntil": "2026-03-10"}),
    ):
        repeat |= changes
        answer = send("PATCH", path, body)
        assert (answer.status_code, answer.json_body) == (200, {"repeat": repeat})
    assert [send("DELETE", path).status_code for _ in range(2)] == [204, 204]
    assert send("PATCH", path, {}).status_code == 404
    assert send("GET", REPEATS).json_body == {"repeats": []}
    assert len(sessions(send)) == 4
    assert send("DELETE", f"{path}?sessions=cancel").status_code == 204
    assert sessions(send) == []


def test_r40_the_same_request_again_answers_200_with_the_same_repeat(sign_in: SignIn) -> None:
    send = sign_in("Ada")
    made = send("POST", REPEATS, MONDAYS)
    again = send("POST", REPEATS, MONDAYS)
    assert (made.status_code, again.status_code) == (201, 200)
    assert made.json_body == again.json_body
    assert send("GET", REPEATS).json_body == {"repeats": [made.json_body["repeat"]]}


def test_r40_skipped_occurrences_are_shown_by_start(sign_in: SignIn) -> None:
    send = sign_in("Ada")
    for hours in (1 + 24 * 7, 1):
        send("POST", "/v1/sessions", {"startTime": at(hours).start.isoformat(), "duration": 3000000})
    repeat = send("POST", REPEATS, MONDAYS).json_body["repeat"]
    skipped = [{"startTime": at(hours).start.isoformat(), "reason": "time_conflict"} for hours in (1, 1 + 24 * 7)]
    assert repeat["skipped"] == skipped


def test_r40_a_session_names_its_repeat_until_its_owner_changes_it(sign_in: SignIn) -> None:
    send = sign_in("Ada")
    repeat = send("POST", REPEATS, {**MONDAYS, "title": "Thesis"}).json_body["repeat"]
    (session, _) = send("GET", f"/v1/sessions{EMPTY_RANGE}").json_body["sessions"]
    assert (session["repeatId"], session["title"]) == (repeat["repeatId"], "Thesis")
    path = f"/v1/sessions/{session['sessionId']}"
    assert send("PATCH", path, {"title": "Thesis"}).json_body["session"]["repeatId"] == repeat["repeatId"]
    assert send("PATCH", path, {"quietMode": True}).json_body["session"]["repeatId"] is None


def test_r40_the_first_date_is_today_in_the_time_zone(sign_in: SignIn, world: World) -> None:
    send = sign_in("Ada")
    world.now = MONDAY - timedelta(hours=12)
    there = {**MONDAYS, "timeZone": "Pacific/Auckland", "until": "2026-03-02"}
    assert send("POST", REPEATS, there).json_body["repeat"]["from"] == "2026-03-02"
    for first in ({}, {"from": "2020-01-01"}):
        refused = send("POST", REPEATS, {**there, **first, "until": "2026-03-01"})
        assert (refused.status_code, refused.json_body["field"]) == (422, "until")


INVALID: list[tuple[dict[str, Any], list[str]]] = [
    ({"weekdays": []}, ["weekdays"]),
    ({"weekdays": None}, ["weekdays"]),
    ({"weekdays": "mon"}, ["weekdays"]),
    ({"weekdays": ["monday"]}, ["weekdays"]),
    ({"weekdays": [1]}, ["weekdays"]),
    ({"weekdays": ["\ud800"]}, ["weekdays"]),
    ({"time": "9:00"}, ["time"]),
    ({"time": "09:10"}, ["time"]),
    ({"time": "24:00"}, ["time"]),
    ({"time": "09:00:00"}, ["time"]),
    ({"time": "09:00\n"}, ["time"]),
    ({"time": "٠٩:00"}, ["time"]),
    ({"time": 9}, ["time"]),
    ({"timeZone": "Vienna"}, ["timeZone"]),
    ({"duration": 3000001}, ["duration"]),
    ({"title": "a" * 201}, ["title"]),
    ({"title": "\x00"}, ["title"]),
    ({"from": "2026-02-30"}, ["from"]),
    ({"from": "20260302"}, ["from"]),
    ({"from": "2026-W10-1"}, ["from"]),
    ({"from": "0001-01-01"}, ["from"]),
    ({"from": "9999-01-01"}, ["from"]),
    ({"from": "2027-03-04"}, ["from"]),
    ({"from": "2026-03-03", "until": "2026-03-02"}, ["until"]),
    ({"until": "tomorrow"}, ["until"]),
    ({"partnerId": "ben"}, ["partnerId"]),
    ({"partnerId": ""}, ["partnerId"]),
    ({"partnerId": 5}, ["partnerId"]),
    ({"time": "x", "weekdays": ["x"], "every": 2}, ["every", "time", "weekdays"]),
]


@pytest.mark.parametrize(("fields", "invalid"), INVALID)
def test_r40_every_invalid_field_is_named(sign_in: SignIn, fields: dict[str, Any], invalid: list[str]) -> None:
    send = sign_in("Ada")
    answer = send("POST", REPEATS, {**MONDAYS, **fields})
    assert (answer.status_code, answer.json_body["code"]) == (422, "invalid_request")
    assert sorted(error["field"] for error in answer.json_body["errors"]) == invalid
    assert send("GET", REPEATS).json_body == {"repeats": []}
    assert sessions(send) == []


def test_r40_a_repeat_needs_its_pattern(sign_in: SignIn) -> None:
    errors = sign_in("Ada")("POST", REPEATS, {}).json_body["errors"]
    assert sorted(error["field"] for error in errors) == ["duration", "time", "timeZone", "weekdays"]


def test_r40_an_invalid_change_is_refused(sign_in: SignIn) -> None:
    send = sign_in("Ada")
    repeat = send("POST", REPEATS, {**MONDAYS, "until": "2026-03-20"}).json_body["repeat"]
    path = f"{REPEATS}/{repeat['repeatId']}"
    # No field of a pattern can be absent, so null removes nothing of it.
    never_null = [({name: None}, [name]) for name in ("time", "timeZone", "duration", "from")]
    against_the_rest = [({"from": "2026-03-21"}, ["until"]), ({"until": "2026-03-01"}, ["until"])]
    for body, fields in (*INVALID, *never_null, *against_the_rest):
        answer = send("PATCH", path, body)
        assert (answer.status_code, answer.json_body["code"]) == (422, "invalid_request"), body
        assert sorted(error["field"] for error in answer.json_body["errors"]) == fields
    assert send("GET", REPEATS).json_body == {"repeats": [repeat]}


def test_r11_a_partner_is_not_looked_up_and_is_not_the_caller(sign_in: SignIn) -> None:
    send = sign_in("Ada")
    me = send("GET", "/v1/me").json_body["user"]["userId"]
    refused = send("POST", REPEATS, {**MONDAYS, "partnerId": me})
    assert (refused.status_code, refused.json_body["field"]) == (422, "partnerId")
    unknown = "0" * 24
    assert send("POST", REPEATS, {**MONDAYS, "partnerId": unknown}).json_body["repeat"]["partnerId"] == unknown


@pytest.mark.parametrize("query", ["?sessions=keep", "?sessions=", "?sessions=CANCEL"])
def test_r40_only_cancel_ends_the_sessions(sign_in: SignIn, query: str) -> None:
    send = sign_in("Ada")
    repeat = send("POST", REPEATS, MONDAYS).json_body["repeat"]
    answer = send("DELETE", f"{REPEATS}/{repeat['repeatId']}{query}")
    assert (answer.status_code, answer.json_body["field"]) == (422, "sessions")
    assert send("GET", REPEATS).json_body == {"repeats": [repeat]}
