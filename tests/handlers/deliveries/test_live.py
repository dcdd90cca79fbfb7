"""Tests of the deliveries of events to live connections, on a stand-in for the gateway."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from chalice.test import Client

from chalicelib.domain.model.event import Event, EventKind
from chalicelib.domain.model.member import Profile, RelationKind
from chalicelib.domain.model.notices import Channel, Delivery
from chalicelib.handlers.deliveries.live import deliver
from chalicelib.handlers.deliveries.queue_messages import Undelivered, deliver_batch
from chalicelib.services.context import Context
from chalicelib.services.members.profiles import Claims, get_or_create_member
from chalicelib.services.notices.event_log import announce
from chalicelib.services.notices.live_connections import audience, connection_owner, open_connection
from tests.handlers.all_routes import api, token
from tests.harness import World, at
from tests.live_gateway import LiveGateway

# Real time, which differs from the clock of the service.
NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


@pytest.fixture
def gateway(world: World) -> LiveGateway:
    gateway = world.context.channels.live = LiveGateway()
    return gateway


def connected(world: World, member: Profile, connection_id: str, *, lasts: timedelta = timedelta(hours=1)) -> str:
    """Open a connection of a member whose token lasts for this time."""
    open_connection(world.context, member, connection_id, token_expires=NOW + lasts, now=NOW)
    world.context.channels.live.open.add(connection_id)
    return connection_id


def booked(world: World, member: Profile, hours: int = 1) -> Event:
    """Book a session, announce it, and return the event."""
    session = world.book(member, at(hours))
    event = Event(f"evt_{hours}", EventKind.BOOKED, member.member_id, world.now, at(hours), session["sessionId"])
    announce(world.context, event.event_id, [event])
    return event


def send(world: World, event: Event, now: datetime = NOW) -> None:
    deliver(world.context, Delivery(Channel.LIVE, event), lambda: now)


def test_r43_an_event_reaches_every_open_connection_of_its_member_as_the_event_list_shows_it(
    world: World, gateway: LiveGateway
) -> None:
    claims = Claims(world.settings.issuer, "ada", "Ada", None, "UTC", datetime.now(UTC))
    ada, ben = get_or_create_member(world.context, claims), world.member("Ben")
    for name in ("one", "two"):
        connected(world, ada, name)
    connected(world, ben, "ben's")
    event = booked(world, ada)
    send(world, event)
    with Client(api(world)) as client:
        headers = {"Authorization": f"Bearer {token(world, 'ada')}"}
        listed = client.http.get("/v1/events", headers=headers).json_body["events"]
    assert [shown["id"] for shown in listed] == [event.event_id]
    assert dict(gateway.got) == {"one": listed, "two": listed}


def test_r42_events_of_one_member_arrive_in_the_order_of_their_queue(world: World, gateway: LiveGateway) -> None:
    ada = world.member("Ada")
    connected(world, ada, "one")
    events = [booked(world, ada, hours) for hours in (1, 3, 5)]
    messages = [message(event) for event in events]

    def deliver_now(context: Context, delivery: Delivery) -> None:
        deliver(context, delivery, lambda: NOW)

    assert deliver_batch(world.context, Channel.LIVE, messages, deliver_now) == {"batchItemFailures": []}
    assert [got["id"] for got in gateway.read("one")] == [event.event_id for event in events]


def message(event: Event) -> dict[str, Any]:
    """Return the message of a queue with this event."""
    return {
        "messageId": event.event_id,
        "body": msgspec.json.encode(Delivery(Channel.LIVE, event)).decode(),
        "attributes": {"MessageGroupId": event.member_id, "ApproximateReceiveCount": "1"},
    }


def test_r43_a_closed_connection_is_forgotten_and_the_others_get_the_event(world: World, gateway: LiveGateway) -> None:
    ada = world.member("Ada")
    for name in ("one", "two", "three"):
        connected(world, ada, name)
    gateway.open.remove("two")
    send(world, booked(world, ada))
    assert {name: len(got) for name, got in gateway.got.items()} == {"one": 1, "three": 1}
    found = audience(world.context, ada.member_id, now=NOW)
    assert found is not None
    assert sorted(connection.connection_id for connection in found.connections) == ["one", "three"]
    assert connection_owner(world.context, "two", now=NOW) is None


def test_r43_an_overloaded_connection_delays_the_event_and_no_other_connection(
    world: World, gateway: LiveGateway
) -> None:
    ada = world.member("Ada")
    for name in ("one", "two", "three"):
        connected(world, ada, name)
    gateway.overloaded.add("one")
    event = booked(world, ada)
    with pytest.raises(Undelivered):
        send(world, event)
    assert {name: len(got) for name, got in gateway.got.items()} == {"two": 1, "three": 1}
    gateway.overloaded.clear()
    send(world, event)
    assert [got["id"] for got in gateway.read("one")] == [event.event_id]


def test_r43_a_connection_whose_token_has_expired_gets_nothing_and_is_closed(
    world: World, gateway: LiveGateway
) -> None:
    ada = world.member("Ada")
    connected(world, ada, "short", lasts=timedelta(minutes=5))
    connected(world, ada, "stuck", lasts=timedelta(minutes=5))
    connected(world, ada, "long")
    # One that cannot be closed now delays no event.
    gateway.unreachable.add("stuck")
    send(world, booked(world, ada), NOW + timedelta(minutes=6))
    assert (list(gateway.got), gateway.open) == (["long"], {"long", "stuck"})
    assert [connection_owner(world.context, name, now=NOW) for name in ("short", "stuck")] == [None, None]


def test_r33_an_event_of_a_deleted_member_is_dropped(world: World, gateway: LiveGateway) -> None:
    ada = world.member("Ada")
    connected(world, ada, "one")
    event = booked(world, ada)
    world.leave(ada)
    send(world, event)
    assert dict(gateway.got) == {}


def test_r42_an_event_shows_the_session_at_the_time_of_its_delivery(world: World, gateway: LiveGateway) -> None:
    ada, ben = world.members("Ada", "Ben")
    connected(world, ada, "one")
    event = booked(world, ada)
    send(world, event)
    (waiting,) = gateway.read("one")
    assert (waiting["data"]["session"]["state"], len(waiting["data"]["session"]["users"])) == ("waiting", 1)
    world.book(ben, at(1))
    send(world, event)
    (matched,) = gateway.read("one")
    assert [user.get("name") for user in matched["data"]["session"]["users"]] == [None, "Ben"]
    assert (matched["id"], matched["timestamp"]) == (waiting["id"], waiting["timestamp"])
    assert matched["data"]["session"]["roomUrl"] is None


def test_r10_nothing_is_sent_about_a_favorite_who_has_blocked_the_member_since(
    world: World, gateway: LiveGateway
) -> None:
    ada, ben = world.members("Ada", "Ben")
    connected(world, ada, "one")
    event = Event("evt_1", EventKind.FAVORITE_AVAILABLE, ada.member_id, world.now, at(1), other_id=ben.member_id)
    send(world, event)
    world.say(ben, RelationKind.BLOCK, ada)
    send(world, event)
    assert len(gateway.got["one"]) == 1
