"""The demand in the calendar over HTTP, with and without the stream (R19, R46)."""

import pytest

from tests.contract.client import Client, Runner
from tests.contract.slots import Slots, SlotStart
from tests.infra.poll import until


def demand(member: Client, slot: SlotStart) -> str:
    """Return the demand that the member's calendar shows in the slot, also for a slot that it does not list."""
    shown = member.get("/v1/calendar", start=slot.text, end=slot.text).json["slots"]
    return next((entry["waiting"] for entry in shown if entry["startTime"] == slot.text), "none")


def test_r46_a_slot_without_a_session_of_the_caller_shows_that_others_wait(
    ada: Client, ben: Client, slots: Slots
) -> None:
    slot = slots.far()
    session = ada.book(slot)
    until(lambda: demand(ben, slot) == "some")
    (entry,) = ben.get("/v1/calendar", start=slot.text, end=slot.text).json["slots"]
    when = {"startTime": slot.text, "duration": 3000000}
    assert entry == {**when, "session": None, "waiting": "some", "favorites": []}
    assert demand(ada, slot) == "none"
    assert ben.get("/v1/calendar", start=slot.text, end=slot.text, duration=1500000).json == {"slots": []}
    ada.delete(f"/v1/sessions/{session['sessionId']}")
    until(lambda: demand(ben, slot) == "none")


@pytest.mark.long  # It runs a sweep.
def test_r19_the_sweep_counts_the_demand_while_the_stream_is_off(controlled: Runner) -> None:
    ada, ben = controlled.sign_in_all("Ada", "Ben")
    slot = controlled.slots.far()
    controlled.stream(enabled=False)
    ada.book(slot)
    controlled.tick()
    assert demand(ben, slot) == "some"
