"""The handler of the webhooks' queue (R43)."""

import msgspec

from chalicelib.domain.model.notices import Delivery
from chalicelib.handlers.http.responses import event_serializers, serializers
from chalicelib.handlers.http.responses.webhook_serializers import TEST_TYPE
from chalicelib.services.context import Context
from chalicelib.services.notices.event_details import details_of
from chalicelib.services.notices.webhook_deliveries import DueDelivery, attempt_delivery, due_delivery


def deliver(context: Context, delivery: Delivery) -> None:
    """Make the attempt of a delivery that is due. A later attempt is a message of its own."""
    due = due_delivery(context, delivery)
    if due is None:
        return
    attempt_delivery(context, due, _body(context, due))


def _body(context: Context, due: DueDelivery) -> bytes:
    """Return the event as the member sees it now, the same as in `/v1/events`."""
    event = due.delivery.event
    if due.delivery.test:
        content = {
            "id": event.event_id,
            "type": TEST_TYPE,
            "timestamp": serializers.instant_text(event.at),
            "data": {"webhookId": due.webhook.webhook_id},
        }
        return msgspec.json.encode(content)
    (details,) = details_of(context, due.member, [event])
    return msgspec.json.encode(event_serializers.event(details, context.settings.room_url))
