"""The deliveries to a webhook that its owner lists, tests and repeats (R43)."""

from msgspec.structs import replace

from chalicelib.domain.decisions.write_set import Decision, DocumentChange, WriteSet
from chalicelib.domain.model.errors import NotFound, RateLimited
from chalicelib.domain.model.event import Event, EventKind, event_id
from chalicelib.domain.model.notices import Channel, Delivery
from chalicelib.domain.model.slot import ONE_DAY, Slot, day_start
from chalicelib.domain.model.webhook_delivery import (
    COUNT_KEPT,
    DELIVERIES_KEPT,
    MOST_LISTED,
    Outcome,
    RequestedDeliveries,
    WebhookDelivery,
)
from chalicelib.services.context import Context
from chalicelib.services.notices.webhooks import get_webhook
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import webhook_reads

# The tests and repetitions of one member on a UTC date (R36).
MOST_REQUESTED = 100


def list_deliveries(context: Context, caller: str, webhook_id: str) -> list[WebhookDelivery]:
    """Return the deliveries of the latest 50 events to a webhook, newest first. Raises NotFound."""
    webhook = get_webhook(context, caller, webhook_id)
    found = webhook_reads.deliveries(context.table, caller, webhook.webhook_id, most=MOST_LISTED)
    # The table deletes expired rows at some later time.
    return [delivery for delivery in found if not delivery.is_expired(context.clock())]


def request_test(context: Context, caller: str, webhook_id: str) -> WebhookDelivery:
    """Send a test to a webhook, also to a disabled one. Raises NotFound, and RateLimited at the limit (R36)."""
    webhook, now = get_webhook(context, caller, webhook_id), context.clock()
    # No other channel gets the event, so that its kind and slot are not shown.
    key = event_id(webhook.webhook_id, context.token(26))
    event = Event(key, EventKind.CHANGED, caller, at=now, slot=Slot(now, 25))
    row = WebhookDelivery(
        member_id=caller,
        webhook_id=webhook.webhook_id,
        event=event,
        attempt=0,
        at=now,
        outcome=Outcome(),
        next_at=now,
        test=True,
        expires=now + DELIVERIES_KEPT,
    )
    _count_request(context, caller, DocumentChange(None, row))
    _send(context, row)
    return row


def request_repetition(context: Context, caller: str, webhook_id: str, event: str) -> WebhookDelivery:
    """Send a listed event again, also to a disabled webhook.

    Raises NotFound for an event that is not listed, and RateLimited at the limit (R36).
    """
    found = (delivery for delivery in list_deliveries(context, caller, webhook_id) if delivery.event.event_id == event)
    row = next(found, None)
    if row is None:
        raise NotFound
    _count_request(context, caller)
    _send(context, row)
    return replace(row, next_at=context.clock())


def _count_request(context: Context, caller: str, *added: DocumentChange) -> None:
    """Count one request of this UTC date, and store what it adds. Of two concurrent requests one counts again."""

    def decide(attempt: Attempt) -> Decision[None]:
        today = attempt.now.date()
        before = webhook_reads.requested_deliveries(context.table, caller)
        count = before.count_on(today) if before else 0
        if count >= MOST_REQUESTED:
            raise RateLimited(
                f"You have requested {MOST_REQUESTED} deliveries today, which is the limit. Try again tomorrow.",
                retry_after=day_start(today + ONE_DAY) - attempt.now,
            )
        after = RequestedDeliveries(
            member_id=caller,
            on=today,
            count=count + 1,
            version=before.version if before else 0,
            expires=attempt.now + COUNT_KEPT,
        )
        return Decision(None, WriteSet(documents=(DocumentChange(before, after), *added), present=(caller,)))

    run_transaction(context, decide)


def _send(context: Context, row: WebhookDelivery) -> None:
    delivery = Delivery(
        Channel.WEBHOOK, row.event, row.webhook_id, attempt=row.attempt + 1, test=row.test, requested=True
    )
    context.channels.queues.send([delivery])
