"""Tests of the export's files, for calendar programs and spreadsheets (R33)."""

import csv

import vobject
from icalendar import Calendar

from tests.handlers.conftest import Send, SignIn
from tests.harness import World, at

BOOKED = {"duration": 3000000}


def book(send: Send, number: int, title: str | None = None) -> str:
    """Book a slot and return the id of the session."""
    body = {**BOOKED, "startTime": at(number).start.isoformat(), "title": title}
    session_id: str = send("POST", "/v1/sessions", body).json_body["session"]["sessionId"]
    return session_id


def ids_of_sheet(send: Send) -> list[str]:
    """Return the ids of the sessions in the sheet."""
    content = send("GET", "/v1/me/export/sheet").body.decode("utf-8-sig")
    return [row["sessionId"] for row in csv.DictReader(content.splitlines())]


def test_r33_both_files_have_the_sessions_of_the_export(world: World, sign_in: SignIn) -> None:
    send, other = sign_in("Ada"), sign_in("Ben")
    assert other("PATCH", "/v1/me", {"name": "Ben"}).status_code == 200
    cancelled, waiting, paired = book(send, 1), book(send, 5, "=Alone"), book(send, 9, "Thesis; part 2")
    assert send("DELETE", f"/v1/sessions/{cancelled}").status_code == 204
    book(other, 9)
    exported = [session["sessionId"] for session in send("GET", "/v1/me/export").json_body["sessions"]]
    assert exported == [paired, waiting, cancelled]
    calendar = send("GET", "/v1/me/export/calendar")
    assert (calendar.status_code, calendar.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    found = {str(event["UID"]).partition("@")[0]: event for event in Calendar.from_ical(calendar.body.decode()).events}
    assert list(found) == exported
    assert [str(found[one]["STATUS"]) for one in exported] == ["CONFIRMED", "TENTATIVE", "CANCELLED"]
    assert str(found[paired]["SUMMARY"]) == "Thesis; part 2 (with Ben)"
    # A later version of an event replaces an earlier one in the calendar.
    assert int(found[paired]["SEQUENCE"]) > 0
    assert len(vobject.readOne(calendar.body.decode()).vevent_list) == 3
    sheet = send("GET", "/v1/me/export/sheet")
    assert (sheet.status_code, sheet.headers["Content-Type"]) == (200, "text/csv; charset=utf-8; header=present")
    assert sheet.headers["Cache-Control"] == "no-store"
    assert ids_of_sheet(send) == exported


def test_r34_r41_neither_file_opens_a_room_or_has_a_session_of_another_member(sign_in: SignIn) -> None:
    send, other = sign_in("Ada"), sign_in("Ben")
    book(send, 1)
    room = other("POST", "/v1/sessions", {**BOOKED, "startTime": at(1).start.isoformat(), "title": "Ben's"}).json_body
    for file in ("calendar", "sheet"):
        content = send("GET", f"/v1/me/export/{file}").body.decode()
        assert "Ben's" not in content
        assert room["session"]["sessionId"] not in content
        assert "/room" not in content


def test_r33_the_files_of_a_member_without_sessions_are_empty(sign_in: SignIn) -> None:
    send = sign_in("Ada")
    assert ids_of_sheet(send) == []
    calendar = send("GET", "/v1/me/export/calendar").body.decode()
    assert (calendar.startswith("BEGIN:VCALENDAR\r\n"), "VEVENT" in calendar) == (True, False)
