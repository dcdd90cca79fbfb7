"""Tests of the delivery of events by Web Push to a real server that stands for a push service (R43)."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import http_ece
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from msgspec.structs import replace

from chalicelib.channels.web_push import BrowserKeys, decoded, encoded, public_key
from chalicelib.domain.decisions.write_set import Decision, DocumentChange, WriteSet
from chalicelib.domain.model.event import Event, EventKind, event_id
from chalicelib.domain.model.member import Profile, RelationKind
from chalicelib.domain.model.notices import Channel, Delivery, PushSubscription
from chalicelib.handlers.deliveries.push import REFUSED, RETRIED_FOR, deliver
from chalicelib.handlers.deliveries.queue_messages import Undelivered
from chalicelib.metrics import collect_metrics
from chalicelib.services.notices.push_subscriptions import (
    Browser,
    add_subscription,
    list_subscriptions,
    push_secret,
    remove_subscription,
)
from chalicelib.services.transaction import run_transaction
from chalicelib.settings import Messaging
from chalicelib.storage import notice_reads
from tests.channels.receiver import URL, Receiver
from tests.harness import World, at
from tests.staff_acts import begin_to_suspend, lift

BROWSER_KEY = ec.derive_private_key(12345, ec.SECP256R1())
POINT = public_key((12345 - 1).to_bytes(32))
AUTH = encoded(b"sixteen bytes...")


@pytest.fixture
def push_service(world: World) -> Iterator[Receiver]:
    with Receiver() as server:
        world.context.channels.http = server.client()
        yield server


def want(world: World, member: Profile, *kinds: EventKind) -> None:
    """Let a member choose kinds of events for push."""
    before = notice_reads.subscriptions(world.table, member.member_id).settings
    changed = DocumentChange(before if before.version else None, replace(before, push_kinds=kinds))
    run_transaction(world.context, lambda _attempt: Decision(None, WriteSet(documents=(changed,))))


def subscribe(world: World, member: Profile, endpoint: str = URL) -> PushSubscription:
    """Subscribe a browser of a member who wants every kind."""
    want(world, member, *EventKind)
    return add_subscription(world.context, member.member_id, Browser(endpoint, BrowserKeys(POINT, AUTH)))


def event_of(world: World, member: Profile, session: dict[str, Any], kind: EventKind = EventKind.MATCHED) -> Event:
    slot = at(1) if session["startTime"].startswith("2026-03-02T09") else at(30)
    return Event(event_id(session["sessionId"], kind), kind, member.member_id, world.now, slot, session["sessionId"])


def send(world: World, event: Event, subscription: PushSubscription) -> str | None:
    """Deliver an event to a browser, and return the code of its log line."""
    with collect_metrics() as collected:
        deliver(world.context, Delivery(Channel.PUSH, event, subscription.subscription_id))
    return collected.code


def shown(body: bytes) -> dict[str, Any]:
    """Return a message as its browser reads it."""
    text = http_ece.decrypt(body, private_key=BROWSER_KEY, auth_secret=decoded(AUTH), version="aes128gcm")
    return json.loads(text)


def answer(status: int) -> bytes:
    return b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n" % status


def test_r43_a_browser_reads_a_short_text_about_the_session(world: World, push_service: Receiver) -> None:
    world.context.settings = replace(world.settings, messaging=Messaging(public_url="https://app.example"))
    ada, ben = world.member("Ada", time_zone="Asia/Kolkata"), world.member("ليلى")
    subscription = subscribe(world, ada)
    world.book(ben, at(1))
    session = world.book(ada, at(1), title="Thesis")
    event = event_of(world, ada, session)
    assert send(world, event, subscription) is None
    (received,) = push_service.received
    message = shown(received.body)
    tag = message.pop("tag")
    assert message == {
        "id": event.event_id,
        "type": "session.matched",
        "timestamp": "2026-03-02T08:00:00+00:00",
        "title": "You have a partner",
        "body": "Mon 2 Mar, 14:30, \u2068Thesis\u2069, with \u2068ليلى\u2069",
        "url": f"https://app.example/?session={session['sessionId']}",
        "data": {"startTime": "2026-03-02T09:00:00+00:00", "duration": 3000000, "sessionId": session["sessionId"]},
    }
    headers = received.headers
    assert (headers["ttl"], headers["topic"], headers["urgency"]) == ("6600", tag, "high")
    assert headers["content-encoding"] == "aes128gcm"
    room = session["roomUrl"].rpartition("/")[2]
    assert room not in json.dumps(message)


def test_r43_the_deployment_signs_its_messages(world: World, push_service: Receiver) -> None:
    ada = world.member("Ada")
    subscription = subscribe(world, ada)
    send(world, event_of(world, ada, world.book(ada, at(1))), subscription)
    values = push_service.received[0].headers["authorization"].removeprefix("vapid ").split(", ")
    parts = dict(value.split("=", 1) for value in values)
    assert parts["k"] == public_key(push_secret(world.settings))
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(parts["k"]))
    claims = jwt.decode(parts["t"], point, ["ES256"], audience="https://hooks.example", options={"verify_exp": False})
    assert datetime.fromtimestamp(claims["exp"], UTC) == world.now + timedelta(hours=12)


def test_r43_two_messages_of_a_session_share_a_topic_and_no_bytes(world: World, push_service: Receiver) -> None:
    ada = world.member("Ada")
    subscription = subscribe(world, ada)
    session, other = world.book(ada, at(1)), world.book(ada, at(30))
    for one, kind in ((session, EventKind.BOOKED), (session, EventKind.STARTING), (other, EventKind.BOOKED)):
        send(world, event_of(world, ada, one, kind), subscription)
    first, second, third = push_service.received
    assert first.headers["topic"] == second.headers["topic"] != third.headers["topic"]
    # Salt and key are new in each message.
    assert first.body[:86] != second.body[:86]
    assert third.headers["urgency"] == "normal"


@pytest.mark.parametrize("status", [404, 410])
def test_r43_an_endpoint_that_is_gone_loses_its_subscription(world: World, push_service: Receiver, status: int) -> None:
    ada = world.member("Ada")
    gone, kept = subscribe(world, ada), subscribe(world, ada, f"{URL}/kept")
    push_service.answer = answer(status)
    assert send(world, event_of(world, ada, world.book(ada, at(1))), gone) is None
    assert [one.subscription_id for one in list_subscriptions(world.context, ada.member_id)] == [kept.subscription_id]


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("status", [408, 425, 429, 500, 503])
def test_r43_a_busy_push_service_gets_the_message_again_for_ten_minutes(
    world: World, push_service: Receiver, status: int
) -> None:
    ada = world.member("Ada")
    subscription = subscribe(world, ada)
    push_service.answer = answer(status)
    event = event_of(world, ada, world.book(ada, at(1)))
    with pytest.raises(Undelivered):
        send(world, event, subscription)
    world.now += RETRIED_FOR
    assert send(world, event, subscription) == "undelivered"
    assert len(list_subscriptions(world.context, ada.member_id)) == 1


def test_r43_a_push_service_without_a_response_gets_the_message_again(world: World, push_service: Receiver) -> None:
    ada = world.member("Ada")
    subscription = subscribe(world, ada)
    push_service.answer = b"nonsense\r\n\r\n"
    with pytest.raises(Undelivered):
        send(world, event_of(world, ada, world.book(ada, at(1))), subscription)


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("status", [301, 400, 401, 403, 413])
def test_r43_a_refused_message_is_logged_and_not_sent_again(world: World, push_service: Receiver, status: int) -> None:
    ada = world.member("Ada")
    subscription = subscribe(world, ada)
    push_service.answer = answer(status)
    assert send(world, event_of(world, ada, world.book(ada, at(1))), subscription) == REFUSED
    assert len(list_subscriptions(world.context, ada.member_id)) == 1


def test_r43_an_endpoint_that_resolves_to_a_private_network_is_not_reached(
    world: World, push_service: Receiver
) -> None:
    ada = world.member("Ada")
    subscription = subscribe(world, ada)
    world.context.channels.http = push_service.client("169.254.169.254")
    with pytest.raises(Undelivered):
        send(world, event_of(world, ada, world.book(ada, at(1))), subscription)
    assert push_service.connected == []


def test_r33_nothing_is_sent_to_a_browser_that_has_no_right_to_it(world: World, push_service: Receiver) -> None:
    ada, ben = world.members("Ada", "Ben")
    subscription = subscribe(world, ada)
    event = event_of(world, ada, world.book(ada, at(1)))
    # An unwanted kind, another member's subscription, a removed one, and an ended session.
    want(world, ada, EventKind.STARTING)
    send(world, event, subscription)
    want(world, ada, *EventKind)
    send(world, event, subscribe(world, ben, f"{URL}/ben"))
    world.now = at(1).end
    send(world, event, subscription)
    remove_subscription(world.context, ada.member_id, subscription.subscription_id)
    send(world, event, subscription)
    # A deleted account.
    again = subscribe(world, ada)
    world.begin_to_leave(ada)
    send(world, event, again)
    assert push_service.received == []


def test_r47_a_suspended_member_gets_no_push_messages_until_the_suspension_ends(
    world: World, push_service: Receiver
) -> None:
    ada = world.member("Ada")
    want(world, ada, *EventKind)
    subscription = subscribe(world, ada)
    event = event_of(world, ada, world.book(ada, at(1)))
    begin_to_suspend(world, ada)
    send(world, event, subscription)
    assert push_service.received == []
    lift(world, ada)
    send(world, event, subscription)
    assert len(push_service.received) == 1


def test_r43_an_expired_subscription_gets_nothing(world: World, push_service: Receiver) -> None:
    ada = world.member("Ada")
    want(world, ada, *EventKind)
    browser = Browser(URL, BrowserKeys(POINT, AUTH), world.now + timedelta(minutes=5))
    subscription = add_subscription(world.context, ada.member_id, browser)
    event = event_of(world, ada, world.book(ada, at(1)))
    world.after(minutes=5)
    send(world, event, subscription)
    assert push_service.received == []


def test_r10_nothing_is_sent_about_a_favorite_who_has_blocked_the_member_since(
    world: World, push_service: Receiver
) -> None:
    ada, ben = world.members("Ada", "Ben")
    want(world, ada, *EventKind)
    subscription = subscribe(world, ada)
    event = Event("evt_1", EventKind.FAVORITE_AVAILABLE, ada.member_id, world.now, at(1), other_id=ben.member_id)
    push_service.answer = answer(201)
    send(world, event, subscription)
    world.say(ben, RelationKind.BLOCK, ada)
    send(world, event, subscription)
    assert len(push_service.received) == 1
