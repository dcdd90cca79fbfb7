"""Attacks on the matching of the last minutes before a start (R10, R12, R13, R20, R21, R22, R34)."""

from tests.contract.client import Client, Runner, partner_of
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
    shown = {
        name: [one for one in member.sessions() if one["startTime"] == slot.text] for name, member in members.items()
    }
    name_of = {member.user_id: name for name, member in members.items()}
    return {
        frozenset({name, name_of[other]})
        for name, sessions in shown.items()
        if sessions and (other := partner_of(sessions[0]))
    }


def test_r22_a_lock_overrides_a_random_match_in_the_last_second(controlled: Runner) -> None:
    """An operator has set no cut-off of locks. One second before the start Ada still takes Ben from Cy (R12, R22)."""
    slot = controlled.slots.near()
    ada, ben, cy = controlled.sign_in_all("Ada", "Ben", "Cy")
    ben.book(slot)
    cy.book(slot)
    ada.set_relation("favorite", ben)
    controlled.travel(slot.before(seconds=1))
    assert ben.in_slot(slot)["final"] is False
    answer = ada.try_to_lock(ben, slot)
    assert (answer.status, cy.in_slot(slot)["state"]) == (201, "waiting")
