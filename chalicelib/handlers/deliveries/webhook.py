"""The handler of the webhooks' queue (R43)."""

from urllib.parse import urlsplit

import msgspec

from chalicelib.channels.mail_service import MailNotSent
from chalicelib.domain.model.notices import Delivery
from chalicelib.handlers.deliveries.queue_messages import Undelivered
from chalicelib.handlers.http.responses import event_serializers, serializers
from chalicelib.handlers.http.responses.webhook_serializers import TEST_TYPE
from chalicelib.services.context import Context
from chalicelib.services.notices.event_details import details_of
from chalicelib.services.notices.webhook_deliveries import (
    DueDelivery,
    SwitchedOff,
    attempt_delivery,
    due_delivery,
    switched_off,
)


def deliver(context: Context, delivery: Delivery) -> None:
    """Make the attempt of a delivery that is due. A later attempt is a message of its own.

    If the attempt switches the webhook off, its owner gets a mail. Raise Undelivered if the mail cannot be sent now.
    The repeated message then makes no attempt and sends only the mail.
    """
    due = due_delivery(context, delivery)
    body = _body(context, due) if due else None
    if due and body and attempt_delivery(context, due, body).succeeded:
        return
    off = switched_off(context, delivery)
    if off is not None:
        _mail(context, off)


def _body(context: Context, due: DueDelivery) -> bytes | None:
    """Return the event as the member sees it now, the same as in `/v1/events`, or None if it shows no longer."""
    event = due.delivery.event
    if due.delivery.test:
        content = {
            "id": event.event_id,
            "type": TEST_TYPE,
            "timestamp": serializers.instant_text(event.at),
            "data": {"webhookId": due.webhook.webhook_id},
        }
        return msgspec.json.encode(content)
    shown = details_of(context, due.member, [event])
    return msgspec.json.encode(event_serializers.event(shown[0])) if shown else None


def _mail(context: Context, off: SwitchedOff) -> None:
    """Mail the owner that the webhook is off. The mail names the host alone, because an address may hold a secret."""
    # Few runs send a mail, and the import takes longer than a delivery.
    from chalicelib.handlers.mails.account_mails import send_notice

    webhook, product = off.webhook, context.settings.messaging.product_name
    reason = "its receiver answered that it is gone (status 410)" if off.gone else "every attempt failed for a day"
    lines = [
        f"{product} sends no more events to your webhook at {urlsplit(webhook.url).hostname}, because {reason}.",
        "Repair the receiver, then switch the webhook on again. The API still lists the events of the last 7 days.",
    ]
    notice_id = f"{webhook.webhook_id} off {serializers.instant_text(off.at)}"
    try:
        send_notice(context, webhook.member_id, notice_id, subject=f"Your {product} webhook is off", lines=lines)
    except MailNotSent as error:
        raise Undelivered from error
