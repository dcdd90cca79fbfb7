"""The delivery of events by Web Push (R43)."""

from datetime import timedelta
from http import HTTPStatus

from chalicelib.channels.public_http import RequestFailed
from chalicelib.channels.web_push import (
    SALT_BYTES,
    SCALAR_BYTES,
    BrowserKeys,
    PushMessage,
    Randomness,
    encrypted,
    push_headers,
)
from chalicelib.domain.model.notices import Delivery, PushSubscription
from chalicelib.handlers.deliveries.push_text import push_message
from chalicelib.handlers.deliveries.queue_messages import Undelivered
from chalicelib.metrics import current_metrics
from chalicelib.services.context import Context
from chalicelib.services.notices.event_details import details_of
from chalicelib.services.notices.push_subscriptions import drop_endpoint, push_recipient, push_sender

# The time after an event for which its message is retried. A browser's later messages wait for it.
RETRIED_FOR = timedelta(minutes=10)
# The code in the log line of a message that a push service refused.
REFUSED = "push_refused"

_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_BUSY = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})


def deliver(context: Context, delivery: Delivery) -> None:
    """Send an event to one browser of its member.

    A deleted account, a removed subscription, an unwanted kind, a session that has ended and an event that its member
    no longer sees get no message. A push
    service that no longer knows the browser removes its subscription. Raise Undelivered for a passing failure.
    """
    event, now = delivery.event, context.clock()
    recipient = push_recipient(context, event.member_id, delivery.destination or "", event.kind)
    if recipient is None or now >= event.slot.end:
        return
    shown = details_of(context, recipient.member, [event])
    if not shown:
        return
    message = push_message(shown[0], recipient.member.time_zone, context.settings.messaging, now)
    status = _send(context, recipient.subscription, message)
    if status in _GONE:
        drop_endpoint(context, recipient.subscription)
    elif status is None or status in _BUSY or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        if now - event.at < RETRIED_FOR:
            raise Undelivered
        current_metrics().code = Undelivered.code
    elif status >= HTTPStatus.MULTIPLE_CHOICES:
        current_metrics().code = REFUSED


def _send(context: Context, subscription: PushSubscription, message: PushMessage) -> int | None:
    """Return the status of the push service's response, None without one."""
    randomness = Randomness(context.ids.randbytes(SALT_BYTES), context.ids.randbytes(SCALAR_BYTES))
    body = encrypted(message.text, BrowserKeys(subscription.p256dh, subscription.auth), randomness)
    headers = push_headers(subscription.endpoint, message, push_sender(context.settings), context.clock())
    try:
        return context.channels.http.post(subscription.endpoint, headers, body)
    except RequestFailed:
        return None
