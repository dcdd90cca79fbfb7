"""The second chance of a member whose partner did not join (R38)."""

from datetime import timedelta

from chalicelib.services.rooms.attendance import join_session
from chalicelib.services.rooms.second_chance import seek_again
from tests.harness import World, at

SLOT = at(1)
MINUTE = timedelta(minutes=1)


def test_r38_two_members_who_ask_are_paired_and_the_absent_ones_missed_the_session(world: World) -> None:
    ada, ben, cy, dee = world.members("Ada", "Ben", "Cy", "Dee")
    of = {member.name: world.book(member, SLOT)["sessionId"] for member in (ada, ben)}
    of |= {member.name: world.book(member, SLOT)["sessionId"] for member in (cy, dee)}
    world.deliver()
    world.now = SLOT.start
    for member in (ada, cy):
        join_session(world.context, member, of[member.name])
    world.now = SLOT.start + 3 * MINUTE
    seek_again(world.context, ada, of["Ada"])
    assert [world.state(member, SLOT) for member in (ada, ben)] == [("waiting", None), ("missed", None)]
    seek_again(world.context, cy, of["Cy"])
    assert [world.state(member, SLOT) for member in (ada, cy, dee)] == [
        ("matched", "Cy"),
        ("matched", "Ada"),
        ("missed", None),
    ]
    world.check()
