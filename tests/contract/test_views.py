"""Availability and the calendar over HTTP: shapes, pages and refusals (R2, R8 to R11)."""

import pytest

from tests.contract.client import Client
from tests.contract.slots import Slots, text_of


def test_r9_a_favorites_sessions_are_shown_in_all_three_views(ada: Client, ben: Client, slots: Slots) -> None:
    slot = slots.near()
    ben.book(slot)
    ada.says("favorite", ben)
    partner = {"userId": ben.user_id, "name": "Ben", "photoUrl": None, "locked": False, "lockable": True}
    when = {"startTime": slot.text, "duration": 3000000}
    of_ben = ada.get(f"/v1/users/{ben.user_id}/availability")
    assert (of_ben.status, of_ben.headers["Cache-Control"]) == (200, "no-store")
    assert of_ben.json == {"slots": [{**when, "locked": False, "lockable": True}]}
    assert ada.get("/v1/availability/favorites").json == {"slots": [{**when, "partners": [partner]}]}
    calendar = ada.get("/v1/calendar", start=slot.text, end=slot.text)
    assert calendar.json == {"slots": [{**when, "session": None, "favorites": [partner]}]}
    session = ada.lock(ben, slot)
    assert ada.get(f"/v1/users/{ben.user_id}/availability").json == {
        "slots": [{**when, "locked": True, "lockable": False}]
    }
    (seen,) = ada.get("/v1/calendar", start=slot.text, end=slot.text).json["slots"]
    assert seen["session"]["sessionId"] == session["sessionId"]
    assert seen["favorites"] == [{**partner, "locked": True, "lockable": False}]


def test_views_come_in_pages_when_asked(ada: Client, ben: Client, slots: Slots) -> None:
    ada.says("favorite", ben)
    starts = sorted(slots.near().text for _ in range(5))
    for slot in starts:
        ben.request("POST", "/v1/sessions", {"startTime": slot, "duration": 1500000})
    for path in (f"/v1/users/{ben.user_id}/availability", "/v1/availability/favorites"):
        found, cursor = [], {}
        while True:
            page = ada.get(path, limit=2, **cursor).json
            found += [slot["startTime"] for slot in page["slots"]]
            if "nextCursor" not in page:
                break
            assert len(page["slots"]) == 2
            cursor = {"cursor": page["nextCursor"]}
        assert found == starts
        refused = ada.get(path, limit=2, cursor="AB"[str(cursor["cursor"])[0] == "A"] + str(cursor["cursor"])[1:])
        assert (refused.status, refused.json["code"]) == (400, "invalid_cursor")
        assert ada.get(path, limit=0).json["field"] == "limit"


def test_the_calendar_refuses_what_it_cannot_show_and_names_the_field(ada: Client, slots: Slots) -> None:
    slot = slots.near()
    too_far = text_of(slot.after(days=14, seconds=1))
    for query, field in (
        ({"end": slot.text}, "start"),
        ({"start": slot.text}, "end"),
        ({"start": slot.text, "end": too_far}, "end"),
        ({"start": slot.text, "end": text_of(slot.before(days=1))}, "end"),
        ({"start": slot.text, "end": slot.text, "duration": "60"}, "duration"),
        ({"start": slot.text, "end": slot.text, "duration": "x"}, "duration"),
    ):
        refused = ada.get("/v1/calendar", **query)
        assert (refused.status, refused.json["code"], refused.json["field"]) == (422, "invalid_request", field)
    assert ada.get("/v1/calendar", start=slot.text, end=text_of(slot.after(days=14))).status == 200


def test_the_calendar_shows_one_length_when_asked(ada: Client, slots: Slots) -> None:
    slot = slots.near()
    ada.book(slot, 25)
    for duration, shown in ((1500000, 1), (3000000, 0)):
        answer = ada.get("/v1/calendar", start=slot.text, end=slot.text, duration=duration)
        assert len(answer.json["slots"]) == shown


@pytest.mark.parametrize("text", ["nobody", "0" * 24, "%23", "%00"])
def test_r11_whoever_may_see_nothing_gets_an_empty_list(ada: Client, text: str) -> None:
    answer = ada.get(f"/v1/users/{text}/availability")
    assert (answer.status, answer.json) == (200, {"slots": []})


def test_the_views_are_for_members(api: object, slots: Slots) -> None:
    for path in ("/v1/users/x/availability", "/v1/availability/favorites", "/v1/calendar"):
        assert api.request("GET", path).status == 401
