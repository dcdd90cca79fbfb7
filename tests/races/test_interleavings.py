"""Every pair of operations, with the second run between the reads and the write of the first.

A proxy holds the transaction of the first operation. The responses and pairs must equal those of one of the two serial
orders.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import permutations, product
from typing import Any

import pytest

from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.decisions.queue_rows import WaitingRow
from chalicelib.domain.model.errors import Busy, Refusal
from chalicelib.domain.model.ids import token_digest
from chalicelib.domain.model.member import Profile, RelationKind
from chalicelib.services.context import Context
from chalicelib.services.rooms.attendance import join_session
from chalicelib.services.rooms.second_chance import seek_again
from chalicelib.services.slot_matching.rematch import match_waiting
from tests.fault_proxy import FaultProxy
from tests.harness import MONDAY, World, at
from tests.staff_acts import suspend

NINE = at(1)
OVERLAPPING = at(1.5)


@dataclass
class FourMembers:
    """Four members, each with all others as favorites, and an invite link of Ada."""

    world: World
    ada: Profile
    ben: Profile
    cy: Profile
    dee: Profile
    invite: str = ""

    def __iter__(self) -> Any:
        return iter((self.ada, self.ben, self.cy, self.dee))


Operation = Callable[[FourMembers], Any]


def matched(members: FourMembers) -> None:
    """Match Ada and Ben, and let Cy wait."""
    for member in (members.ada, members.ben, members.cy):
        members.world.book(member, NINE)


def both_wait(members: FourMembers) -> None:
    """Let Ada and Cy wait. The snooze between them has just ended."""
    members.world.say(members.ada, RelationKind.SNOOZE, members.cy, until=members.world.now + timedelta(seconds=1))
    # Ada waits longer, so the next member is always matched with her.
    members.world.book(members.ada, NINE)
    members.world.after(milliseconds=1).book(members.cy, NINE)
    members.world.after(seconds=1)


def locked_in(members: FourMembers) -> None:
    """Lock Ada and Ben in, and match Cy and Dee."""
    members.world.book(members.ada, NINE)
    members.world.lock(members.ben, members.ada, NINE)
    for member in (members.cy, members.dee):
        members.world.book(member, NINE)


def books(name: str) -> Operation:
    return lambda members: members.world.reply(getattr(members, name), BookingRequest(NINE)).status


def replaces(name: str) -> Operation:
    return lambda members: members.world.reply(getattr(members, name), BookingRequest(OVERLAPPING, replace=True)).status


def locks(name: str, target: str) -> Operation:
    def operation(members: FourMembers) -> Any:
        booking_request = BookingRequest(NINE, lock_with=getattr(members, target).member_id)
        return members.world.reply(getattr(members, name), booking_request).status

    return operation


def accepts(name: str) -> Operation:
    """Lock in by Ada's invite link, which has one use."""

    def operation(members: FourMembers) -> Any:
        return members.world.reply(
            getattr(members, name), BookingRequest(NINE, invite=token_digest(members.invite))
        ).status

    return operation


def revokes(members: FourMembers) -> None:
    members.world.revoke(members.ada)


def cancels(name: str) -> Operation:
    def operation(members: FourMembers) -> None:
        member = getattr(members, name)
        session = members.world.seen(member, NINE)
        if session:
            members.world.cancel(member, session)

    return operation


def blocks(name: str, other: str) -> Operation:
    return lambda members: members.world.say(getattr(members, name), RelationKind.BLOCK, getattr(members, other))


def leaves(name: str) -> Operation:
    return lambda members: members.world.leave(getattr(members, name))


def rematches(name: str) -> Operation:
    def operation(members: FourMembers) -> None:
        member = getattr(members, name)
        booking = members.world.day(member, NINE).holding(NINE)
        if booking and booking.queue_position:
            match_waiting(members.world.context, WaitingRow(NINE, booking.queue_position, member.member_id))

    return operation


def in_session(members: FourMembers) -> None:
    """Match Ada with Ben and Cy with Dee, and let Ada and Cy join. Three minutes have passed since the start."""
    for member in members:
        members.world.book(member, NINE)
    members.world.deliver()
    members.world.now = NINE.start + timedelta(minutes=3)
    for name in ("ada", "cy"):
        joins(name)(members)


def joins(name: str) -> Operation:
    def operation(members: FourMembers) -> Any:
        return in_own_session(members, name, join_session).view.booking.joined_at

    return operation


def asks(name: str) -> Operation:
    return lambda members: in_own_session(members, name, seek_again).booking.state


def is_suspended(name: str) -> Operation:
    return lambda members: suspend(members.world, getattr(members, name))


