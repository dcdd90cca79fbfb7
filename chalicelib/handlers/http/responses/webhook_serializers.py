"""The conversion of webhooks and of the deliveries to them into their public schemas (R43)."""

from msgspec.structs import asdict

from chalicelib.domain.model.notices import Webhook
from chalicelib.domain.model.webhook_delivery import WebhookDelivery
from chalicelib.handlers.http.responses import webhook_schemas
from chalicelib.handlers.http.responses.serializers import instant_text

# The type of the event that the test of a webhook sends. No other channel has it.
TEST_TYPE = "webhook.test"


def webhook(stored: Webhook) -> webhook_schemas.Webhook:
    """Return a webhook without its secret."""
    return webhook_schemas.Webhook(
        webhook_id=stored.webhook_id,
        url=stored.url,
        kinds=list(stored.kinds),
        enabled=stored.disabled_at is None,
        disabled_at=instant_text(stored.disabled_at) if stored.disabled_at else None,
        failing_since=instant_text(stored.failing_since) if stored.failing_since else None,
    )


def new_webhook(stored: Webhook, secret: str) -> webhook_schemas.NewWebhook:
    """Return a new webhook with its secret."""
    return webhook_schemas.NewWebhook(**asdict(webhook(stored)), secret=secret)


def delivery(stored: WebhookDelivery) -> webhook_schemas.WebhookDelivery:
    """Return a delivery with its latest attempt."""
    return webhook_schemas.WebhookDelivery(
        event_id=stored.event.event_id,
        type=TEST_TYPE if stored.test else stored.event.kind,
        at=instant_text(stored.at),
        attempt=stored.attempt,
        delivered=stored.outcome.succeeded,
        status=stored.outcome.status,
        reason=stored.outcome.reason,
        next_attempt=instant_text(stored.next_at) if stored.next_at else None,
    )
