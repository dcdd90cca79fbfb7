"""Finalizing a slot over HTTP (R21, R22)."""

from itertools import combinations

import pytest

from tests.contract.client import Client, Runner
from tests.contract.slots import SlotStart

COMPATIBLE = {"Ada Ben", "Ben Cy", "Cy Dee", "Eve Fay", "Fay Gus", "Gus Hal"}


def book_eight_members(controlled: Runner, slot: SlotStart) -> dict[str, Client]:
    """Book one slot for 8 members, each compatible with one or two of the others.

    Ben and Cy are matched, Fay and Gus are locked in, and the other 4 wait.
    """
    names = sorted({name for pair in COMPATIBLE for name in pair.split()})
    members = dict(zip(names, controlled.sign_in_all(*names), strict=True))
    for one, other in combinations(names, 2):
        if f"{one} {other}" not in COMPATIBLE:
            members[one].set_relation("snooze", members[other], {"until": "2099-01-01T00:00:00Z"})
    for name in ("Ben", "Cy", "Fay"):
        members[name].book(slot)
    members["Gus"].lock(members["Fay"], slot)
    for name in ("Ada", "Dee", "Eve", "Hal"):
        assert members[name].book(slot)["state"] == "waiting"
    return members


def partners(members: dict[str, Client], slot: SlotStart) -> dict[str, tuple[str, str | None]]:
    """Return the state of each member's session and the names of the partners."""
    sessions = {name: member.in_slot(slot) for name, member in members.items()}
    return {name: (one["state"], [user["name"] for user in one["users"][1:]] or None) for name, one in sessions.items()}


LOCKED = {
    "Fay": ("locked_in", ["Gus"]),
    "Gus": ("locked_in", ["Fay"]),
    "Eve": ("waiting", None),
    "Hal": ("waiting", None),
}
GREEDY = {
    **LOCKED,
    "Ada": ("waiting", None),
    "Ben": ("matched", ["Cy"]),
    "Cy": ("matched", ["Ben"]),
    "Dee": ("waiting", None),
}
MAXIMUM = {
    **LOCKED,
    "Ada": ("matched", ["Ben"]),
    "Ben": ("matched", ["Ada"]),
    "Cy": ("matched", ["Dee"]),
    "Dee": ("matched", ["Cy"]),
}


@pytest.mark.long  # Each sweep reads 372 partitions.
@pytest.mark.parametrize("minutes", [10, 5.02])
def test_r21_a_tick_in_the_window_computes_a_maximum_matching_and_keeps_locked_in_pairs(
    controlled: Runner, minutes: float
) -> None:
    slot = controlled.slots.near()
    members = book_eight_members(controlled, slot)
    controlled.tick()
    assert partners(members, slot) == GREEDY
    rooms = {name: members[name].in_slot(slot)["roomUrl"] for name in ("Fay", "Gus", "Ben")}
    controlled.travel(slot.before(minutes=minutes))
    controlled.tick()
    assert partners(members, slot) == MAXIMUM
    after = {name: members[name].in_slot(slot) for name in members}
    assert {name: after[name]["roomUrl"] == room for name, room in rooms.items()} == {
        "Fay": True,
        "Gus": True,
        "Ben": False,
    }
    assert after["Ben"]["lastChange"]["kind"] == "matched"
    # A second tick moves no member.
    controlled.tick()
    assert {name: members[name].in_slot(slot)["roomUrl"] for name in members} == {
        name: session["roomUrl"] for name, session in after.items()
    }


# Each sweep reads 372 partitions.
@pytest.mark.long  # Each tick runs every schedule.
@pytest.mark.parametrize("minutes", [5, pytest.param(1, marks=pytest.mark.long)])
def test_r22_a_tick_moves_no_pair_after_the_cut_off(controlled: Runner, minutes: float) -> None:
    slot = controlled.slots.near()
    members = book_eight_members(controlled, slot)
    controlled.travel(slot.before(minutes=minutes))
    controlled.tick()
    assert partners(members, slot) == GREEDY
    controlled.travel(slot.after(hours=1))
    controlled.tick()
    assert partners(members, slot)["Ben"] == ("matched", ["Cy"])
    assert partners(members, slot)["Ada"] == ("unmatched", None)
