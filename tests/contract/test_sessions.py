"""`/v1/sessions`: shapes, looking at, changing and cancelling what one booked, and pages of it."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from tests.contract.client import ORIGIN, Client, Runner, partner_of
from tests.contract.shapes import check_problem, check_session
from tests.contract.slots import MINUTE, Slot, Slots, text_of


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


def listed(client: Client, start: datetime, end: datetime, **query: Any) -> list[str]:
    answer = client.get("/v1/sessions", start=text_of(start), end=text_of(end), **query)
    assert answer.status == 200, answer
    return [session["sessionId"] for session in answer.json["sessions"]]


def test_the_list_is_newest_first_without_the_cancelled_and_never_cached(ada: Client, slots: Slots) -> None:
    several = slots.several(4)
    ids = [ada.book(slot)["sessionId"] for slot in several]
    ada.cancel(ids[1])
    answer = ada.get("/v1/sessions", start=several[0].text, end=several[-1].text)
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json.get("nextCursor") is None
    for session in answer.json["sessions"]:
        check_session(session)
        assert session == ada.session(session["sessionId"])
    assert [session["sessionId"] for session in answer.json["sessions"]] == [ids[3], ids[2], ids[0]]


def test_both_ends_of_the_range_are_inclusive_and_a_session_overlaps_it_while_it_lasts(
    ada: Client, slots: Slots
) -> None:
    slot, later = slots.several(2)
    session_id = ada.book(slot, 75)["sessionId"]
    second = timedelta(seconds=1)
    end = slot.after(minutes=75)
    assert listed(ada, slot.before(hours=1), slot.start) == [session_id]
    assert listed(ada, slot.before(hours=1), slot.start - second) == []
    assert listed(ada, end, later.start) == [session_id]
    assert listed(ada, end + second, later.start) == []
    assert listed(ada, slot.after(minutes=30), slot.after(minutes=30)) == [session_id]


def test_a_session_across_midnight_is_listed_on_both_days(ada: Client, slots: Slots) -> None:
    midnight = slots.far().start.replace(hour=0) + timedelta(days=1)
    session_id = ada.book(Slot(midnight - timedelta(minutes=30)), 75)["sessionId"]
    assert listed(ada, midnight - timedelta(hours=20), midnight - timedelta(minutes=1)) == [session_id]
    assert listed(ada, midnight + timedelta(minutes=40), midnight + timedelta(hours=20)) == [session_id]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2028-01-01T00:00:00Z", "2029-01-01T00:00:00Z"),
        ("2027-03-01T00:00:00Z", "2028-03-01T00:00:00Z"),
        ("2028-02-29T00:00:00Z", "2029-02-28T00:00:00Z"),
        ("2027-01-01T00:00:00+02:00", "2028-01-01T00:00:00+02:00"),
        ("2027-01-01T00:00:00.5Z", "2028-01-01T00:00:00.5Z"),
        ("2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        ("1999-01-01T00:00:00Z", "2000-01-01T00:00:00Z"),
    ],
)
def test_a_range_of_one_calendar_year_is_taken_a_whole_leap_year_too(ada: Client, start: str, end: str) -> None:
    answer = ada.get("/v1/sessions", start=start, end=end)
    assert answer.status == 200, answer
    assert answer.json["sessions"] == []


NOW, LATER = "2027-01-01T00:00:00Z", "2027-02-01T00:00:00Z"
WRONG_RANGES: dict[str, tuple[dict[str, str], str | None]] = {
    "a leap year and a second": ({"start": "2028-01-01T00:00:00Z", "end": "2029-01-01T00:00:01Z"}, None),
    "366 days of other years": ({"start": "2027-01-01T00:00:00Z", "end": "2028-01-02T00:00:00Z"}, None),
    "all time": ({"start": "0001-01-01T00:00:00Z", "end": "9999-12-31T23:59:59Z"}, None),
    "end before start": ({"start": LATER, "end": NOW}, None),
    "no start": ({"end": LATER}, "start"),
    "no end": ({"start": NOW}, "end"),
    "empty start": ({"start": "", "end": LATER}, "start"),
    "naive start": ({"start": "2027-01-01T00:00:00", "end": LATER}, "start"),
    "naive end": ({"start": NOW, "end": "2027-02-01T00:00:00"}, "end"),
    "a date": ({"start": "2027-01-01", "end": LATER}, "start"),
    "30 February": ({"start": NOW, "end": "2027-02-30T00:00:00Z"}, "end"),
    "words": ({"start": "now", "end": LATER}, "start"),
    "before the first year": ({"start": "0001-01-01T00:00:00+14:00", "end": LATER}, "start"),
    "after the last year": ({"start": NOW, "end": "9999-12-31T23:59:59-14:00"}, "end"),
    "a nul": ({"start": "\x00", "end": LATER}, "start"),
    "digits that are not ours": ({"start": "\u0662\u0660\u0662\u0667-01-01T00:00:00Z", "end": LATER}, "start"),
    "no limit": ({"start": NOW, "end": LATER, "limit": ""}, "limit"),
    "limit 0": ({"start": NOW, "end": LATER, "limit": "0"}, "limit"),
    "limit -1": ({"start": NOW, "end": LATER, "limit": "-1"}, "limit"),
    "limit 1.5": ({"start": NOW, "end": LATER, "limit": "1.5"}, "limit"),
    "limit ten": ({"start": NOW, "end": LATER, "limit": "ten"}, "limit"),
    "limit of 5000 digits": ({"start": NOW, "end": LATER, "limit": "9" * 5000}, "limit"),
    "limit in other digits": ({"start": NOW, "end": LATER, "limit": "\u0662"}, "limit"),
}


@pytest.mark.parametrize("name", WRONG_RANGES)
def test_a_range_or_limit_that_is_none_is_refused_by_name(ada: Client, name: str) -> None:
    query, field = WRONG_RANGES[name]
    answer = ada.get("/v1/sessions", **query)
    check_problem(answer, 422, "invalid_request", field or ...)
    assert answer.json["field"] in query or answer.json["field"] in ("start", "end")


def test_an_instant_whose_plus_sign_was_not_encoded_is_understood(api: Runner, ada: Client, slots: Slots) -> None:
    slot = slots.far()
    session_id = ada.book(slot)["sessionId"]
    answer = ada.request("GET", f"/v1/sessions?start={slot.text}&end={slot.text}")
    assert answer.status == 200, answer
    assert [session["sessionId"] for session in answer.json["sessions"]] == [session_id]


def test_unknown_query_parameters_are_ignored(ada: Client, slots: Slots) -> None:
    slot = slots.far()
    session_id = ada.book(slot)["sessionId"]
    assert listed(ada, slot.start, slot.start, colour="red", Limit="x") == [session_id]
    assert ada.get("/v1/me", colour="red").status == 200
    assert ada.get(f"/v1/sessions/{session_id}", colour="red").status == 200


@pytest.fixture(scope="module")
def diary(api: Runner) -> tuple[Client, list[Slot], list[str]]:
    """A member with seven sessions: the slots, and the ids as the list should have them."""
    member = api.sign_in("Diarist")
    several = api.slots.several(7)
    return member, several, [member.book(slot)["sessionId"] for slot in several][::-1]


def pages(member: Client, several: list[Slot], limit: int) -> list[list[str]]:
    """The whole list, page by page."""
    found, query = [], {"start": several[0].text, "end": several[-1].text, "limit": str(limit)}
    while True:
        answer = member.get("/v1/sessions", **query)
        assert answer.status == 200, answer
        found.append([session["sessionId"] for session in answer.json["sessions"]])
        if answer.json.get("nextCursor") is None:
            return found
        query["cursor"] = answer.json["nextCursor"]


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 8])
def test_pages_together_are_the_list(diary: tuple[Client, list[Slot], list[str]], limit: int) -> None:
    member, several, ids = diary
    found = pages(member, several, limit)
    assert sum(found, []) == ids  # noqa: RUF017
    assert [len(page) for page in found[:-1]] == [limit] * (len(found) - 1)
    assert 1 <= len(found[-1]) <= limit


def test_without_a_limit_the_whole_range_is_given(diary: tuple[Client, list[Slot], list[str]]) -> None:
    member, several, ids = diary
    assert listed(member, several[0].start, several[-1].start) == ids


def test_what_is_booked_or_cancelled_meanwhile_neither_doubles_nor_hides_an_entry(ada: Client, slots: Slots) -> None:
    *several, newest = slots.several(5)
    ids = [ada.book(slot)["sessionId"] for slot in several]
    query = {"start": several[0].text, "end": newest.text, "limit": "2"}
    first = ada.get("/v1/sessions", **query).json
    ada.book(newest)
    ada.cancel(ids[2])
    second = ada.get("/v1/sessions", **query, cursor=first["nextCursor"]).json
    found = [session["sessionId"] for page in (first, second) for session in page["sessions"]]
    assert found == ids[::-1]


def test_a_cursor_that_was_tampered_with_is_refused(diary: tuple[Client, list[Slot], list[str]]) -> None:
    member, several, _ = diary
    query = {"start": several[0].text, "end": several[-1].text, "limit": "2"}
    cursor = member.get("/v1/sessions", **query).json["nextCursor"]
    flipped = [cursor[:at] + ("A" if cursor[at] != "A" else "B") + cursor[at + 1 :] for at in range(0, len(cursor), 3)]
    odd = [
        "",
        "x",
        "====",
        "\x00",
        "\N{GRINNING FACE}",
        "a" * 5000,
        cursor[:-1],
        cursor + "A",
        cursor + "=",
        cursor * 2,
    ]
    for wrong in [*flipped, *odd, cursor.swapcase()]:
        check_problem(member.get("/v1/sessions", **query, cursor=wrong), 400, "invalid_cursor", "cursor")


def test_a_cursor_of_another_member_is_refused(ada: Client, diary: tuple[Client, list[Slot], list[str]]) -> None:
    member, several, _ = diary
    query = {"start": several[0].text, "end": several[-1].text, "limit": "2"}
    cursor = member.get("/v1/sessions", **query).json["nextCursor"]
    check_problem(ada.get("/v1/sessions", **query, cursor=cursor), 400, "invalid_cursor", "cursor")


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
