"""The attempts of webhook deliveries against a real receiver, in simulated time (R43)."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from ssl import SSLSocket

import pytest
from msgspec.structs import replace
from standardwebhooks.webhooks import Webhook as StandardWebhook
from standardwebhooks.webhooks import WebhookVerificationError

from bench.request_units import RequestUnitLedger
from chalicelib.channels.aws_clients import SendFailed
from chalicelib.domain.model.errors import Busy
from chalicelib.domain.model.notices import Channel, Delivery
from chalicelib.domain.model.slot import Slot
from chalicelib.domain.model.webhook_delivery import MOST_LISTED, MOST_TRIMMED, Outcome
from chalicelib.handlers.deliveries.webhook import deliver
from chalicelib.services.notices.webhook_deliveries import due_delivery, signing_secret
from chalicelib.services.notices.webhook_requests import request_repetition, request_test
from chalicelib.services.notices.webhooks import change_webhook, remove_webhook
from chalicelib.storage import webhook_reads
from tests.channels.receiver import FAILED, GONE, OK, PUBLIC_IP, Receiver
from tests.harness import World, at
from tests.staff_acts import begin_to_suspend, lift
from tests.webhook_run import WebhookRun

REDIRECT = b"HTTP/1.1 302 Found\r\nLocation: https://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"


def tomorrow(world: World) -> Slot:
    return Slot(datetime.combine(world.now.date() + timedelta(days=1), time(9), UTC), 50)


@pytest.fixture
def run(world: World) -> Iterator[WebhookRun]:
    with Receiver() as receiver:
        yield WebhookRun(world, receiver)


def test_r43_a_receiver_verifies_an_event_with_the_standard_library(run: WebhookRun, world: World) -> None:
    # The library compares with the machine's clock.
    world.now = datetime.now(UTC)
    ada = world.member("Ada")
    webhook, event = run.webhook(ada), run.booked(ada, tomorrow(world))
    run.send(webhook, event)
    run.run()
    (received,) = run.receiver.received
    secret = signing_secret(world.context, webhook.webhook_id)
    assert secret.startswith("whsec_")
    assert StandardWebhook(secret).verify(received.body, received.headers) == json.loads(received.body)
    assert received.headers["webhook-id"] == event.event_id == json.loads(received.body)["id"]
    assert received.headers["content-type"] == "application/json"
    other = signing_secret(world.context, run.webhook(ada).webhook_id)
    assert other != secret
    for changed in (
        {"secret": other},
        {"body": received.body.replace(b"booked", b"gone")},
        {"headers": {**received.headers, "webhook-id": "evt_other"}},
        {"headers": {**received.headers, "webhook-timestamp": str(int(received.headers["webhook-timestamp"]) + 1)}},
    ):
        with pytest.raises(WebhookVerificationError):
            StandardWebhook(changed.get("secret", secret)).verify(
                changed.get("body", received.body), changed.get("headers", received.headers)
            )


def test_r43_a_delivered_event_is_not_sent_again_by_a_repeated_message(run: WebhookRun, world: World) -> None:
    ada = world.member("Ada")
    webhook, event = run.webhook(ada), run.booked(ada)
    run.send(webhook, event, times=3)
    run.run()
    assert len(run.receiver.received) == 1
    (delivery,) = run.listed(webhook)
    assert (delivery.event, delivery.attempt, delivery.outcome, delivery.next_at) == (event, 1, Outcome(204), None)
    # A success after a success does not write the webhook.
    assert run.stored(webhook) == replace(webhook, version=1)


def test_r43_a_failing_receiver_gets_attempts_for_a_day_and_is_switched_off(run: WebhookRun, world: World) -> None:
    ada = world.member("Ada")
    webhook, event = run.webhook(ada), run.booked(ada)
    run.receiver.answer = FAILED
    began = world.now
    run.send(webhook, event)
    run.run()
    pauses = [later - earlier for earlier, later in pairwise(run.attempts)]
    hours = timedelta(hours=1)
    expected = [timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), 2 * hours, 5 * hours, 10 * hours]
    assert run.attempts[0] == began
    assert pauses[:-1] == expected
    # The last attempt is one day after the first.
    assert run.attempts[-1] - began == timedelta(days=1)
    stored = run.stored(webhook)
    assert (stored.failing_since, stored.disabled_at) == (began, began + timedelta(days=1))
    (delivery,) = run.listed(webhook)
    assert (delivery.attempt, delivery.outcome, delivery.next_at) == (8, Outcome(500), None)
    # The same event had the same id in each attempt, and a timestamp of its own.
    assert {received.headers["webhook-id"] for received in run.receiver.received} == {event.event_id}
    assert len({received.headers["webhook-timestamp"] for received in run.receiver.received}) == 8
    # A disabled webhook gets nothing.
    run.receiver.answer = OK
    run.send(webhook, replace(event, event_id="evt_other"))
    run.run()
    assert len(run.receiver.received) == 8


def test_r43_a_receiver_that_recovers_gets_the_event_and_stays_on(run: WebhookRun, world: World) -> None:
    ada = world.member("Ada")
    webhook, event = run.webhook(ada), run.booked(ada)
    run.receiver.answer = FAILED
    run.send(webhook, event)
    run.run(until=world.now + timedelta(hours=3))
    (failing,) = run.listed(webhook)
    assert (failing.attempt, failing.outcome.status) == (5, 500)
    assert failing.next_at == run.attempts[-1] + timedelta(hours=5)
    assert run.stored(webhook).failing_since == run.attempts[0]
    run.receiver.answer = OK
    run.run()
    (delivered,) = run.listed(webhook)
    assert (delivered.attempt, delivered.outcome, delivered.next_at) == (6, Outcome(204), None)
    stored = run.stored(webhook)
    assert (stored.failing_since, stored.disabled_at) == (None, None)


# 22 requests to the receiver.
@pytest.mark.long
def test_r43_one_event_that_always_fails_does_not_switch_off_a_webhook_that_works(
    run: WebhookRun, world: World
) -> None:
    ada = world.member("Ada")
    webhook, poison = run.webhook(ada), run.booked(ada)

    def answer(connection: object) -> None:
        last = run.receiver.received[-1]
        connection.sendall(FAILED if last.headers["webhook-id"] == poison.event_id else OK)

    run.receiver.answer = answer
    run.send(webhook, poison)
    began = world.now
    for hours in range(0, 26, 2):
        run.run(until=began + timedelta(hours=hours, minutes=59))
        run.send(webhook, replace(poison, event_id=f"evt_{hours}", at=world.now))
        run.run(until=began + timedelta(hours=hours + 1))
    run.run()
    assert run.stored(webhook).disabled_at is None
    failed = next(delivery for delivery in run.listed(webhook) if delivery.event == poison)
    assert (failed.attempt, failed.next_at) == (8, None)


def test_r43_status_410_switches_off_at_once(run: WebhookRun, world: World) -> None:
    ada = world.member("Ada")
    webhook, event = run.webhook(ada), run.booked(ada)
    run.receiver.answer = GONE
    run.send(webhook, event)
    run.run()
    assert len(run.receiver.received) == 1
    assert run.stored(webhook).disabled_at == world.now
    (delivery,) = run.listed(webhook)
    assert (delivery.outcome, delivery.next_at) == (Outcome(410), None)


@pytest.mark.parametrize(("answer", "outcome"), [(REDIRECT, Outcome(302)), (b"", Outcome(reason="invalid_response"))])
def test_r43_a_redirect_and_no_response_are_failures_that_are_tried_again(
    run: WebhookRun, world: World, answer: bytes, outcome: Outcome
) -> None:
    ada = world.member("Ada")
    webhook, event = run.webhook(ada), run.booked(ada)
    run.receiver.answer = answer
    run.send(webhook, event)
    run.run(until=world.now + timedelta(seconds=1))
    (delivery,) = run.listed(webhook)
    assert (delivery.attempt, delivery.outcome) == (1, outcome)
    assert delivery.next_at == run.attempts[0] + timedelta(seconds=5)
    # The metadata service was not asked.
    assert run.receiver.connected == [PUBLIC_IP]


def test_r43_a_receiver_that_moves_to_a_private_address_gets_nothing_more(run: WebhookRun, world: World) -> None:
    ada = world.member("Ada")
    webhook, event = run.webhook(ada), run.booked(ada)
    run.receiver.answer = FAILED
    run.send(webhook, event)
    run.run(until=world.now + timedelta(seconds=1))
    world.context.channels.http = run.receiver.client("169.254.169.254")
    run.run(until=world.now + timedelta(seconds=30))
    (delivery,) = run.listed(webhook)
    assert (delivery.attempt, delivery.outcome) == (2, Outcome(reason="address_refused"))
    assert len(run.receiver.received) == 1


def test_r33_what_is_queued_for_a_deleted_account_or_webhook_is_not_sent(run: WebhookRun, world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    removed, event = run.webhook(ada), run.booked(ada)
    of_deleted, other_event = run.webhook(ben), run.booked(ben, at(40))
    run.send(removed, event)
    run.send(of_deleted, other_event)
    remove_webhook(world.context, ada.member_id, removed.webhook_id)
    # The first transaction of the deletion suffices: the webhook itself is still in the table.
    world.begin_to_leave(ben)
    run.run()
    assert run.receiver.received == []


def test_r47_what_is_queued_for_a_suspended_member_is_not_sent(run: WebhookRun, world: World) -> None:
    ada = world.member("Ada")
    webhook, event = run.webhook(ada), run.booked(ada)
    run.send(webhook, event)
    begin_to_suspend(world, ada)
    run.run()
    assert run.receiver.received == []
    lift(world, ada)
    run.send(webhook, run.booked(ada, at(40)))
    run.run()
    assert len(run.receiver.received) == 1


def test_r43_a_retry_of_a_failed_attempt_is_sent_before_the_outcome_is_stored(run: WebhookRun, world: World) -> None:
    """The function ends between its two last calls, and the message comes again."""
    ada = world.member("Ada")
    webhook, event = run.webhook(ada), run.booked(ada)
    run.receiver.answer = FAILED
    refused = Delivery(Channel.WEBHOOK, event, webhook.webhook_id)
    working, world.context.channels.queues._client = world.context.channels.queues._client, lambda: FailingQueue()
    with pytest.raises(SendFailed):
        deliver(world.context, refused)
    assert run.listed(webhook) == []
    world.context.channels.queues._client = working
    run.receiver.answer = OK
    deliver(world.context, refused)
    (delivery,) = run.listed(webhook)
    assert (delivery.attempt, delivery.outcome) == (1, Outcome(204))


class FailingQueue:
    """A queue that accepts nothing."""

    def send_message_batch(self, **_: object) -> dict[str, list[str]]:
        return {"Failed": ["all"]}


def test_r43_a_test_is_sent_once_also_to_a_disabled_webhook(run: WebhookRun, world: World) -> None:
    ada = world.member("Ada")
    webhook = run.webhook(ada)
    change_webhook(world.context, ada.member_id, webhook.webhook_id, lambda one, now: replace(one, disabled_at=now))
    run.receiver.answer = FAILED
    requested = request_test(world.context, ada.member_id, webhook.webhook_id)
    assert run.listed(webhook) == [replace(requested, version=1)]
    run.run()
    (received,) = run.receiver.received
    assert json.loads(received.body) == {
        "id": requested.event.event_id,
        "type": "webhook.test",
        "timestamp": requested.event.at.isoformat(timespec="seconds"),
        "data": {"webhookId": webhook.webhook_id},
    }
    (delivery,) = run.listed(webhook)
    assert (delivery.attempt, delivery.outcome, delivery.next_at) == (1, Outcome(500), None)
    assert run.stored(webhook).failing_since is None


def test_r43_a_failed_event_can_be_sent_again_after_the_receiver_is_repaired(run: WebhookRun, world: World) -> None:
    ada = world.member("Ada")
    webhook, event = run.webhook(ada), run.booked(ada)
    run.receiver.answer = FAILED
    run.send(webhook, event)
    run.run()
    assert run.stored(webhook).disabled_at
    run.receiver.answer = OK
    request_repetition(world.context, ada.member_id, webhook.webhook_id, event.event_id)
    run.run()
    (delivery,) = run.listed(webhook)
    assert (delivery.attempt, delivery.outcome) == (9, Outcome(204))
    assert run.receiver.received[-1].headers["webhook-id"] == event.event_id
    # The member switches it on, not a delivery.
    assert run.stored(webhook).disabled_at


def test_r43_a_repetition_takes_the_place_of_the_planned_attempt(run: WebhookRun, world: World) -> None:
    ada = world.member("Ada")
    webhook, event = run.webhook(ada), run.booked(ada)
    run.receiver.answer = FAILED
    run.send(webhook, event)
    run.run(until=world.now + timedelta(minutes=1))
    run.receiver.answer = OK
    request_repetition(world.context, ada.member_id, webhook.webhook_id, event.event_id)
    run.run()
    assert [received.headers["webhook-id"] for received in run.receiver.received] == [event.event_id] * 3


def test_r42_the_session_in_a_late_delivery_is_the_current_one(run: WebhookRun, world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    webhook, event = run.webhook(ada), run.booked(ada)
    world.book(ben, at(30))
    run.send(webhook, event)
    run.run()
    session = json.loads(run.receiver.received[0].body)["data"]["session"]
    assert session["users"][1]["name"] == "Ben"
    # Nothing stored may open a room (R41).
    assert session["roomUrl"] is None
    assert run.receiver.received[0].body.find(b"rooms.example") == -1


# 150 requests to the receiver.
@pytest.mark.long
def test_r36_the_deliveries_of_one_webhook_do_not_grow_with_its_events(run: WebhookRun, world: World) -> None:
    ada = world.member("Ada")
    webhook, event = run.webhook(ada), run.booked(ada)
    # Every id that ends with 0 trims, and about one of 32 does.
    for number in range(150):
        at_ = world.now + timedelta(seconds=number)
        run.send(webhook, replace(event, event_id=f"evt_{number}{'0' if number % 32 == 31 else 'x'}", at=at_))
    run.run()
    assert len(run.receiver.received) == 150
    kept = webhook_reads.deliveries(world.table, ada.member_id, webhook.webhook_id, most=1000)
    assert MOST_LISTED <= len(kept) < MOST_LISTED + MOST_TRIMMED
    newest = [f"evt_{number}{'0' if number % 32 == 31 else 'x'}" for number in reversed(range(100, 150))]
    assert [delivery.event.event_id for delivery in run.listed(webhook)] == newest


# 40 requests to the receiver.
@pytest.mark.long
def test_r43_a_failing_webhook_gets_one_attempt_at_a_time(run: WebhookRun, world: World) -> None:
    """A receiver that hangs for 10 seconds would take the time of the webhooks of all members."""
    ada = world.member("Ada")
    webhook, event = run.webhook(ada), run.booked(ada)
    run.receiver.answer = FAILED
    began = world.now
    run.send(webhook, event)
    run.run(until=began + timedelta(seconds=1))
    others = [replace(event, event_id=f"evt_{number}x", at=world.now) for number in range(16)]
    for other in others:
        run.send(webhook, other)
    run.run(until=began + timedelta(minutes=10))
    pauses = [later - earlier for earlier, later in pairwise(run.attempts)]
    assert min(pauses) >= timedelta(seconds=5)
    assert all(
        pause >= timedelta(minutes=5)
        for pause, earlier in zip(pauses, run.attempts, strict=False)
        if earlier - began >= timedelta(minutes=1)
    )
    listed = {delivery.event.event_id: delivery for delivery in run.listed(webhook)}
    assert set(listed) == {event.event_id, *(other.event_id for other in others)}
    waiting = [delivery for delivery in listed.values() if delivery.attempt == 0]
    assert len(waiting) >= 2
    assert all(delivery.next_at for delivery in waiting)
    run.receiver.answer = OK
    failed = len(run.receiver.received)
    run.run()
    delivered = [received.headers["webhook-id"] for received in run.receiver.received[failed:]]
    assert sorted(delivered) == sorted(listed)
    assert all(delivery.outcome.succeeded for delivery in run.listed(webhook))
    assert run.stored(webhook).failing_since is None


def test_r43_a_webhook_that_is_slow_gets_one_attempt_at_a_time_until_a_quick_success(
    run: WebhookRun, world: World
) -> None:
    """A receiver that answers after 9 seconds takes the time of other webhooks as one that hangs does."""
    ada = world.member("Ada")
    webhook, event = run.webhook(ada), run.booked(ada)

    def slow(connection: SSLSocket) -> None:
        world.after(seconds=9)
        connection.sendall(OK)

    run.receiver.answer = slow
    began = world.now
    others = [replace(event, event_id=f"evt_{number}x") for number in range(3)]
    for one in (event, *others):
        run.send(webhook, one)
    run.run(until=began + timedelta(seconds=12))
    (attempt,) = run.attempts
    assert attempt == began + timedelta(seconds=9)
    assert [delivery.attempt for delivery in run.listed(webhook)].count(0) == 3
    stored = run.stored(webhook)
    assert (stored.slow_since, stored.paused_until) == (began, attempt + timedelta(seconds=5))
    assert (stored.failing_since, stored.disabled_at) == (None, None)
    run.receiver.answer = OK
    run.run()
    assert sorted(one.headers["webhook-id"] for one in run.receiver.received) == sorted(
        one.event_id for one in (event, *others)
    )
    assert run.stored(webhook).one_at_a_time_since is None


def test_r36_an_event_waits_30_hours_at_most_for_a_webhook_that_is_always_slow(run: WebhookRun, world: World) -> None:
    """Such a webhook is never switched off, and its queue would grow with each event."""
    ada = world.member("Ada")
    webhook, event = run.webhook(ada), run.booked(ada)
    began = world.now

    def pause(hours: int) -> None:
        paused = {"slow_since": began, "paused_until": began + timedelta(hours=hours)}
        change_webhook(world.context, ada.member_id, webhook.webhook_id, lambda one, _: replace(one, **paused))

    pause(hours=30)
    run.send(webhook, event)
    run.run(until=began + timedelta(hours=29))
    (waiting,) = run.listed(webhook)
    assert (waiting.attempt, len(run.messages)) == (0, 1)
    assert waiting.next_at
    pause(hours=32)
    run.run(until=began + timedelta(hours=31))
    (given_up,) = run.listed(webhook)
    assert (given_up.attempt, given_up.next_at, run.messages) == (0, None, [])
    assert run.receiver.received == []


@pytest.mark.parametrize("since", ["failing_since", "slow_since"])
def test_r43_of_concurrent_runs_one_claims_the_attempt_of_a_failing_or_slow_webhook(
    run: WebhookRun, world: World, since: str
) -> None:
    ada = world.member("Ada")
    webhook, event = run.webhook(ada), run.booked(ada)
    failing = replace(webhook, **{since: world.now})
    change_webhook(world.context, ada.member_id, webhook.webhook_id, lambda *_: failing)
    messages = [Delivery(Channel.WEBHOOK, replace(event, event_id=f"evt_{n}x"), webhook.webhook_id) for n in range(4)]

    def claim(delivery: Delivery) -> bool:
        try:
            return due_delivery(world.context, delivery) is not None
        except Busy:
            # The queue delivers the message again.
            return False

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(claim, messages)) == 1
    # The run that made the claim ended without an attempt.
    world.after(seconds=31)
    assert claim(messages[0])


def test_r36_a_delivery_writes_one_row(run: WebhookRun, world: World) -> None:
    """The units in docs/costs.md."""
    ada, ben = world.members("Ada", "Ben")
    webhook, event = run.webhook(ada), run.booked(ada)
    world.book(ben, at(30))
    units = []
    for number, answer in enumerate((OK, FAILED)):
        run.receiver.answer = answer
        run.send(webhook, replace(event, event_id=f"evt_{number}x"))
        with RequestUnitLedger(world.table.connection.client) as ledger:
            run.run(until=world.now + timedelta(milliseconds=500))
        units.append((sum(one.write_units for one in ledger.requests), sum(one.read_units for one in ledger.requests)))
    # The first failure also writes the webhook, and looks whether it is off.
    assert units == [(2, 6), (4, 7)]
