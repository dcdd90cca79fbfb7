"""Attacks by members who watch a favorite to learn hours that the favorite hides (R10, R45)."""

from tests.contract.client import Client, Service
from tests.contract.slots import Slots
from tests.contract.test_not_available import FOREVER
from tests.contract.test_watches import notices, watch
from tests.infra.poll import until


def test_r45_a_watcher_hears_nothing_of_a_favorite_who_hides_hours(
    api: Service, ada: Client, ben: Client, slots: Slots
) -> None:
    """Watch a favorite before the favorite blocks or snoozes you, and wait for events."""
    dee, eve = api.sign_in("Dee"), api.sign_in("Eve")
    for watcher in (ada, dee, eve):
        watch(watcher, ben)
    ben.set_relation("block", ada)
    ben.set_relation("snooze", dee, FOREVER)
    ben.book(slots.near())
    until(lambda: notices(eve))
    assert notices(ada) == notices(dee) == []
    # A block does not end the watch.
    assert ada.put(f"/v1/people/{ben.user_id}/watch").status == 204


def test_r45_a_favorite_who_books_and_cancels_in_turn_sends_one_event(ada: Client, ben: Client, slots: Slots) -> None:
    """Flood a member who watches you."""
    watch(ada, ben)
    for slot in (slots.near(), slots.near()):
        session = ben.book(slot)
        ben.delete(f"/v1/sessions/{session['sessionId']}")
    last = ben.book(slots.near())
    until(lambda: ben.get("/v1/events").json["events"][-1]["data"]["sessionId"] == last["sessionId"])
    until(lambda: len(notices(ada)) <= 1)
    assert len(notices(ada)) <= 1
