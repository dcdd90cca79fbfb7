"""Tests of the conversion of events."""

from msgspec import to_builtins

from chalicelib.domain.model.event import Event, EventKind
from chalicelib.handlers.http.responses import event_serializers, serializers
from chalicelib.services.notices.event_details import EventDetails, details_of
from tests.announcements import announce_all, logged
from tests.harness import MONDAY, ROOMS, World, at

NINE = at(1)
PLACE = {"startTime": "2026-03-02T09:00:00+00:00", "duration": 3_000_000}


def test_r34_an_event_shows_the_session_without_the_address_of_the_room(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    for member in (ada, ben):
        world.book(member, NINE)
    announce_all(world)
    (_, matched) = details_of(world.context, ada, logged(world, ada))
    assert matched.session
    session = to_builtins(serializers.session(matched.session))
    assert session["roomUrl"].startswith(ROOMS)
    shown = to_builtins(event_serializers.event(matched))
    assert shown["data"] == {**PLACE, "sessionId": session["sessionId"], "session": {**session, "roomUrl": None}}
    assert ROOMS not in str(shown)


def test_r42_a_session_that_is_no_longer_shown_is_null() -> None:
    event = Event("evt_1", EventKind.CANCELLED, "ada", MONDAY, NINE, "booking")
    assert to_builtins(event_serializers.event(EventDetails(event))) == {
        "id": "evt_1",
        "type": "session.cancelled",
        "timestamp": "2026-03-02T08:00:00+00:00",
        "data": {**PLACE, "sessionId": "booking", "session": None},
    }


def test_r45_an_available_favorite_has_a_name_and_no_session(world: World) -> None:
    ben = world.member("Ben")
    event = Event("evt_1", EventKind.FAVORITE_AVAILABLE, "ada", MONDAY, NINE, other_id=ben.member_id)
    for details, name in ((EventDetails(event, favorite=ben), "Ben"), (EventDetails(event), "Former member")):
        assert to_builtins(event_serializers.event(details))["data"] == {
            **PLACE,
            "favorite": {"userId": ben.member_id, "name": name, "photoUrl": None},
        }
