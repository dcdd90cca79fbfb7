"""Every pair of operations, the second carried out whole between the first one's reads and its write.

A proxy before the engine holds the first transaction back. Whatever comes of the two must be what comes of them one
after the other, in one order or the other: same answers, same pairs.
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
from chalicelib.services.slot_matching.rematch import match_waiting
from tests.fault_proxy import FaultyEngine
from tests.harness import World, at

NINE = at(1)
OVERLAPPING = at(1.5)


@dataclass
class Cast:
    """The members of a situation, each with all others among the favorites."""

    world: World
    ada: Profile
    ben: Profile
    cy: Profile
    dee: Profile
    invite: str = ""

    def __iter__(self) -> Any:
        return iter((self.ada, self.ben, self.cy, self.dee))


Operation = Callable[[Cast], Any]


def matched(cast: Cast) -> None:
    """Ada and Ben are matched; Cy waits."""
    for member in (cast.ada, cast.ben, cast.cy):
        cast.world.book(member, NINE)


def both_wait(cast: Cast) -> None:
    """Ada and Cy wait; a snooze that kept them apart has just ended."""
    cast.world.say(cast.ada, RelationKind.SNOOZE, cast.cy, until=cast.world.now + timedelta(seconds=1))
    # Ada a moment earlier: whoever comes next meets her, and not one of the two by chance.
    cast.world.book(cast.ada, NINE)
    cast.world.after(milliseconds=1).book(cast.cy, NINE)
    cast.world.after(seconds=1)


def locked_in(cast: Cast) -> None:
    """Ada and Ben are locked in; Cy and Dee are matched."""
    cast.world.book(cast.ada, NINE)
    cast.world.lock(cast.ben, cast.ada, NINE)
    for member in (cast.cy, cast.dee):
        cast.world.book(member, NINE)


def books(name: str) -> Operation:
    return lambda cast: cast.world.reply(getattr(cast, name), BookingRequest(NINE)).status


def replaces(name: str) -> Operation:
    return lambda cast: cast.world.reply(getattr(cast, name), BookingRequest(OVERLAPPING, replace=True)).status


def locks(name: str, target: str) -> Operation:
    def operation(cast: Cast) -> Any:
        booking_request = BookingRequest(NINE, lock_with=getattr(cast, target).member_id)
        return cast.world.reply(getattr(cast, name), booking_request).status

    return operation


def accepts(name: str) -> Operation:
    """Lock in by Ada's invite link, which has one use."""

    def operation(cast: Cast) -> Any:
        return cast.world.reply(getattr(cast, name), BookingRequest(NINE, invite=token_digest(cast.invite))).status

    return operation


def revokes(cast: Cast) -> None:
    cast.world.revoke(cast.ada)


def cancels(name: str) -> Operation:
    def operation(cast: Cast) -> None:
        member = getattr(cast, name)
        session = cast.world.seen(member, NINE)
        if session:
            cast.world.cancel(member, session)

    return operation


def blocks(name: str, other: str) -> Operation:
    return lambda cast: cast.world.say(getattr(cast, name), RelationKind.BLOCK, getattr(cast, other))


def leaves(name: str) -> Operation:
    return lambda cast: cast.world.leave(getattr(cast, name))


def is_re_matched(name: str) -> Operation:
    def operation(cast: Cast) -> None:
        member = getattr(cast, name)
        booking = cast.world.day(member, NINE).holding(NINE)
        if booking and booking.queue_position:
            match_waiting(cast.world.context, WaitingRow(NINE, booking.queue_position, member.member_id))

    return operation


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
    "Ada is re-matched": is_re_matched("ada"),
    "Cy is re-matched": is_re_matched("cy"),
}
INTERLEAVINGS = [
    pytest.param(situation, first, second, id=f"{situation.__name__}: {first}, {second}")
    for situation, first, second in product(SITUATIONS, OPERATIONS, OPERATIONS)
]


def cast_in(world: World, situation: Callable[[Cast], None]) -> Cast:
    world.clear()
    cast = Cast(world, *world.members("Ada", "Ben", "Cy", "Dee"))
    world.relate(permutations(cast, 2), favorite=True)
    cast.invite = world.invite(cast.ada, max_uses=1)
    situation(cast)
    return cast


def outcome(operation: Operation, cast: Cast) -> Any:
    """What the operation answers; a refusal is an answer too, losing every race is not."""
    try:
        return operation(cast)
    except Busy:
        raise
    except Refusal as refusal:
        return refusal.code


def pairs(cast: Cast) -> list[Any]:
    """Who is with whom once the stream has been delivered, and how often Ada's link was used."""
    cast.world.deliver()
    cast.world.check()
    used = [link.uses for link in cast.world.links(cast.ada)]
    return [used, *(cast.world.state(member, slot) for member in cast for slot in (NINE, OVERLAPPING))]


@pytest.mark.parametrize(("situation", "first", "second"), INTERLEAVINGS)
def test_two_operations_at_once_are_as_one_after_the_other(
    world: World,
    faults: FaultyEngine,
    situation: Callable[[Cast], None],
    first: str,
    second: str,
) -> None:
    one, other = OPERATIONS[first], OPERATIONS[second]
    in_order = []
    for forwards in (True, False):
        cast = cast_in(world, situation)
        earlier = outcome(one if forwards else other, cast)
        later = outcome(other if forwards else one, cast)
        in_order.append((*((earlier, later) if forwards else (later, earlier)), pairs(cast)))

    cast = cast_in(world, situation)
    told: list[Any] = []
    faults.hold_next()
    thread = threading.Thread(target=lambda: told.append(outcome(one, cast)))
    thread.start()
    while thread.is_alive() and not faults.held.wait(0.005):
        """The first operation has come to its write, or had nothing to write."""
    if not thread.is_alive():
        faults.hold_nothing()
    second_answer = outcome(other, cast)
    faults.hold_nothing()
    thread.join()
    assert (told[0], second_answer, pairs(cast)) in in_order
