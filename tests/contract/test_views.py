"""The availability and calendar views over HTTP with their fields, pages and refusals (R2, R8 to R11)."""

from typing import Any

import pytest

from tests.contract.client import Client
from tests.contract.slots import Slots, text_of
from tests.infra.poll import until


def test_r9_all_three_views_show_the_sessions_of_a_favorite(ada: Client, ben: Client, slots: Slots) -> None:
    slot = slots.near()
    ben.book(slot)
    ada.set_relation("favorite", ben)
    partner = {"userId": ben.user_id, "name": "Ben", "photoUrl": None, "locked": False, "lockable": True}
    when = {"startTime": slot.text, "duration": 3000000}
    of_ben = ada.get(f"/v1/users/{ben.user_id}/availability")
    assert (of_ben.status, of_ben.headers["Cache-Control"]) == (200, "no-store")
    assert of_ben.json == {"slots": [{**when, "locked": False, "lockable": True}]}
    assert ada.get("/v1/availability/favorites").json == {"slots": [{**when, "partners": [partner]}]}

    def calendar() -> Any:
        return ada.get("/v1/calendar", start=slot.text, end=slot.text).json

    # The stream counts the demand.
    until(lambda: calendar()["slots"][0]["waiting"] == "some")
    assert calendar() == {"slots": [{**when, "session": None, "waiting": "some", "favorites": [partner]}]}
    session = ada.lock(ben, slot)
    assert ada.get(f"/v1/users/{ben.user_id}/availability").json == {
        "slots": [{**when, "locked": True, "lockable": False}]
    }
    (seen,) = ada.get("/v1/calendar", start=slot.text, end=slot.text).json["slots"]
    assert seen["session"]["sessionId"] == session["sessionId"]
    assert seen["favorites"] == [{**partner, "locked": True, "lockable": False}]


def test_views_have_pages_when_requested(ada: Client, ben: Client, slots: Slots) -> None:
    ada.set_relation("favorite", ben)
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


def test_the_calendar_refuses_an_invalid_query_and_names_the_field(ada: Client, slots: Slots) -> None:
    slot = slots.near()
    too_far = text_of(slot.after(days=35, seconds=1))
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
    assert ada.get("/v1/calendar", start=slot.text, end=text_of(slot.after(days=35))).status == 200


def test_the_calendar_shows_one_length_when_requested(ada: Client, slots: Slots) -> None:
    slot = slots.near()
    ada.book(slot, 25)
    for duration, number in ((1500000, 1), (3000000, 0)):
        response = ada.get("/v1/calendar", start=slot.text, end=slot.text, duration=duration)
        # Members of other tests may wait at the same start (R46).
        own = [shown for shown in response.json["slots"] if shown["session"]]
        assert len(own) == number


@pytest.mark.parametrize("user_id", ["unknown", "0" * 24, "%23", "%00"])
def test_r11_the_availability_of_an_unknown_member_is_empty(ada: Client, user_id: str) -> None:
    response = ada.get(f"/v1/users/{user_id}/availability")
    assert (response.status, response.json) == (200, {"slots": []})


def test_the_views_need_authentication(api: object, slots: Slots) -> None:
    for path in ("/v1/users/x/availability", "/v1/availability/favorites", "/v1/calendar"):
        assert api.request("GET", path).status == 401
