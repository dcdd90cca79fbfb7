"""The body of a webhook's event, the same as in `/v1/events` (R42, R43)."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from msgspec.structs import replace

from chalicelib.channels.queues import delivery_from
from chalicelib.domain.model.event import Event, EventKind
from chalicelib.domain.model.member import Profile, RelationKind
from chalicelib.handlers.deliveries.queue_messages import Undelivered
from chalicelib.handlers.deliveries.webhook import deliver
from chalicelib.services.notices.notice_settings import NoticesChange, change_notices
from chalicelib.services.notices.webhook_requests import request_test
from chalicelib.services.notices.webhooks import change_webhook
from tests.channels.receiver import FAILED, GONE, Receiver
from tests.harness import World, at
from tests.outbox import Outbox, connect_outbox, text_of
from tests.webhook_run import WebhookRun

ADDRESS = "ada@example.org"


@pytest.fixture
def run(world: World) -> Iterator[WebhookRun]:
    with Receiver() as receiver:
        yield WebhookRun(world, receiver)


def test_r43_the_body_is_the_event_with_the_session_of_its_owner(run: WebhookRun, world: World) -> None:
    ada = world.member("Ada")
    webhook, event = run.webhook(ada, EventKind.BOOKED), run.booked(ada)
    run.send(webhook, event)
    run.run()
    session = world.seen(ada, at(30))
    assert json.loads(run.receiver.received[0].body) == {
        "id": event.event_id,
        "type": "session.booked",
        "timestamp": "2026-03-02T08:00:00+00:00",
        "data": {
            "startTime": session["startTime"],
            "duration": session["duration"],
            "sessionId": session["sessionId"],
            "session": session,
        },
    }


@pytest.fixture
def outbox(run: WebhookRun, world: World) -> Outbox:
    return connect_outbox(world)


def with_address(world: World) -> Profile:
    ada = world.member("Ada")
    change_notices(world.context, ada.member_id, NoticesChange(address=ADDRESS, verified_address=ADDRESS))
    return ada


@pytest.mark.long  # Attempts for a day.
@pytest.mark.parametrize(
    ("answer", "reason"), [(FAILED, "every attempt failed for a day"), (GONE, "answered that it is gone (status 410)")]
)
def test_r43_the_owner_gets_one_mail_when_a_webhook_is_switched_off(
    run: WebhookRun, world: World, outbox: Outbox, answer: bytes, reason: str
) -> None:
    ada = with_address(world)
    run.receiver.answer = answer
    webhook, event = run.webhook(ada, url="https://hooks.example/in?key=secret"), run.booked(ada)
    run.send(webhook, event, times=2)
    # One that fails later than the first.
    run.send(webhook, replace(event, event_id="evt_other"))
    run.run()
    (mail,) = outbox.parsed()
    assert str(mail["Subject"]) == "Your Lockstep webhook is off"
    assert reason in text_of(mail)
    assert "at hooks.example," in text_of(mail)
    # The address may hold a secret.
    assert "secret" not in text_of(mail)


def test_r43_a_test_with_status_410_switches_the_webhook_off_with_a_mail(
    run: WebhookRun, world: World, outbox: Outbox
) -> None:
    ada = with_address(world)
    webhook = run.webhook(ada)
    run.receiver.answer = GONE
    request_test(world.context, ada.member_id, webhook.webhook_id)
    run.run()
    assert run.stored(webhook).disabled_at == world.now
    # Another test of the webhook that is off sends no second mail.
    world.after(minutes=1)
    request_test(world.context, ada.member_id, webhook.webhook_id)
    run.run()
    assert len(run.receiver.received) == 2
    assert [str(mail["Subject"]) for mail in outbox.parsed()] == ["Your Lockstep webhook is off"]


def test_r43_the_mail_is_sent_later_if_the_mail_service_fails(run: WebhookRun, world: World, outbox: Outbox) -> None:
    ada = with_address(world)
    run.receiver.answer = GONE
    webhook, event = run.webhook(ada), run.booked(ada)
    run.send(webhook, event)
    ((_, message),) = run.messages
    outbox.failures = ["TooManyRequestsException"]
    with pytest.raises(Undelivered):
        deliver(world.context, delivery_from(message))
    assert outbox.sent == []
    # The queue delivers the same message again, and the receiver gets no second request.
    for _ in range(2):
        deliver(world.context, delivery_from(message))
    assert len(outbox.sent) == 1
    assert len(run.receiver.received) == 1


def test_r43_the_owner_who_switches_a_webhook_off_gets_no_mail(run: WebhookRun, world: World, outbox: Outbox) -> None:
    ada = with_address(world)
    run.receiver.answer = FAILED
    webhook, event = run.webhook(ada), run.booked(ada)
    run.send(webhook, event)
    run.run(until=world.now + timedelta(minutes=1))
    change_webhook(world.context, ada.member_id, webhook.webhook_id, lambda one, now: replace(one, disabled_at=now))
    run.run()
    assert outbox.sent == []


def test_r10_nothing_is_sent_about_a_favorite_who_has_blocked_the_member_since(run: WebhookRun, world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    webhook = run.webhook(ada, EventKind.FAVORITE_AVAILABLE)
    event = Event("evt_1", EventKind.FAVORITE_AVAILABLE, ada.member_id, world.now, at(1), other_id=ben.member_id)
    run.send(webhook, event)
    run.run()
    world.say(ben, RelationKind.BLOCK, ada)
    run.send(webhook, replace(event, event_id="evt_2"))
    run.run()
    assert len(run.receiver.received) == 1
