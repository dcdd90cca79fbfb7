"""A run of the webhooks' queue in simulated time, with a real receiver."""

from datetime import datetime, timedelta
from typing import Any

from chalicelib.channels.bus import Bus
from chalicelib.channels.channels import Channels
from chalicelib.channels.queues import Queues, delivery_from
from chalicelib.domain.decisions.day_events import day_events
from chalicelib.domain.model.event import Event, EventKind
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.notices import Channel, Delivery, Webhook
from chalicelib.domain.model.slot import Slot
from chalicelib.domain.model.webhook_delivery import WebhookDelivery
from chalicelib.handlers.deliveries.webhook import deliver
from chalicelib.services.notices.webhook_requests import list_deliveries
from chalicelib.services.notices.webhooks import get_webhook, make_webhook
from tests.channels.receiver import URL, Receiver
from tests.harness import World, at

LONGEST_DELAY = timedelta(minutes=15)


class WebhookRun:
    """The queue of a deployment, whose messages `run` delivers at their instants.

    `attempts` are the instants of the requests to the receiver.
    """

    def __init__(self, world: World, receiver: Receiver) -> None:
        """Connect the world's context to the queue and the receiver."""
        self.world = world
        self.receiver = receiver
        self.messages: list[tuple[datetime, str]] = []
        self.attempts: list[datetime] = []
        world.context.channels = Channels(
            queues=Queues({Channel.WEBHOOK: "webhook"}, lambda: self),
            bus=Bus("", lambda: None),
            http=receiver.client(),
        )

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        """Take messages as SQS does, with delays of whole seconds up to 15 minutes."""
        assert QueueUrl == "webhook"
        for entry in Entries:
            delay = timedelta(seconds=entry["DelaySeconds"])
            assert timedelta(0) <= delay <= LONGEST_DELAY
            self.messages.append((self.world.now + delay, entry["MessageBody"]))
        return {}

    def webhook(self, owner: Profile, *kinds: EventKind, url: str = URL) -> Webhook:
        """Make a webhook, for every kind without a choice."""
        return make_webhook(self.world.context, owner.member_id, url, kinds or tuple(EventKind))

    def stored(self, webhook: Webhook) -> Webhook:
        """Return the webhook as stored."""
        return get_webhook(self.world.context, webhook.member_id, webhook.webhook_id)

    def listed(self, webhook: Webhook) -> list[WebhookDelivery]:
        """Return the deliveries as their owner sees them."""
        return list_deliveries(self.world.context, webhook.member_id, webhook.webhook_id)

    def booked(self, owner: Profile, slot: Slot | None = None) -> Event:
        """Book a session and return its event."""
        slot = slot or at(30)
        self.world.book(owner, slot)
        (event,) = day_events(None, self.world.day(owner, slot), self.world.now)
        return event

    def send(self, webhook: Webhook, event: Event, *, times: int = 1) -> None:
        """Send an event to the queue, several times as a repeated stream record does."""
        delivery = Delivery(Channel.WEBHOOK, event, webhook.webhook_id)
        self.world.context.channels.queues.send([delivery] * times)

    def run(self, *, until: datetime | None = None) -> None:
        """Deliver all messages, or those before an instant, in the order of their instants."""
        while self.messages:
            self.messages.sort(key=lambda message: message[0])
            if until and self.messages[0][0] >= until:
                break
            instant, body = self.messages.pop(0)
            self.world.now = max(self.world.now, instant)
            before = len(self.receiver.received)
            deliver(self.world.context, delivery_from(body))
            self.attempts += [self.world.now] * (len(self.receiver.received) - before)
        if until:
            self.world.now = max(self.world.now, until)
