"""The public schemas of webhooks and of the deliveries to them (R43)."""

from typing import Annotated

from msgspec import Meta

from chalicelib.domain.model.event import EventKind
from chalicelib.handlers.http.responses.schemas import Schema
from chalicelib.handlers.http.schema_types import Instant


class Webhook(Schema):
    """An address of the caller to which events are posted, until a day of failures or status 410 disables it."""

    webhook_id: str
    url: str
    kinds: list[EventKind]
    enabled: bool
    disabled_at: Instant | None
    failing_since: Annotated[str, Meta(description="The instant of the first failure since the last success.")] | None


class NewWebhook(Webhook):
    """A new webhook with the secret of its signatures, which no later response contains."""

    secret: Annotated[str, Meta(description="A secret of Standard Webhooks.", pattern="^whsec_")]


class OneWebhook(Schema):
    """A response with one webhook."""

    webhook: Webhook


class OneNewWebhook(Schema):
    """The response to the creation of a webhook."""

    webhook: NewWebhook


class WebhookList(Schema):
    """The caller's webhooks, oldest first."""

    webhooks: list[Webhook]


class WebhookDelivery(Schema):
    """An event for a webhook, with its latest attempt. Before the first attempt `attempt` is 0."""

    event_id: str
    type: Annotated[str, Meta(description="The kind of the event, or `webhook.test`.")]
    at: Annotated[Instant, Meta(description="The instant of the latest attempt.")]
    attempt: int
    delivered: Annotated[bool, Meta(description="True after a response with a status from 200 to 299.")]
    status: Annotated[int, Meta(description="The HTTP status of the response.")] | None
    reason: Annotated[str, Meta(description="The reason for having no response, such as `timed_out`.")] | None
    next_attempt: Instant | None


class OneWebhookDelivery(Schema):
    """The response to the request of a delivery."""

    delivery: WebhookDelivery


class WebhookDeliveryList(Schema):
    """The deliveries of the latest 50 events, newest first."""

    deliveries: list[WebhookDelivery]
