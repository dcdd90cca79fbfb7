"""Tests of the live connections of members' pages."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.decisions.write_set import Decision, DocumentChange, WriteSet
from chalicelib.domain.model.errors import Busy, Forbidden
from chalicelib.domain.model.event import Event, EventKind
from chalicelib.domain.model.member import CLOCKS_DIFFER, Profile
from chalicelib.domain.model.notices import LiveConnection, LiveConnectionOwner
from chalicelib.metrics import collect_metrics
from chalicelib.services.jobs import run_job_by_id, run_jobs
from chalicelib.services.notices import live_connections
from chalicelib.services.notices.event_list import list_events
from chalicelib.services.notices.event_log import announce
from chalicelib.services.notices.live_connections import (
    LONGEST,
    MOST_CONNECTIONS,
    Opened,
    audience,
    connection_owner,
    forget_connection,
    open_connection,
)
from chalicelib.services.transaction import run_transaction
from chalicelib.storage.notice_reads import subscriptions
from tests.harness import World, at
from tests.live_gateway import LiveGateway

# Real time, which differs from the clock of the service.
NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=3)


def opened(
    world: World, member: Profile, connection_id: str, *, token_expires: datetime = LATER, now: datetime = NOW
) -> Opened:
    return open_connection(world.context, member, connection_id, token_expires=token_expires, now=now)


def listening(world: World, member: Profile, now: datetime = NOW) -> list[str]:
    found = audience(world.context, member.member_id, now=now)
    assert found is not None
    return [connection.connection_id for connection in found.connections]


def owner(world: World, connection_id: str, now: datetime = NOW) -> str | None:
    found = connection_owner(world.context, connection_id, now=now)
    return found and found.member_id


def test_r43_a_connection_gets_the_events_of_its_member_only_until_it_is_forgotten(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    opened(world, ada, "one")
    opened(world, ben, "two")
    assert (listening(world, ada), listening(world, ben)) == (["one"], ["two"])
    assert (owner(world, "one"), owner(world, "two"), owner(world, "three")) == (ada.member_id, ben.member_id, None)
    for _ in range(2):
        forget_connection(world.context, "one")
    assert (listening(world, ada), owner(world, "one")) == ([], None)
    assert listening(world, ben) == ["two"]


@pytest.mark.parametrize(
    ("lifetime", "lasts"),
    [
        (timedelta(minutes=5), timedelta(minutes=5) + CLOCKS_DIFFER),
        (timedelta(days=30), LONGEST),
        (timedelta(0), CLOCKS_DIFFER),
    ],
)
def test_r43_a_connection_lasts_as_long_as_its_token_and_at_most_two_hours(
    world: World, lifetime: timedelta, lasts: timedelta
) -> None:
    ada = world.member("Ada")
    assert opened(world, ada, "one", token_expires=NOW + lifetime).expires == NOW + lasts
    just_before, end = NOW + lasts - timedelta(seconds=1), NOW + lasts
    assert (listening(world, ada, just_before), owner(world, "one", just_before)) == (["one"], ada.member_id)
    assert (listening(world, ada, end), owner(world, "one", end)) == ([], None)
    found = audience(world.context, ada.member_id, now=end)
    assert found is not None
    assert [connection.connection_id for connection in found.expired] == ["one"]


def test_r43_a_new_token_extends_a_connection_of_the_same_member(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    opened(world, ada, "one", token_expires=NOW + timedelta(minutes=5))
    with pytest.raises(Forbidden):
        opened(world, ben, "one")
    hour = NOW + timedelta(hours=1)
    assert opened(world, ada, "one", now=hour).expires == hour + LONGEST
    found = audience(world.context, ada.member_id, now=hour)
    assert found is not None
    expected = LiveConnection(
        member_id=ada.member_id, connection_id="one", opened_at=NOW, expires=hour + LONGEST, version=2
    )
    assert (found.connections, listening(world, ben)) == ([expected], [])


def test_r36_a_further_connection_replaces_the_oldest_and_the_expired_ones(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    opened(world, ben, "another member's")
    opened(world, ada, "short", token_expires=NOW + timedelta(minutes=5))
    # In an order of ids that is not that of time.
    names = [f"{9 - number % 10}-{number}" for number in range(MOST_CONNECTIONS + 1)]
    for number, name in enumerate(names[:-2]):
        assert opened(world, ada, name, now=NOW + timedelta(seconds=number)).replaced == ()
    hour = NOW + timedelta(hours=1)
    # The expired one makes room, and takes the place of no other.
    assert opened(world, ada, names[-2], now=hour).replaced == ("short",)
    assert opened(world, ada, names[-1], now=hour).replaced == (names[0],)
    assert opened(world, ada, names[5], now=hour).replaced == ()
    assert sorted(listening(world, ada, hour)) == sorted(names[1:])
    assert [owner(world, name) for name in ("short", names[0])] == [None, None]
    assert listening(world, ben, hour) == ["another member's"]


def test_r36_of_two_connections_that_open_at_the_same_time_one_counts_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = world.member("Ada")
    for number in range(MOST_CONNECTIONS - 1):
        opened(world, ada, f"{number}", now=NOW + timedelta(seconds=number))
    read = live_connections.notice_reads.subscriptions
    waiting = ["second"]

    def read_between(*arguments: object) -> object:
        found = read(*arguments)
        if waiting:
            opened(world, ada, waiting.pop(), now=NOW + timedelta(minutes=1))
        return found

    monkeypatch.setattr(live_connections.notice_reads, "subscriptions", read_between)
    assert opened(world, ada, "first", now=NOW + timedelta(minutes=1)).replaced == ("0",)
    assert len(listening(world, ada)) == MOST_CONNECTIONS


def test_r33_a_deleted_member_has_no_audience_and_opens_no_connection(world: World) -> None:
    ada = world.member("Ada")
    world.leave(ada)
    assert audience(world.context, ada.member_id, now=NOW) is None
    with pytest.raises(Busy):
        opened(world, ada, "one")
    assert owner(world, "one") is None


def test_r33_the_deletion_of_an_account_closes_its_connections_and_no_other(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    gateway = world.context.channels.live = LiveGateway()
    for number in range(MOST_CONNECTIONS):
        opened(world, ada, f"{number}")
    opened(world, ben, "ben's")
    gateway.open |= {*map(str, range(MOST_CONNECTIONS)), "ben's"}
    # One that cannot be closed now.
    gateway.unreachable.add("7")
    world.leave(ada)
    assert gateway.open == {"7", "ben's"}
    assert [owner(world, f"{number}") for number in range(MOST_CONNECTIONS)] == [None] * MOST_CONNECTIONS
    assert subscriptions(world.table, ada.member_id).connections == []
    assert (owner(world, "ben's"), listening(world, ben)) == (ben.member_id, ["ben's"])


# Long: it makes more bookings than one request erases.
@pytest.mark.long
def test_r33_the_connections_of_a_busy_member_are_closed_by_the_request_itself(world: World) -> None:
    ada = world.member("Ada")
    gateway = world.context.channels.live = LiveGateway(open={"one"})
    opened(world, ada, "one")
    slots = [at(1 + 24 * day) for day in range(40)]
    for slot in slots:
        world.book(ada, slot)
    with collect_metrics():
        world.leave(ada)
    assert list(world.day(ada, slots[-1]).active)
    assert (owner(world, "one"), gateway.open) == (None, set())
    run_jobs(world.after(minutes=2).context)


def test_r33_a_connection_that_a_request_in_flight_opened_is_erased_by_the_job(world: World) -> None:
    ada = world.member("Ada")
    gateway = world.context.channels.live = LiveGateway(open={"one"})
    tombstone = world.begin_to_leave(ada)
    late = LiveConnectionOwner(member_id=ada.member_id, connection_id="one", opened_at=NOW)
    documents = (DocumentChange(None, late), DocumentChange(None, late.connection))
    run_transaction(world.context, lambda _attempt: Decision(None, WriteSet(documents=documents)))
    world.after(minutes=2)
    run_job_by_id(world.context, tombstone.revision)
    assert (owner(world, "one"), gateway.open) == (None, set())


def test_r42_the_place_follows_every_event_up_to_now_and_no_later_one(world: World) -> None:
    ada = world.member("Ada")
    places = []
    for number in range(3):
        places.append(opened(world, ada, "one").place)
        event = Event(f"evt_{number}", EventKind.BOOKED, ada.member_id, world.now, at(1 + 2 * number))
        announce(world.context, f"{number}", [event])
    for missed, place in enumerate(reversed(places), 1):
        page = list_events(world.context, ada, after=place, limit=None)
        assert [details.event.event_id for details in page.events] == [f"evt_{n}" for n in range(3 - missed, 3)]
