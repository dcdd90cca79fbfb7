"""Tests of the views of favorites, snoozes and blocks."""

from datetime import timedelta

import pytest

from tests.handlers.callers import member
from tests.handlers.conftest import SignIn
from tests.harness import MONDAY, World

UNTIL = (MONDAY + timedelta(days=1)).isoformat()


@pytest.mark.parametrize(
    ("kind", "listed", "body"),
    [("favorite", "favorites", None), ("snooze", "snoozed", {"until": UNTIL}), ("block", "blocked", None)],
)
def test_a_relation_is_listed_until_it_is_removed(
    world: World, sign_in: SignIn, kind: str, listed: str, body: dict[str, str] | None
) -> None:
    send, ben = sign_in("Ada"), member(world, "Ben").member_id
    assert send("PUT", f"/v1/people/{ben}/{kind}", body).status_code == 204
    people = send("GET", "/v1/people").json_body
    assert {name: [person["userId"] for person in entries] for name, entries in people.items() if entries} == {
        listed: [ben]
    }
    assert [send("DELETE", f"/v1/people/{ben}/{kind}").status_code for _ in range(2)] == [204, 204]
    assert send("GET", "/v1/people").json_body == {"favorites": [], "snoozed": [], "blocked": []}


def test_people_are_listed_by_pages(world: World, sign_in: SignIn) -> None:
    send = sign_in("Ada")
    ids = sorted(member(world, name).member_id for name in ("Ben", "Cy", "Dee"))
    for other in ids:
        send("PUT", f"/v1/people/{other}/favorite")
    first = send("GET", "/v1/people?limit=2").json_body
    second = send("GET", f"/v1/people?limit=2&cursor={first['nextCursor']}").json_body
    assert [person["userId"] for person in first["favorites"] + second["favorites"]] == ids
    assert "nextCursor" not in second


def test_a_snooze_needs_an_instant_in_the_future(world: World, sign_in: SignIn) -> None:
    send, ben = sign_in("Ada"), member(world, "Ben").member_id
    for until in ("tomorrow", (MONDAY - timedelta(days=1)).isoformat()):
        answer = send("PUT", f"/v1/people/{ben}/snooze", {"until": until})
        assert (answer.status_code, answer.json_body["field"]) == (422, "until")
