"""The attempts to deliver an event to a webhook, with growing pauses for one day (R43)."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from chalicelib.domain.model.notices import Delivery, Webhook
from chalicelib.domain.model.slot import ONE_DAY
from chalicelib.domain.model.webhook_delivery import DELIVERIES_KEPT, Outcome, WebhookDelivery

# The pause after each failed attempt. The attempt after the last pause is one day after the first attempt.
PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
)
# A receiver that takes longer to respond is treated as one that does not.
SLOW = timedelta(seconds=3)
# The pause of a whole webhook after a failure or a slow success, in the first minute of them and later. It keeps the
# receivers that do not respond from taking the time of all others.
FIRST_PAUSE, LATER_PAUSE = timedelta(seconds=5), timedelta(minutes=5)
FIRST_MINUTE = timedelta(minutes=1)
# Longer than an attempt takes. A webhook with one attempt at a time gets no second one meanwhile.
LEASE = timedelta(seconds=30)

# A delivery that waits longer for its webhook is given up. A webhook that is slow forever is not switched off.
LONGEST_WAIT = timedelta(hours=30)


def is_given_up(delivery: Delivery, now: datetime) -> bool:
    """Return whether a delivery has waited too long for its webhook."""
    return now - (delivery.first_at or delivery.event.at) >= LONGEST_WAIT


def next_attempt(delivery: Delivery, outcome: Outcome, now: datetime) -> Delivery | None:
    """Return the delivery of the next attempt with its instant, or None if there is none.

    There is none after a success, after status 410, for a test, and one day after the first attempt.
    """
    first_at = delivery.first_at or now
    last_at = first_at + ONE_DAY
    if outcome.succeeded or outcome.gone or delivery.test or now >= last_at:
        return None
    pause = PAUSES[delivery.attempt - 1] if delivery.attempt <= len(PAUSES) else ONE_DAY
    due = min(now + pause, last_at)
    return replace(delivery, attempt=delivery.attempt + 1, first_at=first_at, due=due, requested=False)


def after_attempt(webhook: Webhook, delivery: Delivery, outcome: Outcome, began: datetime, now: datetime) -> Webhook:
    """Return the webhook after an attempt that began at `began` and ended `now`.

    A success ends a time of failures, and a quick one the pauses too. The webhook is switched off after a day of
    failures, and at once by status 410. A test changes nothing without that status.
    """
    if webhook.disabled_at or (delivery.test and not outcome.gone):
        return webhook
    if outcome.succeeded and now - began <= SLOW:
        return replace(webhook, failing_since=None, slow_since=None, paused_until=None)
    since = webhook.one_at_a_time_since or began
    paused_until = now + (FIRST_PAUSE if now - since < FIRST_MINUTE else LATER_PAUSE)
    if outcome.succeeded:
        return replace(webhook, failing_since=None, slow_since=since, paused_until=paused_until)
    failing_since = webhook.failing_since or began
    off = outcome.gone or now - failing_since >= ONE_DAY
    return replace(webhook, failing_since=failing_since, paused_until=paused_until, disabled_at=now if off else None)


def postponed_row(delivery: Delivery, webhook: Webhook, now: datetime, next_at: datetime) -> WebhookDelivery:
    """Return a delivery without an attempt as its owner sees it, while the webhook is paused."""
    return WebhookDelivery(
        member_id=webhook.member_id,
        webhook_id=webhook.webhook_id,
        event=delivery.event,
        attempt=0,
        at=now,
        outcome=Outcome(),
        next_at=next_at,
        expires=now + DELIVERIES_KEPT,
    )


def delivery_row(
    delivery: Delivery, webhook: Webhook, outcome: Outcome, now: datetime, *, following: Delivery | None
) -> WebhookDelivery:
    """Return the delivery as its owner sees it after an attempt. `following` is the next attempt.

    A disabled webhook gets no further attempt.
    """
    return WebhookDelivery(
        member_id=webhook.member_id,
        webhook_id=webhook.webhook_id,
        event=delivery.event,
        attempt=delivery.attempt,
        at=now,
        outcome=outcome,
        next_at=following.due if following and not webhook.disabled_at else None,
        test=delivery.test,
        expires=now + DELIVERIES_KEPT,
    )
