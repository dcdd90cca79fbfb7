"""Tests of the conversion of sessions, members and availability."""

from datetime import timedelta

from chalicelib.domain.model.member import Relation
from chalicelib.handlers.http.responses import serializers
from chalicelib.services.bookings.sessions import SessionView
from chalicelib.services.members.relationships import PersonView
from tests.harness import MONDAY, World, at

NINE = at(1)


def view_of(world: World, name: str) -> SessionView:
    member = world.member(name)
    world.book(member, NINE)
    (booking,) = world.day(member, NINE).bookings
    return SessionView(booking, None, is_favorite=False, seen_at=world.now, final=False)


def test_a_waiting_session_has_no_room_and_only_the_caller(world: World) -> None:
    session = serializers.session(view_of(world, "Ada"))
    assert (session.state, session.room_url, len(session.users)) == ("waiting", None, 1)
    assert (session.start_time, session.duration) == ("2026-03-02T09:00:00+00:00", 3_000_000)


def test_r23_a_waiting_session_is_unmatched_from_its_start(world: World) -> None:
    view = view_of(world, "Ada")
    states = []
    for seconds in (-1, 0):
        seen_at = NINE.start + timedelta(seconds=seconds)
        states.append(serializers.session(SessionView(view.booking, None, False, seen_at, False)).state)
    assert states == ["waiting", "unmatched"]


def test_r33_a_member_without_a_profile_is_a_former_member() -> None:
    person = serializers.person("ada", None)
    assert (person.user_id, person.name, person.photo_url) == ("ada", "Former member", None)


def test_people_are_listed_by_relation_without_ended_snoozes() -> None:
    ended, current = MONDAY - timedelta(seconds=1), MONDAY + timedelta(seconds=1)
    relations = {
        "ada": Relation(favorite=True, blocked=True),
        "ben": Relation(snoozed_until=ended),
        "cy": Relation(snoozed_until=current),
    }
    lists = serializers.people([PersonView(name, None, relation) for name, relation in relations.items()], MONDAY)
    found = [[person.user_id for person in people] for people in (lists.favorites, lists.snoozed, lists.blocked)]
    assert found == [["ada"], ["cy"], ["ada"]]
    assert [person.is_watched for person in lists.favorites] == [False]
