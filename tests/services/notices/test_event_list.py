"""The pages of a member's event log."""

from datetime import timedelta
from itertools import pairwise

import pytest

from chalicelib.domain.model.event import BEGINNING, EVENTS_KEPT, Event, EventKind, EventLog, EventRow, Place
from chalicelib.domain.model.member import Profile
from chalicelib.services.notices.event_list import MOST_EVENTS, list_events
from chalicelib.storage.documents import document_item
from tests import batches
from tests.announcements import announce_all
from tests.harness import World, at


def fill(world: World, member: Profile, *sizes: int, age: timedelta = timedelta(0), first: int = 1) -> list[Event]:
    """Store a row for each number of events, and return all events in order."""
    rows = [
        EventRow(
            member_id=member.member_id,
            sequence=sequence,
            events=tuple(
                Event(f"{sequence}.{n}", EventKind.BOOKED, member.member_id, world.now, at(1), "booking")
                for n in range(size)
            ),
            expires=world.now - age + EVENTS_KEPT,
            version=1,
        )
        for sequence, size in enumerate(sizes, first)
    ]
    head = EventLog(member_id=member.member_id, sequence=first + len(sizes) - 1, version=1)
    batches.save(world.table, map(document_item, [*rows, head]))
    return [event for row in rows for event in row.events]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, None])
def test_r42_pages_of_any_size_show_each_event_once_and_in_order(world: World, limit: int | None) -> None:
    ada, ben = world.members("Ada", "Ben")
    events = fill(world, ada, 2, 1, 3, 1)
    fill(world, ben, 1)
    found, after = [], BEGINNING
    while True:
        page = list_events(world.context, ada, after=after, limit=limit)
        assert len(page.events) <= (limit or MOST_EVENTS)
        if not page.events:
            break
        found += [details.event for details in page.events]
        after = page.last
    assert found == events
    # The place after the last event is kept, and the next event follows it.
    assert page.last == after == Place(4, 0)
    (later,) = fill(world, ada, 1, first=5)
    assert [details.event for details in list_events(world.context, ada, after=after, limit=limit).events] == [later]


def test_r36_a_page_has_at_most_50_events(world: World) -> None:
    ada = world.member("Ada")
    events = fill(world, ada, *[2] * 30)
    page = list_events(world.context, ada, after=BEGINNING, limit=1000)
    assert [details.event for details in page.events] == events[:MOST_EVENTS]
    rest = list_events(world.context, ada, after=page.last, limit=None)
    assert [details.event for details in rest.events] == events[MOST_EVENTS:]


def test_r42_events_of_more_than_7_days_are_left_out_before_the_table_deletes_them(world: World) -> None:
    """They must not fill the page, after which a client would stop."""
    ada = world.member("Ada")
    fill(world, ada, *[1] * (MOST_EVENTS + 5), age=EVENTS_KEPT)
    (current,) = fill(world, ada, 1, age=EVENTS_KEPT - timedelta(seconds=1), first=MOST_EVENTS + 6)
    page = list_events(world.context, ada, after=BEGINNING, limit=None)
    assert [details.event for details in page.events] == [current]


def test_r33_a_place_in_the_log_of_a_deleted_account_is_before_every_event_of_the_new_one(world: World) -> None:
    ada = world.member("Ada")
    events = fill(world, ada, 1, 1)
    page = list_events(world.context, ada, after=Place(7, 0), limit=None)
    assert [details.event for details in page.events] == events


def test_r42_a_log_shows_the_sessions_as_they_are_now(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, at(1), title="My thesis")
    world.book(ben, at(1))
    announce_all(world)
    page = list_events(world.context, ada, after=BEGINNING, limit=None)
    assert [details.event.kind for details in page.events] == [EventKind.BOOKED, EventKind.MATCHED]
    views = [details.session for details in page.events]
    assert all(one == other for one, other in pairwise(views))
    assert views[0]
    assert (views[0].booking.title, views[0].partner and views[0].partner.name) == ("My thesis", "Ben")
