"""The delivery of events to webhooks, signed as Standard Webhooks are (R43)."""

import base64
import hmac
import math
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.channels.public_http import RequestFailed
from chalicelib.domain.decisions.webhook_attempts import (
    FIRST_PAUSE,
    LEASE,
    after_attempt,
    delivery_row,
    is_given_up,
    next_attempt,
    postponed_row,
)
from chalicelib.domain.decisions.write_set import Decision, DocumentChange, WriteSet
from chalicelib.domain.model.derived_secrets import derived_secret
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.notices import Delivery, Webhook
from chalicelib.domain.model.webhook_delivery import MOST_LISTED, MOST_TRIMMED, Outcome, is_trimming
from chalicelib.services.context import Context
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import reads, webhook_reads

SPREAD_SECONDS = 60
SECRET_PREFIX = "whsec_"  # noqa: S105 - the prefix of all secrets


class DueDelivery(Struct, frozen=True):
    """A delivery whose attempt is due, with its member and webhook."""

    delivery: Delivery
    member: Profile
    webhook: Webhook


class SwitchedOff(Struct, frozen=True):
    """A webhook that an attempt switched off at an instant. `gone` is True after status 410."""

    webhook: Webhook
    at: datetime
    gone: bool


def signing_secret(context: Context, webhook_id: str) -> str:
    """Return the secret with which a receiver verifies signatures."""
    return SECRET_PREFIX + base64.b64encode(_signing_key(context, webhook_id)).decode()


def due_delivery(context: Context, delivery: Delivery) -> DueDelivery | None:
    """Return the delivery with its destination if an attempt is due now, or None.

    A delivery for later goes back to the queue, also while a failing or slow webhook gets another attempt. There is no
    attempt for a deleted or suspended member (R47), for a deleted webhook, for a disabled one without the member's
    request, for a repeated message whose attempt was made, and after 30 hours of waiting.
    """
    now, member_id = context.clock(), delivery.event.member_id
    if delivery.due and now < delivery.due:
        _send_later(context, delivery, now)
        return None
    webhook = webhook_reads.webhook(context.table, member_id, delivery.destination or "")
    if webhook is None or (webhook.disabled_at and not delivery.requested):
        return None
    member = reads.profile(context.table, member_id)
    made = webhook_reads.delivery(context.table, member_id, webhook.webhook_id, delivery.event)
    if member is None or member.suspension or (made and made.attempt >= delivery.attempt):
        return None
    if delivery.requested or webhook.one_at_a_time_since is None or _claims_attempt(context, webhook):
        return DueDelivery(delivery, member, webhook)
    if not is_given_up(delivery, now):
        _postpone(context, delivery, webhook)
    elif made:
        ended = DocumentChange(made, replace(made, next_at=None), regardless=True)
        run_transaction(context, lambda _attempt: Decision(None, WriteSet(documents=(ended,))))
    return None


def attempt_delivery(context: Context, due: DueDelivery, body: bytes) -> Outcome:
    """Post the body, store the outcome, send the next attempt to the queue, and return the outcome.

    The next attempt is sent before the outcome is stored. A run that ends in between is repeated, and posts again.
    """
    began = context.clock()
    delivery = replace(due.delivery, first_at=due.delivery.first_at or began)
    outcome = _post(context, due.webhook, delivery.event.event_id, body, began)
    now = context.clock()
    following = next_attempt(delivery, outcome, now)
    if following:
        _send_later(context, following, now)

    def decide(_attempt: Attempt) -> Decision[None]:
        stored = webhook_reads.webhook(context.table, due.webhook.member_id, due.webhook.webhook_id)
        if stored is None:
            return Decision(None)
        webhook = after_attempt(stored, delivery, outcome, began, now)
        row = DocumentChange(None, delivery_row(delivery, webhook, outcome, now, following=following), regardless=True)
        changed = () if webhook == stored else (DocumentChange(stored, webhook),)
        return Decision(None, WriteSet(documents=(row, *changed, *_trimmed(context, delivery, webhook))))

    run_transaction(context, decide)
    return outcome


