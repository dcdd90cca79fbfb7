"""The events of sessions that enter the next two weeks by time alone (R8, R45)."""

from datetime import timedelta

from chalicelib.domain.model.event import EventKind
from chalicelib.domain.model.member import Profile, RelationKind
from chalicelib.domain.model.slot import Slot
from chalicelib.services.notices.watch_horizon import announce_entering
from tests.announcements import announce_all, logged
from tests.harness import World, at
from tests.services.notices.test_watch_rounds import pair

# Two weeks and an hour after the start of the test.
FAR = at(14 * 24 + 1)


def notified(world: World, member: Profile) -> list[tuple[Slot, object]]:
    announce_all(world)
    found = logged(world, member)
    return [(event.slot, event.at) for event in found if event.kind is EventKind.FAVORITE_AVAILABLE]


def test_r45_a_session_that_enters_the_two_weeks_is_announced_once(world: World) -> None:
    ada, ben = pair(world)
    announce_entering(world.context)
    world.book(ben, FAR)
    assert notified(world, ada) == []
    world.after(minutes=59)
    announce_entering(world.context)
    assert notified(world, ada) == []
    world.after(minutes=10)
    for _ in range(2):
        announce_entering(world.context)
        assert notified(world, ada) == [(FAR, FAR.start - timedelta(days=14))]
    world.after(hours=2)
    announce_entering(world.context)
    assert len(notified(world, ada)) == 1


def test_r45_a_matched_session_enters_too_and_a_locked_or_hidden_one_does_not(world: World) -> None:
    ada, ben = pair(world)
    cy, dee = world.members("Cy", "Dee")
    world.favorite(dee, ben)
    world.book(ben, FAR)
    world.book(cy, FAR)
    world.book(ben, at(14 * 24 + 2))
    world.book(ben, at(14 * 24 + 4))
    world.after(hours=1)
    announce_entering(world.context)
    assert notified(world, ada) == [(FAR, FAR.start - timedelta(days=14))]
    world.after(hours=1)
    world.lock(dee, ben, at(14 * 24 + 2))
    announce_entering(world.context)
    assert len(notified(world, ada)) == 1
    world.say(ben, RelationKind.BLOCK, ada)
    world.after(hours=2)
    announce_entering(world.context)
    # The list leaves out all events about a member who has blocked the watcher (R10).
    world.take_back(ben, RelationKind.BLOCK, ada)
    assert len(notified(world, ada)) == 1


def test_r45_missed_runs_of_three_hours_are_made_up_for_and_the_clock_may_go_back(world: World) -> None:
    ada, ben = pair(world)
    world.book(ben, FAR)
    announce_entering(world.context)
    world.after(hours=3)
    # A slot starts each quarter hour, in three lengths.
    assert announce_entering(world.context) == 36
    assert len(notified(world, ada)) == 1
    world.after(days=9)
    assert announce_entering(world.context) == 36
    world.after(days=-9, hours=-2)
    assert announce_entering(world.context) == 0
    world.after(minutes=30)
    assert announce_entering(world.context) == 6
