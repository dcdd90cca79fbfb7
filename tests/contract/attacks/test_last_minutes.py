"""Attacks on the matching of the last minutes before a start (R10, R12, R13, R20, R21, R22, R34)."""

import pytest

from tests.contract.client import Client, Runner, eventually, partner_of
from tests.contract.slots import SlotStart

WOMEN_ONLY = {"gender": "woman", "partnerGender": "same"}


def book_three_groups(controlled: Runner, slot: SlotStart) -> dict[str, Client]:
    """Match Ben with Cy and Eli with Fay, and let Gia wait. She takes women only, and Fay is the other woman."""
    names = ("Ada", "Ben", "Cy", "Eli", "Fay", "Gia")
    members = dict(zip(names, controlled.sign_in_all(*names), strict=True))
    members["Gia"].change_settings(**WOMEN_ONLY)
    members["Fay"].change_settings(gender="woman")
    for name in ("Ben", "Cy", "Eli", "Fay"):
        members[name].book(slot)
    assert members["Gia"].book(slot)["state"] == "waiting"
    members["Ada"].set_relation("favorite", members["Ben"])
    return members


def names_of_pairs(members: dict[str, Client], slot: SlotStart) -> set[frozenset[str]]:
    """Return the names of the partners in a slot, without the members who have none."""
    name_of = {member.user_id: name for name, member in members.items()}
    shown = [(name, session) for name, member in members.items() for session in member.sessions()]
    partners = [(name, partner_of(session)) for name, session in shown if session["startTime"] == slot.text]
    return {frozenset({name, name_of[other]}) for name, other in partners if other}


@pytest.mark.long  # Fills a slot with members.
@pytest.mark.parametrize("attack", ["a lock", pytest.param("a cancel", marks=pytest.mark.long)])
def test_r13_r21_a_member_left_in_the_sixth_minute_is_matched_with_moves_at_once(
    controlled: Runner, attack: str
) -> None:
    """Between the last run of the schedule and the end of moves Ben leaves Cy, by Ada's lock or by a cancel.

    Nothing but a move of Eli and Fay pairs Cy and Gia (R13, R21).
    """
    slot = controlled.slots.near()
    members = book_three_groups(controlled, slot)
    controlled.travel(slot.before(minutes=6))
    controlled.tick()
    controlled.travel(slot.before(minutes=5, seconds=59))
    if attack == "a lock":
        assert members["Ada"].try_to_lock(members["Ben"], slot).status == 201
    else:
        members["Ben"].cancel(members["Ben"].in_slot(slot)["sessionId"])
    expected = {frozenset({"Cy", "Eli"}), frozenset({"Fay", "Gia"})}
    locked = {frozenset({"Ada", "Ben"})} if attack == "a lock" else set()
    assert eventually(lambda: names_of_pairs(members, slot) >= expected)
    controlled.travel(slot.before(minutes=5))
    controlled.tick()
    assert names_of_pairs(members, slot) == expected | locked


def test_r22_a_lock_overrides_a_random_match_in_the_last_half_minute(controlled: Runner) -> None:
    """An operator has set no cut-off of locks. Half a minute before the start Ada still takes Ben (R12, R22)."""
    slot = controlled.slots.near()
    ada, ben, cy = controlled.sign_in_all("Ada", "Ben", "Cy")
    ben.book(slot)
    cy.book(slot)
    ada.set_relation("favorite", ben)
    # The clock runs on, also where the next request takes seconds.
    controlled.travel(slot.before(seconds=30))
    assert ben.in_slot(slot)["final"] is False
    answer = ada.try_to_lock(ben, slot)
    assert (answer.status, cy.in_slot(slot)["state"]) == (201, "waiting")


@pytest.mark.parametrize("wish", ["named", "favorites"])
def test_r10_a_wish_is_added_to_a_booking_that_waits(controlled: Runner, wish: str) -> None:
    """Ada waits already. Choosing Ben in the panel, or asking for favorites, keeps the session and its place (R10)."""
    slot = controlled.slots.near()
    ada, ben, cy = controlled.sign_in_all("Ada", "Ben", "Cy")
    for other in (ben, cy):
        other.set_relation("snooze", ada, {"until": slot.text})
    ada.set_relation("favorite", ben)
    session = ada.book(slot)
    fields = {"partnerId": ben.user_id, "locked": False} if wish == "named" else {"preferFavorites": True}
    answer = ada.post("/v1/sessions", slot.body(**fields))
    assert answer.status == 200, answer
    assert answer.json["session"] == session | {"preferFavorites": wish == "favorites"}


def test_r20_a_member_queues_from_the_booking_and_not_from_the_partners_cancel(controlled: Runner) -> None:
    """Cy waits since Monday and Dee since Thursday. Cy's partner cancels on Friday, then Ada books (R20)."""
    slot = controlled.slots.near()
    ada, ben, cy, dee = controlled.sign_in_all("Ada", "Ben", "Cy", "Dee")
    cy.set_relation("snooze", dee, {"until": slot.text})
    controlled.stream(enabled=False)
    cy.book(slot)
    session = ben.book(slot)
    dee.set_relation("snooze", ben, {"until": slot.text})
    assert dee.book(slot)["state"] == "waiting"
    ben.cancel(session["sessionId"])
    assert partner_of(ada.book(slot)) == cy.user_id


def test_r13_the_last_three_changes_stay_visible(controlled: Runner) -> None:
    """Cy is displaced and matched again at once, so `lastChange` alone never shows the displacement (R13)."""
    slot = controlled.slots.near()
    ada, ben, cy, dee = controlled.sign_in_all("Ada", "Ben", "Cy", "Dee")
    ben.book(slot)
    cy.book(slot)
    ben.set_relation("snooze", dee, {"until": slot.text})
    ada.lock(ben, slot)
    assert partner_of(dee.book(slot)) == cy.user_id
    session = cy.in_slot(slot)
    assert [change["kind"] for change in session["changes"]] == ["matched", "displaced", "matched"]
    assert session["changes"][0] == session["lastChange"]


@pytest.mark.long  # Makes six pairs.
def test_r20_members_who_met_before_take_turns(controlled: Runner) -> None:
    """Six days running Ben and Cy wait and Ada books. She gets the one she met longest ago (R20)."""
    ada, ben, cy = controlled.sign_in_all("Ada", "Ben", "Cy")
    ben.set_relation("snooze", cy, {"until": "2099-01-01T00:00:00Z"})
    first = controlled.slots.near()
    partners = []
    for day in range(6):
        # An hour beside the slots of the other tests, which are 2 hours apart on all days.
        slot = SlotStart(first.after(days=day, hours=1))
        ben.book(slot)
        cy.book(slot)
        partners.append(partner_of(ada.book(slot)))
    assert partners == [ben.user_id, cy.user_id] * 3


@pytest.mark.parametrize("change", [{"quietMode": True}, {"activityType": "moving"}])
def test_r34_the_mode_of_a_session_stays_once_it_began(controlled: Runner, change: dict[str, object]) -> None:
    """A day after the session its owner changes the mode that the partner sees. The title may change (R34)."""
    slot = controlled.slots.near()
    ada, ben = controlled.sign_in_all("Ada", "Ben")
    session = ada.book(slot)["sessionId"]
    ben.book(slot)
    controlled.travel(slot.after(hours=25))
    answer = ada.patch(f"/v1/sessions/{session}", change)
    assert (answer.status, answer.json.get("code")) == (409, "too_late")
    assert ada.patch(f"/v1/sessions/{session}", {"title": "Notes"}).json["session"]["title"] == "Notes"
