"""The joining of sessions (R37)."""

from datetime import timedelta

import pytest

from chalicelib.domain.model.errors import NotAvailable, NotFound, TooLate
from chalicelib.services.rooms.attendance import join_session
from tests.harness import World, at

SLOT = at(1)
MINUTE = timedelta(minutes=1)


def test_r37_both_members_see_the_first_time_at_which_one_joined(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    of_ada, _ = (world.book(member, SLOT) for member in (ada, ben))
    world.now = SLOT.start - 10 * MINUTE
    joined = [join_session(world.context, ada, of_ada["sessionId"])]
    world.now += MINUTE
    joined.append(join_session(world.context, ada, of_ada["sessionId"]))
    assert [one.view.booking.joined_at for one in joined] == [SLOT.start - 10 * MINUTE] * 2
    seen = world.seen(ben, SLOT)
    assert seen
    assert [one["joinedAt"] for one in seen["users"]] == [None, "2026-03-02T08:50:00+00:00"]


def test_r37_a_member_joins_neither_early_nor_late_nor_without_a_partner(world: World) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    of_ada, _ = (world.book(member, SLOT)["sessionId"] for member in (ada, ben))
    alone = world.book(cy, SLOT)["sessionId"]
    refusals: list[type[Exception]] = []
    for now, member, session_id in (
        (SLOT.start - 10 * MINUTE - timedelta(seconds=1), ada, of_ada),
        (SLOT.start, cy, alone),
        (SLOT.start, ben, of_ada),
        (SLOT.end + timedelta(seconds=1), ada, of_ada),
    ):
        world.now = now
        with pytest.raises((NotAvailable, NotFound, TooLate)) as refusal:
            join_session(world.context, member, session_id)
        refusals.append(refusal.type)
    assert refusals == [NotAvailable, NotAvailable, NotFound, TooLate]
