"""The public form of webhooks and deliveries (R43)."""

from datetime import timedelta

import msgspec

from chalicelib.domain.model.event import Event, EventKind
from chalicelib.domain.model.notices import Webhook
from chalicelib.domain.model.webhook_delivery import Outcome, WebhookDelivery
from chalicelib.handlers.http.responses import webhook_serializers
from tests.harness import MONDAY, at

HOUR = timedelta(hours=1)


def test_r43_a_failing_webhook_shows_its_instants() -> None:
    stored = Webhook(
        member_id="ada",
        webhook_id="hook",
        url="https://hooks.example/",
        kinds=(EventKind.BOOKED,),
        made_at=MONDAY,
        failing_since=MONDAY + HOUR,
        disabled_at=MONDAY + 2 * HOUR,
    )
    shown = {
        "webhookId": "hook",
        "url": "https://hooks.example/",
        "kinds": ["session.booked"],
        "enabled": False,
        "disabledAt": "2026-03-02T10:00:00+00:00",
        "failingSince": "2026-03-02T09:00:00+00:00",
    }
    assert msgspec.to_builtins(webhook_serializers.webhook(stored)) == shown
    new = webhook_serializers.new_webhook(stored, "whsec_a")
    assert msgspec.to_builtins(new) == {**shown, "secret": "whsec_a"}


def test_r43_a_delivery_shows_its_latest_attempt() -> None:
    stored = WebhookDelivery(
        member_id="ada",
        webhook_id="hook",
        event=Event("evt_1", EventKind.CANCELLED, "ada", MONDAY, at(9), "booking"),
        attempt=3,
        at=MONDAY + HOUR,
        outcome=Outcome(reason="timed_out"),
        next_at=MONDAY + 2 * HOUR,
    )
    assert msgspec.to_builtins(webhook_serializers.delivery(stored)) == {
        "eventId": "evt_1",
        "type": "session.cancelled",
        "at": "2026-03-02T09:00:00+00:00",
        "attempt": 3,
        "delivered": False,
        "status": None,
        "reason": "timed_out",
        "nextAttempt": "2026-03-02T10:00:00+00:00",
    }
