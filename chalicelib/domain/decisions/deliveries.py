"""The destinations of a member's events (R43)."""

from collections.abc import Iterable, Iterator

from chalicelib.domain.model.event import Event
from chalicelib.domain.model.notices import Channel, Delivery, Subscriptions


def deliveries(events: Iterable[Event], subscriptions: Subscriptions) -> list[Delivery]:
    """Return a delivery of each event to each destination that the member chose for its kind."""
    return [delivery for event in events for delivery in _deliveries_of(event, subscriptions)]


def _deliveries_of(event: Event, subscriptions: Subscriptions) -> Iterator[Delivery]:
    settings = subscriptions.settings
    if settings.mail_address and event.kind in settings.email_kinds:
        yield Delivery(Channel.EMAIL, event)
    if event.kind in settings.push_kinds:
        for subscription in subscriptions.push:
            yield Delivery(Channel.PUSH, event, subscription.subscription_id)
    for webhook in subscriptions.webhooks:
        if event.kind in webhook.kinds and webhook.disabled_at is None:
            yield Delivery(Channel.WEBHOOK, event, webhook.webhook_id)
    if subscriptions.connections:
        yield Delivery(Channel.LIVE, event)
