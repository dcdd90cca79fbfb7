"""Clients that read a whole leap year of sessions, at once or by pages of any size (R30, R35)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.contract.client import Client, Runner
from tests.contract.slots import SlotStart, text_of

pytestmark = pytest.mark.long

NEW_YEAR, NEXT_YEAR = datetime(2028, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC)
NOON = timedelta(hours=12)
# Sessions are booked up to 13 weeks ahead (R30), 30 of them by one request.
AHEAD, BATCH = timedelta(days=90), 30
# The first session ends with the year before, and the last one starts with the year after.
MINUTES, FOOTPRINT = 75, timedelta(minutes=90)
FIRST, LAST = SlotStart(NEW_YEAR - timedelta(minutes=MINUTES)), SlotStart(NEXT_YEAR)
OUTSIDE = (SlotStart(FIRST.start - FOOTPRINT), SlotStart(NEXT_YEAR + FOOTPRINT))
LEAP_DAY = [SlotStart(datetime(2028, 2, 29, hour, tzinfo=UTC)) for hour in (0, 9, 23)]
EVERY_DAY = [SlotStart(NEW_YEAR + timedelta(days=day) + NOON) for day in range(366)]
SLOTS = sorted([FIRST, *EVERY_DAY, *LEAP_DAY, LAST], key=lambda slot: slot.start)
WHOLE_YEAR = {"start": "2028-01-01T00:00:00Z", "end": "2029-01-01T00:00:00Z"}


@pytest.fixture(scope="module")
def diarist(controlled_runner: Runner) -> Client:
    """A member with sessions on each day of 2028, three more on the leap day, and one outside of each end."""
    member = controlled_runner.sign_in("Diarist")
    remaining = sorted([*SLOTS, *OUTSIDE], key=lambda slot: slot.start)
    while remaining:
        now = remaining[0].start - timedelta(hours=1)
        controlled_runner.travel(now)
        batch = [slot for slot in remaining[:BATCH] if slot.start < now + AHEAD]
        _book(member, batch)
        remaining = remaining[len(batch) :]
    controlled_runner.travel(None)
    return member


def _book(member: Client, batch: list[SlotStart]) -> None:
    response = member.post("/v1/sessions/batch", {"sessions": [slot.body(MINUTES, title=slot.text) for slot in batch]})
    assert response.status == 200, response
    assert all("session" in result for result in response.json["results"]), response


def pages(member: Client, **query: Any) -> list[list[dict[str, Any]]]:
    """Return the sessions of all pages of the list."""
    found = []
    while True:
        response = member.get("/v1/sessions", **query)
        assert response.status == 200, response
        found.append(response.json["sessions"])
        if "nextCursor" not in response.json:
            return found
        query["cursor"] = response.json["nextCursor"]


def test_r30_a_leap_year_contains_the_sessions_that_touch_its_ends(diarist: Client) -> None:
    (whole,) = pages(diarist, **WHOLE_YEAR)
    assert [session["startTime"] for session in whole] == [slot.text for slot in reversed(SLOTS)]
    assert [session["title"] for session in whole] == [session["startTime"] for session in whole]


# The first is the one of a share. Pages of one session are 371 requests.
@pytest.mark.parametrize("limit", [30, 7, 1000, len(SLOTS), len(SLOTS) - 1, 1])
def test_r30_the_pages_of_a_leap_year_are_the_whole_list(diarist: Client, limit: int) -> None:
    (whole,) = pages(diarist, **WHOLE_YEAR)
    found = pages(diarist, **WHOLE_YEAR, limit=limit)
    assert [session for page in found for session in page] == whole
    assert [len(page) for page in found[:-1]] == [limit] * ((len(SLOTS) - 1) // limit)


@pytest.mark.parametrize("offset", ["+14:00", "-12:00", "+05:30"])
def test_r30_a_leap_year_of_a_local_clock_has_all_of_its_days(diarist: Client, offset: str) -> None:
    query = {"start": f"2028-01-01T00:00:00{offset}", "end": f"2029-01-01T00:00:00{offset}"}
    start, end = (datetime.fromisoformat(text) for text in query.values())
    expected = [slot for slot in (*SLOTS, *OUTSIDE) if slot.start <= end and start <= slot.after(minutes=MINUTES)]
    (whole,) = pages(diarist, **query)
    assert [session["startTime"] for session in whole] == sorted((slot.text for slot in expected), reverse=True)
    assert sum(pages(diarist, **query, limit=100), []) == whole  # noqa: RUF017


def test_r30_years_one_after_the_other_contain_every_session(diarist: Client) -> None:
    """Existing clients read calendar years from `memberSince` on, each to its last second."""
    years = [{"start": f"{year}-01-01T00:00:00Z", "end": f"{year}-12-31T23:59:59Z"} for year in (2027, 2028, 2029)]
    found = {session["sessionId"]: session for query in years for session in pages(diarist, **query)[0]}
    assert sorted(session["startTime"] for session in found.values()) == sorted(
        text_of(slot.start) for slot in (*SLOTS, *OUTSIDE)
    )
