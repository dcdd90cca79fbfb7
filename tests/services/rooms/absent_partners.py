"""Sessions that have begun, in which partners are absent (R38)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.decisions.queue_rows import WaitingRow, row_of
from chalicelib.domain.model.errors import Refusal
from chalicelib.domain.model.member import Profile, RelationKind
from chalicelib.services.rooms.attendance import join_session
from chalicelib.services.rooms.second_chance import ask_again
from tests.harness import World, at

SLOT = at(1)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
Members = tuple[Profile, Profile, Profile, Profile]


def in_session(world: World, *, locked: bool = False) -> Members:
    """Return Ada and Cy, who have joined, with the absent partners Ben and Dee, three minutes after the start."""
    ada, ben, cy, dee = world.members("Ada", "Ben", "Cy", "Dee")
    world.book(ada, SLOT)
    if locked:
        world.favorite(ben, ada)
        world.lock(ben, ada, SLOT)
    else:
        world.book(ben, SLOT)
    for member in (cy, dee):
        world.book(member, SLOT)
    world.deliver()
    world.now = SLOT.start + MINUTE
    for member in (ada, cy):
        join_session(world.context, member, id_of(world, member))
    world.now = SLOT.start + 3 * MINUTE
    return ada, ben, cy, dee


def id_of(world: World, member: Profile) -> str:
    """Return the id of a member's session."""
    return world.day(member, SLOT).bookings[0].booking_id


def ask(world: World, member: Profile) -> Any:
    """Ask for another partner without the matching in the request."""
    return ask_again(world.context, member, id_of(world, member))


def two_seek(world: World) -> tuple[Profile, Profile, WaitingRow]:
    """Let Ada and Cy ask for another partner without a match. Return them, and Ada's waiting row."""
    ada, _, cy, _ = in_session(world)
    for member in (ada, cy):
        ask(world, member)
    row = row_of(world.day(ada, SLOT).bookings[0])
    assert isinstance(row, WaitingRow)
    return ada, cy, row


def refusal_of(call: Callable[..., Any], *arguments: Any) -> Refusal:
    """Return the refusal that a call raises."""
    with pytest.raises(Refusal) as refused:
        call(*arguments)
    return refused.value


def in_session_beside(world: World, *others: Profile) -> Members:
    """Return the members of `in_session` after a start at which the others are unmatched and compatible."""
    ada, ben, cy, dee = world.members("Ada", "Ben", "Cy", "Dee")
    for member in (ada, ben, cy, dee):
        for other in others:
            world.say(other, RelationKind.SNOOZE, member, until=SLOT.start - MINUTE)
    for member in (ada, ben, cy, dee):
        world.book(member, SLOT)
    world.records()
    world.now = SLOT.start + 3 * MINUTE
    for member in (ada, cy):
        join_session(world.context, member, id_of(world, member))
    return ada, ben, cy, dee
