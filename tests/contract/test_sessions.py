"""Booking, reading, changing and cancelling sessions by `/v1/sessions`."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from tests.contract.client import ORIGIN, Client, Runner, partner_of
from tests.contract.shapes import check_problem, check_session
from tests.contract.slots import MINUTE, Slots, SlotStart


def test_a_booking_without_a_partner_waits_and_has_all_fields(ada: Client, slots: Slots) -> None:
    slot = slots.far()
    response = ada.post("/v1/sessions", slot.body())
    assert response.status == 201
    assert response.headers["Content-Type"].split(";")[0] == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    assert set(response.json) == {"session"}
    session = response.json["session"]
    check_session(session)
    (own,) = session["users"]
    requested = datetime.fromisoformat(own["requestedAt"])
    assert abs(datetime.now(UTC) - requested) < timedelta(minutes=5)
    assert session == session | {
        "startTime": slot.text,
        "duration": 3_000_000,
        "title": None,
        "state": "waiting",
        "locked": False,
        "final": False,
        "lastChange": None,
        "changes": [],
        "cancelledLate": False,
        "roomUrl": None,
    }
    assert own == own | {"userId": ada.user_id, "completed": False, "sessionTitle": None}


def test_r34_matched_partners_see_each_others_profile_and_the_room_but_no_title(
    ada: Client, ben: Client, slots: Slots
) -> None:
    slot = slots.far()
    ben.change_settings(photoUrl="https://pictures.example/ben.png")
    of_ada = ada.book(slot, title="Secret thesis", activityType="desk", quietMode=True)
    of_ben = ben.book(slot, title="Secret novel", activityType="moving", quietMode=False)
    of_ada = ada.session(of_ada["sessionId"])
    check_session(of_ada)
    check_session(of_ben)
    assert (of_ada["state"], of_ben["state"]) == ("matched", "matched")
    assert of_ada["roomUrl"] == of_ben["roomUrl"]
    assert of_ada["lastChange"]["kind"] == of_ben["lastChange"]["kind"] == "matched"
    own, partner = of_ada["users"]
    assert own == own | {"userId": ada.user_id, "sessionTitle": "Secret thesis", "quietMode": True}
    assert own["activityType"] == "desk"
    assert partner == partner | {
        "userId": ben.user_id,
        "name": "Ben",
        "photoUrl": "https://pictures.example/ben.png",
        "isFavorite": False,
        "activityType": "moving",
        "quietMode": False,
    }
    assert b"Secret novel" not in ada.get(f"/v1/sessions/{of_ada['sessionId']}").data
    assert b"Secret thesis" not in ben.get(f"/v1/sessions/{of_ben['sessionId']}").data
    ada.set_relation("favorite", ben)
    assert ada.session(of_ada["sessionId"])["users"][1]["isFavorite"] is True
    assert ben.session(of_ben["sessionId"])["users"][1]["isFavorite"] is False


@pytest.mark.parametrize("minutes", [25, 50, 75])
def test_the_duration_of_every_length_is_in_milliseconds(ada: Client, slots: Slots, minutes: int) -> None:
    assert ada.book(slots.far(), minutes)["duration"] == minutes * MINUTE


def test_r4_bookings_of_the_same_start_and_other_lengths_are_not_paired(
    ada: Client, ben: Client, cy: Client, slots: Slots
) -> None:
    slot = slots.far()
    booked = [member.book(slot, minutes)["state"] for member, minutes in ((ada, 25), (ben, 50), (cy, 75))]
    assert booked == ["waiting"] * 3


def test_a_booking_takes_missing_quiet_mode_and_activity_from_the_settings(ada: Client, slots: Slots) -> None:
    ada.change_settings(quietMode=True, activityType="moving")
    plain, named = slots.several(2)
    (own,) = ada.book(plain)["users"]
    assert (own["activityType"], own["quietMode"]) == ("moving", True)
    (own,) = ada.book(named, activityType="desk", quietMode=False)["users"]
    assert (own["activityType"], own["quietMode"]) == ("desk", False)


def test_an_equal_second_booking_is_200_with_the_same_session(ada: Client, slots: Slots) -> None:
    slot = slots.far()
    first = ada.book(slot)
    again = ada.post("/v1/sessions", slot.body())
    assert again.status == 200
    assert again.json == {"session": first}
    assert ada.sessions() == [first]


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    ("first", "minutes", "gap", "refused"),
    [
        (25, 25, 15, True), (25, 25, 30, False),
        (50, 25, 45, True), (50, 25, 60, False),
        (75, 25, 75, True), (75, 25, 90, False),
        (25, 50, -45, True), (25, 50, -60, False),
        (25, 75, -75, True), (25, 75, -90, False),
        (25, 25, -15, True), (25, 25, -30, False),
        (50, 75, 0, True),
    ],
)  # fmt: skip
def test_r3_footprints_of_30_60_and_90_minutes_never_overlap(
    ada: Client, slots: Slots, first: int, minutes: int, gap: int, refused: bool
) -> None:
    slots.far()
    slot = slots.far()
    booked = ada.book(slot, first)
    second = SlotStart(slot.after(minutes=gap))
    response = ada.post("/v1/sessions", second.body(minutes))
    if refused:
        check_problem(response, 409, "time_conflict", ...)
        assert ada.sessions() == [booked]
    else:
        assert response.status == 201, response


@pytest.mark.parametrize(
    ("minutes", "gap", "refused"), [(25, 15, True), (25, 30, False), (75, 75, True), (75, 90, False)]
)
def test_r3_a_footprint_extends_across_midnight_utc(
    ada: Client, slots: Slots, minutes: int, gap: int, refused: bool
) -> None:
    midnight = slots.far().start.replace(hour=0) + timedelta(days=1)
    late = SlotStart(midnight - timedelta(minutes=15))
    booked = ada.book(late, minutes)
    response = ada.post("/v1/sessions", SlotStart(late.after(minutes=gap)).body(25))
    if refused:
        check_problem(response, 409, "time_conflict", ...)
        assert ada.sessions() == [booked]
    else:
        assert response.status == 201, response


def test_r16_replace_cancels_the_overlapping_booking_in_the_same_write(ada: Client, ben: Client, slots: Slots) -> None:
    slot = slots.far()
    first = ada.book(slot, 25)
    ben.book(slot, 25)
    longer = ada.post("/v1/sessions", slot.body(75, replace=True))
    assert longer.status == 201, longer
    assert ada.sessions() == [longer.json["session"]]
    assert ada.session(first["sessionId"])["state"] == "cancelled"
    assert ben.in_slot(slot)["lastChange"]["kind"] == "partner_cancelled"


def test_r16_replace_never_cancels_a_locked_in_booking(ada: Client, ben: Client, slots: Slots) -> None:
    slot = slots.near()
    ben.book(slot, 25)
    locked = ada.lock(ben, slot, 25)
    check_problem(ada.post("/v1/sessions", slot.body(75, replace=True)), 409, "time_conflict", ...)
    assert ada.sessions() == [locked]


ISO_FORMATS = {
    "z": "%Y-%m-%dT%H:%M:%SZ",
    "offset": "%Y-%m-%dT%H:%M:%S+00:00",
    "negative zero": "%Y-%m-%dT%H:%M:%S-00:00",
    "short offset": "%Y-%m-%dT%H:%M:%S+00",
    "offset without a colon": "%Y-%m-%dT%H:%M:%S+0000",
    "milliseconds": "%Y-%m-%dT%H:%M:%S.000Z",
    "microseconds": "%Y-%m-%dT%H:%M:%S.000000Z",
    "nanoseconds": "%Y-%m-%dT%H:%M:%S.000000000Z",
    "one digit": "%Y-%m-%dT%H:%M:%S.0Z",
    "comma": "%Y-%m-%dT%H:%M:%S,000Z",
    "no seconds": "%Y-%m-%dT%H:%MZ",
    "hours only": "%Y-%m-%dT%HZ",
    "basic": "%Y%m%dT%H%M%SZ",
    "week date": "%G-W%V-%uT%H:%M:%SZ",
    "basic week date": "%GW%V%uT%H%M%SZ",
}


@pytest.mark.sampled(every=5)
@pytest.mark.parametrize("name", ISO_FORMATS)
def test_r30_any_iso_8601_instant_is_accepted_and_returned_in_utc(ada: Client, slots: Slots, name: str) -> None:
    slot = slots.far()
    body = slot.body() | {"startTime": slot.start.strftime(ISO_FORMATS[name])}
    response = ada.post("/v1/sessions", body)
    assert response.status == 201, response
    assert response.json["session"]["startTime"] == slot.text


@pytest.mark.parametrize("offset", [timedelta(hours=2), timedelta(hours=-9, minutes=-30), timedelta(hours=14)])
def test_r30_an_offset_is_converted_to_utc(ada: Client, slots: Slots, offset: timedelta) -> None:
    slot = slots.far()
    body = slot.body() | {"startTime": slot.start.astimezone(timezone(offset)).isoformat()}
    assert ada.post("/v1/sessions", body).json["session"]["startTime"] == slot.text


@pytest.mark.parametrize("title", ["x" * 200, "\N{GRINNING FACE}" * 200, '</script>"\\', "", None])
def test_a_title_of_up_to_200_characters_is_returned_unchanged(ada: Client, slots: Slots, title: str | None) -> None:
    session = ada.book(slots.far(), title=title)
    assert session["title"] == title
    assert ada.session(session["sessionId"])["title"] == title


def test_a_title_is_composed_and_in_one_line(ada: Client, slots: Slots) -> None:
    session = ada.book(slots.far(), title="Cafe\u0301\nnow")
    assert session["title"] == "Caf\N{LATIN SMALL LETTER E WITH ACUTE} now"
    edited = ada.patch(f"/v1/sessions/{session['sessionId']}", {"title": " Thesis "}).json["session"]
    assert edited["title"] == "Thesis"


def test_a_patch_changes_only_the_fields_that_it_names(ada: Client, slots: Slots) -> None:
    session = ada.book(slots.far(), title="Thesis", activityType="desk", quietMode=False)
    path = f"/v1/sessions/{session['sessionId']}"
    changes: list[dict[str, Any]] = [{"title": "Novel"}, {"activityType": "moving"}, {"quietMode": True}, {}]
    expected = {"title": "Thesis", "activityType": "desk", "quietMode": False}
    for change in [*changes, {"title": None}]:
        expected |= change
        response = ada.patch(path, change)
        assert response.status == 200, response
        assert response.headers["Cache-Control"] == "no-store"
        changed = response.json["session"]
        check_session(changed)
        (own,) = changed["users"]
        assert {"title": changed["title"], "activityType": own["activityType"], "quietMode": own["quietMode"]} == (
            expected
        )
        assert ada.session(session["sessionId"]) == changed
        assert changed["sessionId"] == session["sessionId"]


def test_r34_a_partner_sees_a_changed_quiet_mode_and_never_a_title(ada: Client, ben: Client, slots: Slots) -> None:
    slot = slots.far()
    of_ada, of_ben = ada.book(slot), ben.book(slot)
    response = ada.patch(
        f"/v1/sessions/{of_ada['sessionId']}", {"title": "Hidden", "activityType": "moving", "quietMode": True}
    )
    assert response.status == 200, response
    seen = ben.get(f"/v1/sessions/{of_ben['sessionId']}")
    assert b"Hidden" not in seen.data
    partner = seen.json["session"]["users"][1]
    assert (partner["activityType"], partner["quietMode"]) == ("moving", True)


def test_r17_repeated_cancellations_have_one_effect(ada: Client, ben: Client, slots: Slots) -> None:
    slot = slots.far()
    of_ada, of_ben = ada.book(slot), ben.book(slot)
    for _ in range(3):
        response = ada.delete(f"/v1/sessions/{of_ada['sessionId']}")
        assert (response.status, response.data) == (204, b"")
        assert response.headers["Cache-Control"] == "no-store"
    assert ada.sessions() == []
    cancelled = ada.session(of_ada["sessionId"])
    check_session(cancelled)
    assert (cancelled["state"], cancelled["cancelledLate"], cancelled["roomUrl"]) == ("cancelled", False, None)
    remaining = ben.session(of_ben["sessionId"])
    check_session(remaining)
    assert (remaining["state"], remaining["lastChange"]["kind"]) == ("waiting", "partner_cancelled")


def test_a_cancelled_session_cannot_be_changed(ada: Client, slots: Slots) -> None:
    session = ada.book(slots.far())
    ada.cancel(session["sessionId"])
    check_problem(ada.patch(f"/v1/sessions/{session['sessionId']}", {"title": "Late"}), 409, "too_late", ...)
    assert ada.session(session["sessionId"])["title"] is None


def test_a_slot_booked_again_after_a_cancellation_is_a_new_session(ada: Client, slots: Slots) -> None:
    slot = slots.far()
    first = ada.book(slot)
    ada.cancel(first["sessionId"])
    second = ada.book(slot)
    assert second["sessionId"] != first["sessionId"]
    assert ada.session(first["sessionId"])["state"] == "cancelled"
    assert ada.sessions() == [second]


def test_the_session_of_another_member_is_404_like_an_unknown_one(ada: Client, ben: Client, slots: Slots) -> None:
    slot = slots.far()
    of_ada = ada.book(slot)
    ben.book(slot)
    of_ada = ada.session(of_ada["sessionId"])
    unknown = "x" * len(of_ada["sessionId"])
    for method, payload in (("GET", None), ("PATCH", {"title": "Mine now"}), ("DELETE", None)):
        of_ben = ben.request(method, f"/v1/sessions/{of_ada['sessionId']}", payload)
        check_problem(of_ben, 404, "not_found", ...)
        nothing = ben.request(method, f"/v1/sessions/{unknown}", payload)
        assert nothing.status == 404
        assert nothing.without_instance == of_ben.without_instance
    assert ada.session(of_ada["sessionId"]) == of_ada


INVALID_IDS = ("x", "a" * 1500, "%00", "%F0%9F%98%80", "..", "2026-12-01", "2026-12-01-x", "99999999", "%20", "-", "0")


@pytest.mark.sampled(every=4)
@pytest.mark.parametrize("session_id", INVALID_IDS)
def test_an_invalid_session_id_is_404(ada: Client, session_id: str) -> None:
    for method, payload in (("GET", None), ("PATCH", {"title": "x"}), ("DELETE", None)):
        check_problem(ada.request(method, f"/v1/sessions/{session_id}", payload), 404, "not_found", ...)


def test_every_character_of_a_session_id_counts(ada: Client, slots: Slots) -> None:
    session_id = ada.book(slots.far())["sessionId"]
    for wrong in (session_id[:-1], session_id + "x", session_id.swapcase(), session_id + "%0A", "%20" + session_id):
        check_problem(ada.get(f"/v1/sessions/{wrong}"), 404, "not_found", ...)


def test_r10_a_regular_booking_prefers_its_named_partner(api: Runner, ada: Client, ben: Client, slots: Slots) -> None:
    slot = slots.near()
    ben.change_settings(availability="no_one")
    ben.book(slot)
    response = ada.post("/v1/sessions", slot.body(partnerId=ben.user_id, locked=False))
    assert response.status == 201, response
    session = response.json["session"]
    assert (session["state"], session["locked"], partner_of(session)) == ("matched", False, ben.user_id)


@pytest.mark.parametrize("partner", ["", "unknown", "\x00", "\N{GRINNING FACE}", "x" * 5000])
def test_r10_a_regular_booking_with_an_unknown_preferred_partner_waits(ada: Client, slots: Slots, partner: str) -> None:
    response = ada.post("/v1/sessions", slots.near().body(partnerId=partner, locked=False))
    assert response.status == 201, response
    assert response.json["session"]["state"] == "waiting"


def test_only_configured_origins_may_read_responses(api: Runner, ada: Client) -> None:
    allowed = ada.request("GET", "/v1/me", headers={"Origin": ORIGIN})
    assert allowed.headers["Access-Control-Allow-Origin"] == ORIGIN
    refused = ada.request("GET", "/v1/me", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in refused.headers
    preflight = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    permitted = api.request("OPTIONS", "/v1/sessions", headers={"Origin": ORIGIN} | preflight)
    assert permitted.status in (200, 204)
    assert permitted.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "POST" in permitted.headers["Access-Control-Allow-Methods"]
    assert "authorization" in permitted.headers["Access-Control-Allow-Headers"].lower()
    evil = api.request("OPTIONS", "/v1/sessions", headers={"Origin": "https://evil.example"} | preflight)
    assert "Access-Control-Allow-Origin" not in evil.headers
