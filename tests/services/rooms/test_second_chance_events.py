"""The events of second chances (R42)."""

from datetime import timedelta

from chalicelib.domain.model.event import EventKind
from chalicelib.services.notices.scheduled_events import announce_starts
from chalicelib.services.rooms.attendance import join_session
from chalicelib.services.rooms.second_chance import seek_again
from tests.announcements import announce_all, logged, logged_kinds, record_channels
from tests.harness import World
from tests.services.rooms.absent_partners import MINUTE, SLOT, ask, id_of, in_session


def test_r42_each_step_of_a_second_chance_is_an_event_of_the_members_it_concerns(world: World) -> None:
    record_channels(world)
    ada, ben, cy, dee = in_session(world)
    announce_all(world)
    for member in (ada, cy):
        world.now += MINUTE
        seek_again(world.context, member, id_of(world, member))
    announce_all(world)
    assert [logged_kinds(world, member)[-2:] for member in (ada, cy)] == [["changed", "matched"]] * 2
    assert [logged_kinds(world, member)[-1] for member in (ben, dee)] == ["missed"] * 2
    assert {"displaced", "partner_cancelled"}.isdisjoint(logged_kinds(world, ada) + logged_kinds(world, ben))


def test_r42_who_asks_alone_is_unmatched_10_minutes_after_the_start(world: World) -> None:
    record_channels(world)
    ada, ben, *_ = in_session(world)
    announce_all(world)
    announce_starts(world.context)
    ask(world, ada)
    announce_all(world)
    counts = []
    for minutes in (9, 10, 11, 20):
        world.now = SLOT.start + minutes * MINUTE
        counts.append(announce_starts(world.context) or 0)
    assert counts == [0, 1, 0, 0]
    assert logged_kinds(world, ada)[-2:] == ["changed", "unmatched"]
    assert logged(world, ada)[-1].at == SLOT.start + 10 * MINUTE
    assert "unmatched" not in logged_kinds(world, ben)


def test_r42_a_second_chance_without_a_partner_is_an_event_beside_that_of_the_start(world: World) -> None:
    record_channels(world)
    ada, ben = world.members("Ada", "Ben")
    for member in (ada, ben):
        world.book(member, SLOT)
    world.now = SLOT.start - MINUTE
    join_session(world.context, ada, id_of(world, ada))
    world.cancel(ben, {"sessionId": id_of(world, ben)})
    announce_all(world)
    for minutes in (0, 3, 10):
        world.now = SLOT.start + minutes * MINUTE
        if minutes == 3:
            ask(world, ada)
        announce_starts(world.context)
        announce_all(world)
    found = [(event.kind, event.at - SLOT.start) for event in logged(world, ada)][-3:]
    assert found == [
        (EventKind.UNMATCHED, timedelta()),
        (EventKind.CHANGED, 3 * MINUTE),
        (EventKind.UNMATCHED, 10 * MINUTE),
    ]
