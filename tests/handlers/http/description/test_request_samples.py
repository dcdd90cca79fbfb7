"""Tests of the sample requests of the OpenAPI document."""

import json
import re
from datetime import UTC, date, datetime, time, timedelta

import pytest

from chalicelib.handlers.http.description.openapi import describe
from chalicelib.handlers.http.description.request_samples import fill, samples
from chalicelib.handlers.http.operations import operations

LEAP_DAY = date(2028, 2, 29)


@pytest.mark.parametrize("today", [LEAP_DAY, date(2026, 12, 31)])
@pytest.mark.parametrize("clock", [time(0, 0, 0), time(23, 59, 59)])
def test_every_booking_is_a_slot_of_the_next_days_and_within_the_ranges(today: date, clock: time) -> None:
    now = datetime.combine(today, clock, UTC)
    found = samples(today)
    batch = found["postSessions"].body["sessions"]
    bookings = [found["postSession"].body, *batch, found["postInvite"].body]
    starts = [datetime.fromisoformat(each["startTime"]) for each in bookings]
    assert all(now < start < now + timedelta(days=7) and start.minute % 15 == 0 for start in starts)
    assert {each["duration"] for each in bookings} <= {1_500_000, 3_000_000, 4_500_000}
    for name in ("getSessions", "getCalendar"):
        start, end = (datetime.fromisoformat(found[name].parameters[part]) for part in ("start", "end"))
        assert start <= now
        assert max(starts) < end
        assert end - start == timedelta(weeks=2)
    for name, until in (("putSnooze", "until"), ("postLink", "expiresAt")):
        assert now < datetime.fromisoformat(found[name].body[until])


def test_a_guest_finds_the_sample_slot_of_an_invite_link_among_the_sample_bookings() -> None:
    found = samples(LEAP_DAY)
    slots = [
        {name: each[name] for name in ("startTime", "duration")} for each in found["postSessions"].body["sessions"]
    ]
    assert found["postInvite"].body in slots


def test_every_sample_with_an_instant_is_one_of_the_day_and_no_other_example_changes() -> None:
    recorded, filled = describe(operations()), fill(describe(operations()), LEAP_DAY)
    with_instants = set()
    for path, methods in recorded["paths"].items():
        for method, before in methods.items():
            after, name = filled["paths"][path][method], before["operationId"]
            sample = samples(LEAP_DAY).get(name)
            contents = [operation.get("requestBody", {}).get("content", {}).values() for operation in (before, after)]
            bodies = [[each["example"] for each in found] for found in contents]
            given = {each["name"]: each["example"] for each in after.get("parameters", []) if "example" in each}
            assert given == (sample.parameters if sample else {})
            assert bodies[1] == (bodies[0] if sample is None or sample.body is None else [sample.body])
            required = {
                each["name"] for each in before.get("parameters", []) if each["in"] == "query" and each["required"]
            }
            if required or re.search(r"\d{4}-\d\d-\d\dT", json.dumps(bodies[0])):
                with_instants.add(name)
    assert with_instants <= samples(LEAP_DAY).keys()
    assert filled["components"] == recorded["components"]
