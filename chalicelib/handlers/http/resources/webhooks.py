"""The views of `/v1/webhooks`, the addresses to which a member's events are posted (R43)."""

from datetime import datetime
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import replace

from chalicelib.domain.model import input_texts
from chalicelib.domain.model.errors import InvalidRequest, NotFound
from chalicelib.domain.model.event import EventKind
from chalicelib.domain.model.notices import Webhook
from chalicelib.domain.model.public_url import LONGEST_URL
from chalicelib.domain.model.webhook_delivery import WebhookDelivery
from chalicelib.handlers.http import schema_types
from chalicelib.handlers.http.call import Call, EarlyCall
from chalicelib.handlers.http.inputs.field_parsers import event_kinds
from chalicelib.handlers.http.inputs.input_fields import across
from chalicelib.handlers.http.inputs.requests import Body
from chalicelib.handlers.http.operations import Created, Done, Ok, begins, refuses
from chalicelib.handlers.http.responses import webhook_schemas, webhook_serializers
from chalicelib.services.begun_reads import Begun
from chalicelib.services.notices import webhook_requests, webhooks
from chalicelib.services.notices.webhook_deliveries import signing_secret

WEBHOOKS = "/v1/webhooks"

Address = Annotated[
    str,
    Meta(
        description="An https address in ASCII of a public host, with port 443 or one from 1024 on.",
        # Described and not judged: the rule of the body gives the reason.
        extra_json_schema={"maxLength": LONGEST_URL},
    ),
]


class WebhookBody(Body):
    """A new webhook. Without `kinds` it gets every kind of event."""

    url: Address
    kinds: schema_types.EventKinds | UnsetType = UNSET

    @across("url")
    def check_url(self, call: Call) -> None:
        """Raise InvalidRequest for an address to which nothing is posted."""
        _check_url(call, self.url)

    def chosen_kinds(self) -> tuple[EventKind, ...]:
        """Return the kinds, all of them without a choice."""
        return tuple(EventKind) if isinstance(self.kinds, UnsetType) else event_kinds(self.kinds, "kinds")


class WebhookEdit(Body):
    """A change of a webhook. Absent fields stay unchanged."""

    url: Address | UnsetType = UNSET
    kinds: schema_types.EventKinds | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET

    @across("url")
    def check_url(self, call: Call) -> None:
        """Raise InvalidRequest for an address to which nothing is posted."""
        if not isinstance(self.url, UnsetType):
            _check_url(call, self.url)

    def changed(self, webhook: Webhook, now: datetime) -> Webhook:
        """Return the webhook with the changes. Another address and `enabled` forget earlier failures."""
        changed = webhook
        if not isinstance(self.url, UnsetType) and self.url != webhook.url:
            changed = replace(changed, url=self.url, failing_since=None, paused_until=None)
        if not isinstance(self.kinds, UnsetType):
            changed = replace(changed, kinds=event_kinds(self.kinds, "kinds"))
        if self.enabled is True and webhook.disabled_at:
            changed = replace(changed, disabled_at=None, failing_since=None, paused_until=None)
        if self.enabled is False and webhook.disabled_at is None:
            changed = replace(changed, disabled_at=now)
        return changed


def _check_url(call: Call, url: str) -> None:
    if not call.context.channels.http.accepts(url):
        raise InvalidRequest(input_texts.WEBHOOK_URL, field="url")


def post_webhook(call: Call, body: WebhookBody) -> Created[webhook_schemas.OneNewWebhook]:
    """Create a webhook. Only this response contains the secret of its signatures (Standard Webhooks)."""
    made = webhooks.make_webhook(call.context, call.caller.member_id, body.url, body.chosen_kinds())
    secret = signing_secret(call.context, made.webhook_id)
    shown = webhook_serializers.new_webhook(made, secret)
    return Created(webhook_schemas.OneNewWebhook(shown), f"{WEBHOOKS}/{made.webhook_id}")


def get_webhooks(call: Call) -> Ok[webhook_schemas.WebhookList]:
    """List the caller's webhooks, oldest first."""
    found = webhooks.list_webhooks(call.context, call.caller.member_id)
    return Ok(webhook_schemas.WebhookList([webhook_serializers.webhook(webhook) for webhook in found]))


@refuses(NotFound)
def get_webhook(call: Call, webhookId: str) -> Ok[webhook_schemas.OneWebhook]:  # noqa: N803 - the name in the path
    """Get one of the caller's webhooks."""
    found = webhooks.get_webhook(call.context, call.caller.member_id, webhookId)
    return Ok(webhook_schemas.OneWebhook(webhook_serializers.webhook(found)))


@refuses(NotFound)
def patch_webhook(call: Call, webhookId: str, body: WebhookEdit) -> Ok[webhook_schemas.OneWebhook]:  # noqa: N803
    """Change the address or the kinds of a webhook, or switch it off or on. Absent fields stay unchanged."""
    changed = webhooks.change_webhook(call.context, call.caller.member_id, webhookId, body.changed)
    return Ok(webhook_schemas.OneWebhook(webhook_serializers.webhook(changed)))


@refuses(NotFound)
def delete_webhook(call: Call, webhookId: str) -> Done:  # noqa: N803
    """Delete a webhook. What is queued for it is not sent. A repeated request has no further effect."""
    webhooks.remove_webhook(call.context, call.caller.member_id, webhookId)
    return Done()


@refuses(NotFound)
def post_webhook_test(call: Call, webhookId: str) -> Ok[webhook_schemas.OneWebhookDelivery]:  # noqa: N803
    """Send an event of the type `webhook.test` to a webhook, also to one that is not enabled.

    It is sent once. Its outcome is among the deliveries.
    """
    requested = webhook_requests.request_test(call.context, call.caller.member_id, webhookId)
    return Ok(webhook_schemas.OneWebhookDelivery(webhook_serializers.delivery(requested)))


def _read_deliveries(call: EarlyCall, webhookId: str) -> list[WebhookDelivery]:  # noqa: N803
    return webhook_requests.list_deliveries(call.context, call.member_id, webhookId)


@begins(_read_deliveries)
@refuses(NotFound)
def get_webhook_deliveries(
    _call: Call,
    webhookId: str,  # noqa: ARG001, N803 - an input of the read
    begun: Begun[list[WebhookDelivery]],
) -> Ok[webhook_schemas.WebhookDeliveryList]:
    """List the deliveries of the latest 50 events to a webhook, newest first. Each is kept for 7 days."""
    shown = [webhook_serializers.delivery(delivery) for delivery in begun()]
    return Ok(webhook_schemas.WebhookDeliveryList(shown))


@refuses(NotFound)
def post_webhook_delivery(
    call: Call,
    webhookId: str,  # noqa: N803
    eventId: str,  # noqa: N803
) -> Ok[webhook_schemas.OneWebhookDelivery]:
    """Send a listed event again, with the current session. It has the same id."""
    requested = webhook_requests.request_repetition(call.context, call.caller.member_id, webhookId, eventId)
    return Ok(webhook_schemas.OneWebhookDelivery(webhook_serializers.delivery(requested)))
