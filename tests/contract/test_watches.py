"""Watching a favorite over HTTP, up to the event in the watcher's list (R45)."""

from datetime import timedelta
from typing import Any

import pytest

from tests.contract.client import Client, Runner, Service
from tests.contract.shapes import check_problem
from tests.contract.slots import Slots, SlotStart
from tests.infra.poll import until


def watch(member: Client, favorite: Client) -> None:
    """Make another member a favorite and watch it."""
    member.set_relation("favorite", favorite)
    assert member.put(f"/v1/people/{favorite.user_id}/watch").status == 204


def notices(member: Client) -> list[dict[str, Any]]:
    """Return the member's events of favorites."""
    events = member.get("/v1/events").json["events"]
    return [event for event in events if event["type"] == "favorite.available"]


def test_r45_a_watcher_has_an_event_of_the_session_that_became_lockable(ada: Client, ben: Client, slots: Slots) -> None:
    watch(ada, ben)
    slot = slots.near()
    ben.book(slot)
    until(lambda: notices(ada))
    (event,) = notices(ada)
    assert event["data"] == {
        "startTime": slot.text,
        "duration": 3000000,
        "favorite": {"userId": ben.user_id, "name": "Ben", "photoUrl": None},
    }
    assert ada.lock(ben, slot)["locked"] is True


def test_r45_only_favorites_are_watched_and_the_refusal_says_nothing_about_the_member(
    api: Service, ada: Client, ben: Client
) -> None:
    cy = api.sign_in("Cy")
    cy.set_relation("block", ada)
    for user_id in (ben.user_id, cy.user_id, ada.user_id, "0" * 24, "unknown"):
        check_problem(ada.put(f"/v1/people/{user_id}/watch"), 422, "invalid_request", "userId")
        assert ada.delete(f"/v1/people/{user_id}/watch").status == 204


@pytest.mark.long  # It sets the clock and runs a sweep.
def test_r45_a_session_is_announced_when_it_enters_the_next_two_weeks(controlled: Runner) -> None:
    ada, ben = controlled.sign_in_all("Ada", "Ben")
    watch(ada, ben)
    now = controlled.slots.far().start
    controlled.travel(now)
    slot = SlotStart(now + timedelta(days=14, hours=1))
    ben.book(slot)
    controlled.tick()
    assert notices(ada) == []
    controlled.travel(now + timedelta(hours=1, minutes=1))
    controlled.tick()
    until(lambda: notices(ada))
    assert [event["data"]["startTime"] for event in notices(ada)] == [slot.text]
