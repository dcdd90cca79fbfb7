"""The content, order and pages of `GET /v1/sessions`."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.contract.client import Client, Runner
from tests.contract.shapes import check_problem, check_session
from tests.contract.slots import Slots, SlotStart, text_of


def listed(client: Client, start: datetime, end: datetime, **query: Any) -> list[str]:
    response = client.get("/v1/sessions", start=text_of(start), end=text_of(end), **query)
    assert response.status == 200, response
    return [session["sessionId"] for session in response.json["sessions"]]


def test_the_list_is_newest_first_without_cancelled_sessions_and_is_not_cached(ada: Client, slots: Slots) -> None:
    several = slots.several(4)
    ids = [ada.book(slot)["sessionId"] for slot in several]
    ada.cancel(ids[1])
    response = ada.get("/v1/sessions", start=several[0].text, end=several[-1].text)
    assert response.status == 200
    assert response.headers["Cache-Control"] == "no-store"
    assert response.json.get("nextCursor") is None
    for session in response.json["sessions"]:
        check_session(session)
        assert session == ada.session(session["sessionId"])
    assert [session["sessionId"] for session in response.json["sessions"]] == [ids[3], ids[2], ids[0]]


def test_the_list_contains_each_session_that_overlaps_the_range_with_both_ends_included(
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
    session_id = ada.book(SlotStart(midnight - timedelta(minutes=30)), 75)["sessionId"]
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
def test_a_range_of_one_calendar_year_is_accepted_also_in_a_leap_year(ada: Client, start: str, end: str) -> None:
    response = ada.get("/v1/sessions", start=start, end=end)
    assert response.status == 200, response
    assert response.json["sessions"] == []


NOW, LATER = "2027-01-01T00:00:00Z", "2027-02-01T00:00:00Z"
INVALID_RANGES: dict[str, tuple[dict[str, str], str | None]] = {
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
    "arabic digits": ({"start": "\u0662\u0660\u0662\u0667-01-01T00:00:00Z", "end": LATER}, "start"),
    "no limit": ({"start": NOW, "end": LATER, "limit": ""}, "limit"),
    "limit 0": ({"start": NOW, "end": LATER, "limit": "0"}, "limit"),
    "limit -1": ({"start": NOW, "end": LATER, "limit": "-1"}, "limit"),
    "limit 1.5": ({"start": NOW, "end": LATER, "limit": "1.5"}, "limit"),
    "limit ten": ({"start": NOW, "end": LATER, "limit": "ten"}, "limit"),
    "limit of 5000 digits": ({"start": NOW, "end": LATER, "limit": "9" * 5000}, "limit"),
    "limit in arabic digits": ({"start": NOW, "end": LATER, "limit": "\u0662"}, "limit"),
}


@pytest.mark.sampled(every=6)
@pytest.mark.parametrize("name", INVALID_RANGES)
def test_an_invalid_range_or_limit_is_refused_by_name(ada: Client, name: str) -> None:
    query, field = INVALID_RANGES[name]
    response = ada.get("/v1/sessions", **query)
    check_problem(response, 422, "invalid_request", field or ...)
    assert response.json["field"] in query or response.json["field"] in ("start", "end")


def test_an_instant_with_an_unencoded_plus_sign_is_accepted(api: Runner, ada: Client, slots: Slots) -> None:
    slot = slots.far()
    session_id = ada.book(slot)["sessionId"]
    response = ada.request("GET", f"/v1/sessions?start={slot.text}&end={slot.text}")
    assert response.status == 200, response
    assert [session["sessionId"] for session in response.json["sessions"]] == [session_id]


def test_unknown_query_parameters_are_ignored(ada: Client, slots: Slots) -> None:
    slot = slots.far()
    session_id = ada.book(slot)["sessionId"]
    assert listed(ada, slot.start, slot.start, colour="red", Limit="x") == [session_id]
    assert ada.get("/v1/me", colour="red").status == 200
    assert ada.get(f"/v1/sessions/{session_id}", colour="red").status == 200


@pytest.fixture(scope="module")
def seven_sessions(api: Runner) -> tuple[Client, list[SlotStart], list[str]]:
    """A member with seven sessions, their slots, and their ids in the order of the list."""
    member = api.sign_in("Diarist")
    several = api.slots.several(7)
    return member, several, [member.book(slot)["sessionId"] for slot in several][::-1]


def pages(member: Client, several: list[SlotStart], limit: int) -> list[list[str]]:
    """Return the ids of all pages of the list."""
    found, query = [], {"start": several[0].text, "end": several[-1].text, "limit": str(limit)}
    while True:
        response = member.get("/v1/sessions", **query)
        assert response.status == 200, response
        found.append([session["sessionId"] for session in response.json["sessions"]])
        if response.json.get("nextCursor") is None:
            return found
        query["cursor"] = response.json["nextCursor"]


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 8])
def test_the_pages_together_are_the_complete_list(
    seven_sessions: tuple[Client, list[SlotStart], list[str]], limit: int
) -> None:
    member, several, ids = seven_sessions
    found = pages(member, several, limit)
    assert sum(found, []) == ids  # noqa: RUF017
    assert [len(page) for page in found[:-1]] == [limit] * (len(found) - 1)
    assert 1 <= len(found[-1]) <= limit


def test_without_a_limit_the_list_contains_the_whole_range(
    seven_sessions: tuple[Client, list[SlotStart], list[str]],
) -> None:
    member, several, ids = seven_sessions
    assert listed(member, several[0].start, several[-1].start) == ids


def test_bookings_and_cancellations_between_pages_neither_repeat_nor_hide_an_entry(ada: Client, slots: Slots) -> None:
    *several, newest = slots.several(5)
    ids = [ada.book(slot)["sessionId"] for slot in several]
    query = {"start": several[0].text, "end": newest.text, "limit": "2"}
    first = ada.get("/v1/sessions", **query).json
    ada.book(newest)
    ada.cancel(ids[2])
    second = ada.get("/v1/sessions", **query, cursor=first["nextCursor"]).json
    found = [session["sessionId"] for page in (first, second) for session in page["sessions"]]
    assert found == ids[::-1]


def test_a_changed_cursor_is_refused(seven_sessions: tuple[Client, list[SlotStart], list[str]]) -> None:
    member, several, _ = seven_sessions
    query = {"start": several[0].text, "end": several[-1].text, "limit": "2"}
    cursor = member.get("/v1/sessions", **query).json["nextCursor"]
    flipped = [cursor[:at] + ("A" if cursor[at] != "A" else "B") + cursor[at + 1 :] for at in range(0, len(cursor), 3)]
    malformed = [
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
    for wrong in [*flipped, *malformed, cursor.swapcase()]:
        check_problem(member.get("/v1/sessions", **query, cursor=wrong), 400, "invalid_cursor", "cursor")


def test_a_cursor_of_another_member_is_refused(
    ada: Client, seven_sessions: tuple[Client, list[SlotStart], list[str]]
) -> None:
    member, several, _ = seven_sessions
    query = {"start": several[0].text, "end": several[-1].text, "limit": "2"}
    cursor = member.get("/v1/sessions", **query).json["nextCursor"]
    check_problem(ada.get("/v1/sessions", **query, cursor=cursor), 400, "invalid_cursor", "cursor")