def _claims_attempt(context: Context, webhook: Webhook) -> bool:
    """Return whether the one attempt of a webhook is ours. The claim ends with the attempt or by itself."""

    def decide(attempt: Attempt) -> Decision[bool]:
        stored = webhook_reads.webhook(context.table, webhook.member_id, webhook.webhook_id)
        if stored is None or stored.is_paused(attempt.now):
            return Decision(False)
        if stored.one_at_a_time_since is None:
            return Decision(True)
        claimed = replace(stored, paused_until=attempt.now + LEASE)
        return Decision(True, WriteSet(documents=(DocumentChange(stored, claimed),)))

    return not webhook.is_paused(context.clock()) and run_transaction(context, decide)


def _postpone(context: Context, delivery: Delivery, webhook: Webhook) -> None:
    """Send a delivery back to the queue until the pause of its webhook ends, and list it if it has no attempt yet.

    The messages of a failing or slow webhook come back over a minute. Of those that come at once all but one conflict.
    """
    now = context.clock()
    spread = timedelta(seconds=context.rng.uniform(0, SPREAD_SECONDS))
    due = max(webhook.paused_until or now, now + FIRST_PAUSE) + spread
    _send_later(context, replace(delivery, due=due), now)
    if delivery.due is None:
        row = DocumentChange(None, postponed_row(delivery, webhook, now, due), regardless=True)
        changes = WriteSet(documents=(row, *_trimmed(context, delivery, webhook)))
        run_transaction(context, lambda _attempt: Decision(None, changes))


def switched_off(context: Context, delivery: Delivery) -> SwitchedOff | None:
    """Return the webhook if the attempt of this delivery switched it off, also for a repeated message."""
    member_id = delivery.event.member_id
    webhook = webhook_reads.webhook(context.table, member_id, delivery.destination or "")
    if webhook is None or webhook.disabled_at is None:
        return None
    made = webhook_reads.delivery(context.table, member_id, webhook.webhook_id, delivery.event)
    # The attempt that switches off has the same instant. Its owner switches off at another one.
    if made is None or made.attempt != delivery.attempt or made.at != webhook.disabled_at:
        return None
    return SwitchedOff(webhook, made.at, gone=made.outcome.gone)


def _trimmed(context: Context, delivery: Delivery, webhook: Webhook) -> list[DocumentChange]:
    """Return the deletions of deliveries that are no longer listed, once for about 32 events (R36)."""
    if delivery.attempt > 1 or not is_trimming(delivery.event):
        return []
    most = MOST_LISTED + MOST_TRIMMED
    found = webhook_reads.deliveries(context.table, webhook.member_id, webhook.webhook_id, most=most)
    # That of this event is written in the same transaction, and one item cannot change twice.
    old = (row for row in found[MOST_LISTED:] if row.event.event_id != delivery.event.event_id)
    return [DocumentChange(row, None, regardless=True) for row in old]


def _post(context: Context, webhook: Webhook, event_id: str, body: bytes, now: datetime) -> Outcome:
    timestamp = str(int(now.timestamp()))
    signed = b".".join((event_id.encode(), timestamp.encode(), body))
    signature = base64.b64encode(hmac.digest(_signing_key(context, webhook.webhook_id), signed, "sha256")).decode()
    headers = {
        "Content-Type": "application/json",
        "webhook-id": event_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{signature}",
    }
    try:
        return Outcome(status=context.channels.http.post(webhook.url, headers, body))
    except RequestFailed as failed:
        return Outcome(reason=failed.reason)


def _send_later(context: Context, delivery: Delivery, now: datetime) -> None:
    """Send a delivery to the queue with the rest of its pause, or with the longest delay of the queue."""
    seconds = math.ceil((delivery.due - now).total_seconds()) if delivery.due else 0
    context.channels.queues.send([delivery], delay=timedelta(seconds=max(seconds, 0)))


def _signing_key(context: Context, webhook_id: str) -> bytes:
    return derived_secret(context.settings.identity_key, "webhook", webhook_id)
