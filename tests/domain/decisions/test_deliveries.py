"""The destinations of events."""

import pytest
from msgspec.structs import replace

from chalicelib.domain.decisions.deliveries import deliveries
from chalicelib.domain.model.event import Event, EventKind, EventLog
from chalicelib.domain.model.notices import (
    Channel,
    Delivery,
    LiveConnection,
    NoticeSettings,
    PushSubscription,
    Subscriptions,
    Webhook,
)
from tests.domain.samples import NOON, SLOT

MATCHED, CANCELLED = EventKind.MATCHED, EventKind.CANCELLED
EVENT = Event("evt_1", MATCHED, "ada", NOON, SLOT, "booking")
SETTINGS = NoticeSettings(member_id="ada", address="ada@example.org", verified=True, email_kinds=(MATCHED,))
PHONE, LAPTOP = (
    PushSubscription(
        member_id="ada", subscription_id=name, endpoint="https://push.example/", p256dh="", auth="", made_at=NOON
    )
    for name in ("phone", "laptop")
)
HOOK = Webhook(member_id="ada", webhook_id="hook", url="https://example.org/", kinds=(MATCHED,), made_at=NOON)
ALL = Subscriptions(
    EventLog(member_id="ada"),
    replace(SETTINGS, push_kinds=(MATCHED,)),
    push=[PHONE, LAPTOP],
    webhooks=[HOOK, replace(HOOK, webhook_id="another", kinds=(CANCELLED, MATCHED))],
    connections=[LiveConnection(member_id="ada", connection_id=name, opened_at=NOON) for name in ("one", "two")],
)


def test_r43_an_event_goes_once_to_each_destination_and_once_to_all_open_pages() -> None:
    assert deliveries([EVENT], ALL) == [
        Delivery(Channel.EMAIL, EVENT),
        Delivery(Channel.PUSH, EVENT, "phone"),
        Delivery(Channel.PUSH, EVENT, "laptop"),
        Delivery(Channel.WEBHOOK, EVENT, "hook"),
        Delivery(Channel.WEBHOOK, EVENT, "another"),
        Delivery(Channel.LIVE, EVENT),
    ]


def test_r43_each_channel_gets_the_kinds_that_the_member_chose_and_an_open_page_all() -> None:
    cancelled = replace(EVENT, kind=CANCELLED)
    assert deliveries([cancelled], ALL) == [
        Delivery(Channel.WEBHOOK, cancelled, "another"),
        Delivery(Channel.LIVE, cancelled),
    ]


@pytest.mark.parametrize("settings", [{"address": None}, {"verified": False}, {"refused": True}, {"email_kinds": ()}])
def test_r43_an_address_gets_mail_only_if_it_is_verified_and_not_refused(settings: dict[str, object]) -> None:
    found = Subscriptions(EventLog(member_id="ada"), replace(SETTINGS, **settings))
    assert deliveries([EVENT], found) == []
    assert deliveries([EVENT], replace(found, settings=SETTINGS)) == [Delivery(Channel.EMAIL, EVENT)]


def test_r43_a_disabled_webhook_gets_nothing() -> None:
    found = Subscriptions(EventLog(member_id="ada"), SETTINGS, webhooks=[replace(HOOK, disabled_at=NOON)])
    assert deliveries([EVENT], found) == [Delivery(Channel.EMAIL, EVENT)]


def test_r42_the_deliveries_of_several_events_keep_their_order() -> None:
    events = [EVENT, replace(EVENT, event_id="evt_2"), replace(EVENT, event_id="evt_3")]
    assert [one.event for one in deliveries(events, replace(ALL, webhooks=[], push=[], connections=[]))] == events
