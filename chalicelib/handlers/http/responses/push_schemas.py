"""The public schemas of push subscriptions."""

from typing import Annotated

from msgspec import Meta

from chalicelib.domain.model import notices
from chalicelib.handlers.http.responses import serializers
from chalicelib.handlers.http.responses.schemas import Schema
from chalicelib.handlers.http.schema_types import Instant


class PushSubscription(Schema):
    """A browser of the caller that gets push messages."""

    push_subscription_id: str
    endpoint: Annotated[str, Meta(description="By which an app recognizes its own browser.")]
    created_at: Instant
    expires_at: Instant | None


class OnePushSubscription(Schema):
    """The response to the creation of a push subscription."""

    push_subscription: PushSubscription


class PushSubscriptionList(Schema):
    """The caller's push subscriptions, the oldest first."""

    push_subscriptions: list[PushSubscription]


def shown_subscription(subscription: notices.PushSubscription) -> PushSubscription:
    """Return a push subscription without the keys of its browser."""
    return PushSubscription(
        subscription.subscription_id,
        subscription.endpoint,
        serializers.instant_text(subscription.made_at),
        serializers.instant_text(subscription.expires) if subscription.expires else None,
    )
