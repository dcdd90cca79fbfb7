"""Events with what their member could see by a request (R42)."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from chalicelib.domain.model.event import Event, EventKind
from chalicelib.domain.model.member import RelationKind
from chalicelib.metrics import collect_metrics
from chalicelib.services.bookings.sessions import get_session
from chalicelib.services.notices.event_details import EventDetails, details_of
from tests.announcements import announce_all, logged
from tests.harness import World, at

NINE = at(1)


def test_r42_an_event_has_the_session_that_a_request_would_show(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    session = world.book(ada, NINE, title="a long title " * 9)
    other = world.book(ada, at(30))
    world.book(ben, NINE)
    announce_all(world)
    events = logged(world, ada)
    details = details_of(world.context, ada, events)
    assert [one.event for one in details] == events
    for one in details:
        assert one.event.booking_id in (session["sessionId"], other["sessionId"])
        assert one.session == get_session(world.context, ada, one.event.booking_id)


def test_r42_a_session_that_its_day_has_dropped_is_none(world: World) -> None:
    ada = world.member("Ada")
    session = world.book(ada, NINE)
    announce_all(world)
    (event,) = logged(world, ada)
    gone = replace(event, booking_id=event.booking_id and event.booking_id.replace(session["sessionId"][11:15], "0000"))
    assert details_of(world.context, ada, [gone, event])[0] == EventDetails(gone)


def test_r42_no_event_names_another_members_session(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    announce_all(world)
    (event,) = logged(world, ada)
    assert details_of(world.context, ben, [replace(event, member_id=ben.member_id)])[0].session is None


def test_r45_a_favorite_is_shown_by_its_current_profile_and_not_after_its_deletion(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    event = Event("evt_1", EventKind.FAVORITE_AVAILABLE, ada.member_id, world.now, NINE, other_id=ben.member_id)
    renamed = world.set(ben, name="Benjamin")
    assert details_of(world.context, ada, [event]) == [EventDetails(event, favorite=renamed)]
    world.leave(ben)
    assert details_of(world.context, ada, [event]) == [EventDetails(event)]


@pytest.mark.parametrize("kind", [RelationKind.BLOCK, RelationKind.SNOOZE])
def test_r10_an_event_about_a_favorite_who_hides_the_hours_is_left_out_after_the_same_reads(
    world: World, kind: RelationKind
) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    events = [
        Event(
            f"evt_{other.name}", EventKind.FAVORITE_AVAILABLE, ada.member_id, world.now, NINE, other_id=other.member_id
        )
        for other in (ben, cy)
    ]
    until = {"until": world.now + timedelta(hours=9)} if kind is RelationKind.SNOOZE else {}
    costs = []
    for shown in (events, events[1:], events):
        with collect_metrics() as metrics:
            assert [one.event for one in details_of(world.context, ada, events)] == shown
        costs.append(metrics.read_units)
        if shown == events:
            world.say(ben, kind, ada, **until)
        else:
            world.take_back(ben, kind, ada)
    assert len(set(costs)) == 1
    # The own block hides the hours too (R10).
    world.take_back(ben, kind, ada)
    world.say(ada, RelationKind.BLOCK, cy)
    assert [one.event for one in details_of(world.context, ada, events)] == events[:1]


def test_r36_no_event_takes_no_request(world: World) -> None:
    ada = world.member("Ada")
    with collect_metrics() as metrics:
        assert details_of(world.context, ada, []) == []
    assert (metrics.read_units, metrics.write_units) == (0, 0)
