"""Tests of the public form of push subscriptions."""

import msgspec

from chalicelib.domain.model.notices import PushSubscription
from chalicelib.handlers.http.responses.push_schemas import shown_subscription
from tests.harness import MONDAY


def test_r43_a_push_subscription_shows_no_key_of_its_browser() -> None:
    stored = PushSubscription(
        member_id="a", subscription_id="one", endpoint="https://x", p256dh="point", auth="secret", made_at=MONDAY
    )
    assert msgspec.to_builtins(shown_subscription(stored)) == {
        "pushSubscriptionId": "one",
        "endpoint": "https://x",
        "createdAt": "2026-03-02T08:00:00+00:00",
        "expiresAt": None,
    }
