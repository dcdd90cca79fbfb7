"""`/v1/sessions`: shapes, looking at, changing and cancelling what one booked."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from tests.contract.client import ORIGIN, Client, Runner, partner_of
from tests.contract.shapes import check_problem, check_session
from tests.contract.slots import MINUTE, Slot, Slots


def test_a_booking_without_a_partner_waits_and_has_the_shape_of_the_contract(ada: Client, slots: Slots) -> None:
    slot = slots.far()
    answer = ada.post("/v1/sessions", slot.body())
    assert answer.status == 201
    assert answer.headers["Content-Type"].split(";")[0] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert set(answer.json) == {"session"}
    session = answer.json["session"]
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
        "cancelledLate": False,
        "roomUrl": None,
    }
    assert own == own | {"userId": ada.user_id, "completed": False, "sessionTitle": None}


def test_r34_two_who_are_matched_see_each_other_and_one_room_but_no_title(
    ada: Client, ben: Client, slots: Slots
) -> None:
    slot = slots.far()
    ben.sets(photoUrl="https://pictures.example/ben.png")
    mine = ada.book(slot, title="Secret thesis", activityType="desk", quietMode=True)
    theirs = ben.book(slot, title="Secret novel", activityType="moving", quietMode=False)
    mine = ada.session(mine["sessionId"])
    check_session(mine)
    check_session(theirs)
    assert (mine["state"], theirs["state"]) == ("matched", "matched")
    assert mine["roomUrl"] == theirs["roomUrl"]
    assert mine["lastChange"]["kind"] == theirs["lastChange"]["kind"] == "matched"
    own, partner = mine["users"]
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
    assert b"Secret novel" not in ada.get(f"/v1/sessions/{mine['sessionId']}").data
    assert b"Secret thesis" not in ben.get(f"/v1/sessions/{theirs['sessionId']}").data
    ada.says("favorite", ben)
    assert ada.session(mine["sessionId"])["users"][1]["isFavorite"] is True
    assert ben.session(theirs["sessionId"])["users"][1]["isFavorite"] is False


@pytest.mark.parametrize("minutes", [25, 50, 75])
def test_every_length_is_booked_in_milliseconds(ada: Client, slots: Slots, minutes: int) -> None:
    assert ada.book(slots.far(), minutes)["duration"] == minutes * MINUTE


def test_r4_the_same_start_with_another_length_does_not_pair(
    ada: Client, ben: Client, cy: Client, slots: Slots
) -> None:
    slot = slots.far()
    booked = [member.book(slot, minutes)["state"] for member, minutes in ((ada, 25), (ben, 50), (cy, 75))]
    assert booked == ["waiting"] * 3


def test_a_booking_takes_mode_and_activity_from_the_settings_where_it_names_none(ada: Client, slots: Slots) -> None:
    ada.sets(quietMode=True, activityType="moving")
    plain, named = slots.several(2)
    (own,) = ada.book(plain)["users"]
    assert (own["activityType"], own["quietMode"]) == ("moving", True)
    (own,) = ada.book(named, activityType="desk", quietMode=False)["users"]
    assert (own["activityType"], own["quietMode"]) == ("desk", False)


def test_booking_exactly_the_same_again_is_200_and_the_same_session(ada: Client, slots: Slots) -> None:
    slot = slots.far()
    first = ada.book(slot)
    again = ada.post("/v1/sessions", slot.body())
    assert again.status == 200
    assert again.json == {"session": first}
    assert ada.sessions() == [first]


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
    second = Slot(slot.after(minutes=gap))
    answer = ada.post("/v1/sessions", second.body(minutes))
    if refused:
        check_problem(answer, 409, "time_conflict", ...)
        assert ada.sessions() == [booked]
    else:
        assert answer.status == 201, answer


@pytest.mark.parametrize(
    ("minutes", "gap", "refused"), [(25, 15, True), (25, 30, False), (75, 75, True), (75, 90, False)]
)
def test_r3_a_footprint_reaches_across_midnight_utc(
    ada: Client, slots: Slots, minutes: int, gap: int, refused: bool
) -> None:
    midnight = slots.far().start.replace(hour=0) + timedelta(days=1)
    late = Slot(midnight - timedelta(minutes=15))
    booked = ada.book(late, minutes)
    answer = ada.post("/v1/sessions", Slot(late.after(minutes=gap)).body(25))
    if refused:
        check_problem(answer, 409, "time_conflict", ...)
        assert ada.sessions() == [booked]
    else:
        assert answer.status == 201, answer


def test_r16_replace_cancels_what_overlaps_in_the_same_write(ada: Client, ben: Client, slots: Slots) -> None:
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


ODD_SPELLINGS = {
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


@pytest.mark.parametrize("name", ODD_SPELLINGS)
def test_r30_any_iso_8601_instant_is_taken_and_answered_in_utc(ada: Client, slots: Slots, name: str) -> None:
    slot = slots.far()
    body = slot.body() | {"startTime": slot.start.strftime(ODD_SPELLINGS[name])}
    answer = ada.post("/v1/sessions", body)
    assert answer.status == 201, answer
    assert answer.json["session"]["startTime"] == slot.text


@pytest.mark.parametrize("offset", [timedelta(hours=2), timedelta(hours=-9, minutes=-30), timedelta(hours=14)])
def test_r30_an_offset_is_reckoned_with(ada: Client, slots: Slots, offset: timedelta) -> None:
    slot = slots.far()
    body = slot.body() | {"startTime": slot.start.astimezone(timezone(offset)).isoformat()}
    assert ada.post("/v1/sessions", body).json["session"]["startTime"] == slot.text


@pytest.mark.parametrize("title", ["x" * 200, "\N{GRINNING FACE}" * 200, '</script>"\\', "", None])
def test_a_title_up_to_200_characters_comes_back_as_it_was(ada: Client, slots: Slots, title: str | None) -> None:
    session = ada.book(slots.far(), title=title)
    assert session["title"] == title
    assert ada.session(session["sessionId"])["title"] == title


def test_a_title_is_kept_in_one_line_and_one_form(ada: Client, slots: Slots) -> None:
    session = ada.book(slots.far(), title="Cafe\u0301 \u202e\n\t now")
    assert session["title"] == "Caf\N{LATIN SMALL LETTER E WITH ACUTE} now"
    edited = ada.patch(f"/v1/sessions/{session['sessionId']}", {"title": " \u200bThesis "}).json["session"]
    assert edited["title"] == "Thesis"


def test_one_of_several_changes_is_made_and_what_is_left_out_stays(ada: Client, slots: Slots) -> None:
    session = ada.book(slots.far(), title="Thesis", activityType="desk", quietMode=False)
    path = f"/v1/sessions/{session['sessionId']}"
    changes: list[dict[str, Any]] = [{"title": "Novel"}, {"activityType": "moving"}, {"quietMode": True}, {}]
    expected = {"title": "Thesis", "activityType": "desk", "quietMode": False}
    for change in [*changes, {"title": None}]:
        expected |= change
        answer = ada.patch(path, change)
        assert answer.status == 200, answer
        assert answer.headers["Cache-Control"] == "no-store"
        changed = answer.json["session"]
        check_session(changed)
        (own,) = changed["users"]
        assert {"title": changed["title"], "activityType": own["activityType"], "quietMode": own["quietMode"]} == (
            expected
        )
        assert ada.session(session["sessionId"]) == changed
        assert changed["sessionId"] == session["sessionId"]


def test_r34_a_partner_sees_a_changed_mode_and_never_a_title(ada: Client, ben: Client, slots: Slots) -> None:
    slot = slots.far()
    mine, theirs = ada.book(slot), ben.book(slot)
    answer = ada.patch(
        f"/v1/sessions/{mine['sessionId']}", {"title": "Hidden", "activityType": "moving", "quietMode": True}
    )
    assert answer.status == 200, answer
    seen = ben.get(f"/v1/sessions/{theirs['sessionId']}")
    assert b"Hidden" not in seen.data
    partner = seen.json["session"]["users"][1]
    assert (partner["activityType"], partner["quietMode"]) == ("moving", True)


def test_r17_cancelling_has_one_effect_however_often_it_is_asked_for(ada: Client, ben: Client, slots: Slots) -> None:
    slot = slots.far()
    mine, theirs = ada.book(slot), ben.book(slot)
    for _ in range(3):
        answer = ada.delete(f"/v1/sessions/{mine['sessionId']}")
        assert (answer.status, answer.data) == (204, b"")
        assert answer.headers["Cache-Control"] == "no-store"
    assert ada.sessions() == []
    gone = ada.session(mine["sessionId"])
    check_session(gone)
    assert (gone["state"], gone["cancelledLate"], gone["roomUrl"]) == ("cancelled", False, None)
    left = ben.session(theirs["sessionId"])
    check_session(left)
    assert (left["state"], left["lastChange"]["kind"]) == ("waiting", "partner_cancelled")


def test_a_cancelled_session_takes_no_changes(ada: Client, slots: Slots) -> None:
    session = ada.book(slots.far())
    ada.cancel(session["sessionId"])
    check_problem(ada.patch(f"/v1/sessions/{session['sessionId']}", {"title": "Late"}), 409, "too_late", ...)
    assert ada.session(session["sessionId"])["title"] is None


def test_a_cancelled_slot_can_be_booked_again_as_another_session(ada: Client, slots: Slots) -> None:
    slot = slots.far()
    first = ada.book(slot)
    ada.cancel(first["sessionId"])
    second = ada.book(slot)
    assert second["sessionId"] != first["sessionId"]
    assert ada.session(first["sessionId"])["state"] == "cancelled"
    assert ada.sessions() == [second]


def test_another_members_session_is_as_unknown_as_one_that_never_was(ada: Client, ben: Client, slots: Slots) -> None:
    slot = slots.far()
    mine = ada.book(slot)
    ben.book(slot)
    mine = ada.session(mine["sessionId"])
    unknown = "x" * len(mine["sessionId"])
    for method, payload in (("GET", None), ("PATCH", {"title": "Mine now"}), ("DELETE", None)):
        theirs = ben.request(method, f"/v1/sessions/{mine['sessionId']}", payload)
        check_problem(theirs, 404, "not_found", ...)
        nothing = ben.request(method, f"/v1/sessions/{unknown}", payload)
        assert nothing.status == 404
        assert nothing.but_instance == theirs.but_instance
    assert ada.session(mine["sessionId"]) == mine


ODD_IDS = ("x", "a" * 1500, "%00", "%F0%9F%98%80", "..", "2026-12-01", "2026-12-01-x", "99999999", "%20", "-", "0")


@pytest.mark.parametrize("odd", ODD_IDS)
def test_a_session_id_that_is_none_is_404(ada: Client, odd: str) -> None:
    for method, payload in (("GET", None), ("PATCH", {"title": "x"}), ("DELETE", None)):
        check_problem(ada.request(method, f"/v1/sessions/{odd}", payload), 404, "not_found", ...)


def test_the_end_of_a_session_id_counts_too(ada: Client, slots: Slots) -> None:
    session_id = ada.book(slots.far())["sessionId"]
    for wrong in (session_id[:-1], session_id + "x", session_id.swapcase(), session_id + "%0A", "%20" + session_id):
        check_problem(ada.get(f"/v1/sessions/{wrong}"), 404, "not_found", ...)


def test_r10_a_regular_booking_prefers_the_partner_it_names(
    api: Runner, ada: Client, ben: Client, slots: Slots
) -> None:
    slot = slots.near()
    ben.sets(availability="no_one")
    ben.book(slot)
    answer = ada.post("/v1/sessions", slot.body(partnerId=ben.user_id, locked=False))
    assert answer.status == 201, answer
    session = answer.json["session"]
    assert (session["state"], session["locked"], partner_of(session)) == ("matched", False, ben.user_id)


@pytest.mark.parametrize("partner", ["", "nobody", "\x00", "\N{GRINNING FACE}", "x" * 5000])
def test_r10_a_regular_booking_that_prefers_nobody_known_is_a_regular_booking(
    ada: Client, slots: Slots, partner: str
) -> None:
    answer = ada.post("/v1/sessions", slots.near().body(partnerId=partner, locked=False))
    assert answer.status == 201, answer
    assert answer.json["session"]["state"] == "waiting"


def test_only_configured_origins_may_read_answers(api: Runner, ada: Client) -> None:
    allowed = ada.request("GET", "/v1/me", headers={"Origin": ORIGIN})
    assert allowed.headers["Access-Control-Allow-Origin"] == ORIGIN
    refused = ada.request("GET", "/v1/me", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in refused.headers
    preflight = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    asked = api.request("OPTIONS", "/v1/sessions", headers={"Origin": ORIGIN} | preflight)
    assert asked.status in (200, 204)
    assert asked.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "POST" in asked.headers["Access-Control-Allow-Methods"]
    assert "authorization" in asked.headers["Access-Control-Allow-Headers"].lower()
    evil = api.request("OPTIONS", "/v1/sessions", headers={"Origin": "https://evil.example"} | preflight)
    assert "Access-Control-Allow-Origin" not in evil.headers
