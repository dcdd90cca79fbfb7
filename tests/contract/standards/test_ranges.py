"""Ranges and pages of clients by other authors, such as a month of the calendar at once (R10, R30)."""

from datetime import timedelta
from typing import Any

import pytest

from tests.contract.client import Client, Runner
from tests.contract.shapes import check_problem
from tests.contract.slots import SlotStart
from tests.contract.test_staff import staff_member

FIVE_WEEKS = timedelta(weeks=5)

# The calendar of 2427 is that of 2027, and no test books then. Clocks of Vienna change on 28 March and 31 October,
# those of Lord Howe by half an hour on 4 April.
FIVE_WEEKS_LONG = [
    ("2427-01-04T00:00:00Z", "2427-02-08T00:00:00Z"),
    ("2427-01-04T00:00:00.5+01:00", "2427-02-08T00:00:00.5+01:00"),
    ("2427-10-25T00:00:00+02:00", "2427-11-29T00:00:00+01:00"),
    ("2427-03-22T00:00:00+01:00", "2427-04-26T00:00:00+02:00"),
    ("2427-03-22T00:00:00+11:00", "2427-04-26T00:00:00+10:30"),
    ("2428-02-01T00:00:00Z", "2428-03-07T00:00:00Z"),
    ("9998-11-26T00:00:00Z", "9998-12-31T00:00:00Z"),
]
LONGER = [
    ("2427-01-04T00:00:00Z", "2427-02-08T00:00:01Z"),
    ("2427-10-25T00:00:00+02:00", "2427-11-29T00:00:01+01:00"),
    ("2427-03-22T00:00:00+01:00", "2427-04-26T01:00:01+02:00"),
    ("2427-01-01T00:00:00Z", "2428-01-01T00:00:00Z"),
]


@pytest.fixture(scope="module")
def reader(controlled_runner: Runner) -> Client:
    """A member without sessions."""
    return controlled_runner.sign_in("Reader")


@pytest.mark.parametrize(("start", "end"), FIVE_WEEKS_LONG)
def test_r10_five_weeks_of_the_callers_clock_are_a_range_of_the_calendar(reader: Client, start: str, end: str) -> None:
    response = reader.get("/v1/calendar", start=start, end=end)
    assert (response.status, response.json) == (200, {"slots": []})


@pytest.mark.parametrize(("start", "end"), LONGER)
def test_r10_a_longer_range_of_the_calendar_is_refused(reader: Client, start: str, end: str) -> None:
    response = reader.get("/v1/calendar", start=start, end=end)
    check_problem(response, 422, "invalid_request", "end")
    assert "five weeks" in response.json["detail"]


@pytest.mark.long  # Reads two calendars of five weeks.
def test_r10_the_panel_of_a_five_weeks_calendar_ends_after_two_weeks(controlled: Runner) -> None:
    ada, ben = controlled.sign_in_all("Ada", "Ben")
    ada.set_relation("favorite", ben)
    # The slots of other tests are 2 hours apart on all days, and these are an hour beside them.
    now = controlled.slots.far().after(hours=1)
    controlled.travel(now)
    days = (1, 13, 14, 15, 34)
    slots = {day: SlotStart(now + timedelta(days=day)) for day in days}
    for slot in slots.values():
        ben.book(slot)
    own = [ada.book(SlotStart(now + timedelta(days=day, hours=2))) for day in days]
    shown = _calendar(ada, now, now + FIVE_WEEKS)
    assert [slot["session"] for slot in shown if slot["session"]] == own
    seen = [slot["startTime"] for slot in shown if slot["favorites"]]
    assert seen == [slots[day].text for day in (1, 13, 14)]
    # A range that begins after the two weeks shows own sessions, and the demand without its members.
    later = _calendar(ada, slots[15].start, slots[15].start + FIVE_WEEKS)
    assert [slot["session"] for slot in later if slot["session"]] == own[-2:]
    assert [slot["favorites"] for slot in later if slot["favorites"]] == []


def _calendar(member: Client, start: Any, end: Any) -> list[dict[str, Any]]:
    response = member.get("/v1/calendar", start=start.isoformat(), end=end.isoformat())
    assert response.status == 200, response
    return response.json["slots"]


def test_every_paged_list_takes_pages_of_a_thousand(controlled_runner: Runner, reader: Client) -> None:
    document = reader.runner.request("GET", "/openapi.json").json
    now = reader.runner.slots.far()
    lists = [
        path.format(userId=reader.user_id)
        for path, methods in document["paths"].items()
        if any(parameter.get("name") == "limit" for parameter in methods.get("get", {}).get("parameters", ()))
    ]
    assert len(lists) == 12
    of_staff = staff_member(controlled_runner)
    for path in lists:
        query = {"start": now.text, "end": now.text} if path in ("/v1/sessions", "/v1/calendar") else {}
        caller = of_staff if path.startswith("/v1/staff/") else reader
        query |= {"query": "ada"} if path == "/v1/staff/members" else {}
        assert caller.get(path, **query, limit=1000).status == 200, path
        check_problem(caller.get(path, **query, limit=1001), 422, "invalid_request", "limit")