def in_own_session(members: FourMembers, name: str, use_case: Callable[[Context, Profile, str], Any]) -> Any:
    """Call a use case for the member's session at nine. A deleted account has none."""
    member = getattr(members, name)
    bookings = members.world.day(member, NINE).bookings
    return use_case(members.world.context, member, bookings[0].booking_id if bookings else "none")


SITUATIONS = [matched, both_wait, locked_in]
OPERATIONS: dict[str, Operation] = {
    "Dee books": books("dee"),
    "Ada replaces": replaces("ada"),
    "Ada cancels": cancels("ada"),
    "Ben cancels": cancels("ben"),
    "Cy cancels": cancels("cy"),
    "Ada locks Cy": locks("ada", "cy"),
    "Cy locks Ada": locks("cy", "ada"),
    "Dee locks Ada": locks("dee", "ada"),
    "Dee locks Ben": locks("dee", "ben"),
    "Ada locks Ben": locks("ada", "ben"),
    "Cy accepts Ada's invite": accepts("cy"),
    "Dee accepts Ada's invite": accepts("dee"),
    "Ada revokes it": revokes,
    "Ada blocks Cy": blocks("ada", "cy"),
    "Dee blocks Ada": blocks("dee", "ada"),
    "Ben blocks Ada": blocks("ben", "ada"),
    "Ada leaves": leaves("ada"),
    "Cy leaves": leaves("cy"),
    "Ada is rematched": rematches("ada"),
    "Cy is rematched": rematches("cy"),
}
IN_SESSION_OPERATIONS: dict[str, Operation] = {
    "Ada joins": joins("ada"),
    "Ben joins": joins("ben"),
    "Ada asks": asks("ada"),
    "Ben asks": asks("ben"),
    "Cy asks": asks("cy"),
    "Ada cancels": cancels("ada"),
    "Ada leaves": leaves("ada"),
    "Ben leaves": leaves("ben"),
    "Ada blocks Cy": blocks("ada", "cy"),
}
SUSPENSIONS: dict[str, Operation] = {"Ada is suspended": is_suspended("ada")}
INTERLEAVINGS = [
    pytest.param(situation, first, second, id=f"{situation.__name__}: {first}, {second}")
    for situations, operations in (([in_session], IN_SESSION_OPERATIONS), (SITUATIONS, OPERATIONS))
    for situation, first, second in product(situations, operations, operations)
]
# Joins and second chances before and after a suspension (R47).
INTERLEAVINGS += [
    pytest.param(in_session, *two, id=f"in_session: {two[0]}, {two[1]}")
    for suspension, other in product(SUSPENSIONS, ("Ada joins", "Ben joins", "Ada asks", "Ben asks", "Cy asks"))
    for two in ((suspension, other), (other, suspension))
]


def members_in(world: World, situation: Callable[[FourMembers], None]) -> FourMembers:
    world.clear()
    world.now = MONDAY
    members = FourMembers(world, *world.members("Ada", "Ben", "Cy", "Dee"))
    world.relate(permutations(members, 2), favorite=True)
    members.invite = world.invite(members.ada, max_uses=1)
    situation(members)
    return members


def outcome(operation: Operation, members: FourMembers) -> Any:
    """Return the response of the operation or the code of its refusal. Raises Busy."""
    try:
        return operation(members)
    except Busy:
        raise
    except Refusal as refusal:
        return refusal.code


def pairs(members: FourMembers) -> list[Any]:
    """Deliver the stream, and return the uses of Ada's link and the states and partners of all members."""
    members.world.deliver()
    members.world.check()
    used = [link.uses for link in members.world.links(members.ada)]
    return [used, *(members.world.state(member, slot) for member in members for slot in (NINE, OVERLAPPING))]


@pytest.mark.parametrize(("situation", "first", "second"), INTERLEAVINGS)
def test_two_concurrent_operations_equal_a_serial_order(
    world: World,
    faults: FaultProxy,
    situation: Callable[[FourMembers], None],
    first: str,
    second: str,
) -> None:
    operations = OPERATIONS | IN_SESSION_OPERATIONS | SUSPENSIONS
    one, other = operations[first], operations[second]
    serial = []
    for forwards in (True, False):
        members = members_in(world, situation)
        earlier = outcome(one if forwards else other, members)
        later = outcome(other if forwards else one, members)
        serial.append((*((earlier, later) if forwards else (later, earlier)), pairs(members)))

    members = members_in(world, situation)
    first_response: list[Any] = []
    faults.hold_next()
    thread = threading.Thread(target=lambda: first_response.append(outcome(one, members)))
    thread.start()
    while thread.is_alive() and not faults.held.wait(0.005):
        """Wait until the first operation is held at its write, or has ended without one."""
    if not thread.is_alive():
        faults.release_held()
    second_response = outcome(other, members)
    faults.release_held()
    thread.join()
    assert (first_response[0], second_response, pairs(members)) in serial
