"""Tests of the views of availability and of the calendar."""

import pytest

from tests.handlers.callers import member
from tests.handlers.conftest import SignIn
from tests.harness import World, at

DAY = "start=2026-03-02T00:00:00Z&end=2026-03-03T00:00:00Z"


@pytest.fixture
def favorite(world: World) -> str:
    """Let Ada favorite Ben, who has three sessions, and return Ben's id."""
    ada, ben = member(world, "Ada"), member(world, "Ben")
    world.favorite(ada, ben)
    for slot in (at(1), at(3, minutes=25), at(5)):
        world.book(ben, slot)
    return ben.member_id


def test_r9_the_availability_of_a_favorite_is_listed_by_pages(sign_in: SignIn, favorite: str) -> None:
    send = sign_in("Ada")
    first = send("GET", f"/v1/users/{favorite}/availability?limit=2").json_body
    second = send("GET", f"/v1/users/{favorite}/availability?limit=2&cursor={first['nextCursor']}").json_body
    starts = [slot["startTime"][11:16] for slot in first["slots"] + second["slots"]]
    assert (starts, "nextCursor" in second) == (["09:00", "11:00", "13:00"], False)
    assert all(slot["lockable"] and not slot["locked"] for slot in first["slots"])


def test_r9_the_favorites_view_and_the_calendar_show_the_same_members(sign_in: SignIn, favorite: str) -> None:
    send = sign_in("Ada")
    shared = send("GET", "/v1/availability/favorites").json_body["slots"]
    calendar = send("GET", f"/v1/calendar?{DAY}").json_body["slots"]
    assert [slot["partners"] for slot in shared] == [slot["favorites"] for slot in calendar]
    assert {person["userId"] for slot in shared for person in slot["partners"]} == {favorite}


def test_the_calendar_can_show_one_length_only(sign_in: SignIn, favorite: str) -> None:
    slots = sign_in("Ada")("GET", f"/v1/calendar?{DAY}&duration=1500000").json_body["slots"]
    assert [(slot["duration"], slot["favorites"][0]["userId"]) for slot in slots] == [(1_500_000, favorite)]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("start=2026-03-02T00:00:00Z&end=2026-04-06T00:00:01Z", "end"),
        ("start=2026-03-02T00:00:00Z&end=2026-03-01T00:00:00Z", "end"),
        (f"{DAY}&duration=60", "duration"),
        ("end=2026-03-03T00:00:00Z", "start"),
    ],
)
def test_an_invalid_range_or_length_is_refused_with_its_field(sign_in: SignIn, query: str, field: str) -> None:
    answer = sign_in("Ada")("GET", f"/v1/calendar?{query}")
    assert (answer.status_code, answer.json_body["field"]) == (422, field)
