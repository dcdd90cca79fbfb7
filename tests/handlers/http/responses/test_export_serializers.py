"""Tests of the conversion of documents into the export."""

from typing import get_args

from msgspec import to_builtins

from chalicelib.domain.model.event import EventLog
from chalicelib.domain.model.webhook_delivery import RequestedDeliveries
from chalicelib.handlers.http.responses import export_serializers
from chalicelib.services.members.export import export_account
from chalicelib.storage.documents import Stored
from tests.harness import World
from tests.services.members.test_document_erasure import documents_of, store

START = {"startTime": "2026-03-03T14:00:00+00:00", "duration": 3_000_000}
INSTANT = "2026-03-02T08:00:00+00:00"


def test_r33_the_export_has_every_document_of_the_member(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    store(world, documents_of(ada)[:-29])
    shown = to_builtins(export_serializers.notices(export_account(world.context, ada).documents))
    (delivery,) = shown.pop("webhookDeliveries")
    assert (delivery["eventId"], delivery["status"]) == ("evt_1", 200)
    (webhook,) = shown.pop("webhooks")
    assert (webhook["webhookId"], webhook["url"]) == ("hook", "https://example.org/")
    assert shown == {
        "settings": {
            "address": "ada@example.org",
            "verified": False,
            "refused": False,
            "emailKinds": ["session.booked"],
            "pushKinds": [],
        },
        "pushSubscriptions": [{"pushSubscriptionId": "phone", "endpoint": "", "madeAt": INSTANT}],
        "calendarFeeds": [{"calendarFeedId": "feed", "createdAt": INSTANT}],
        "liveConnections": [INSTANT],
        "mails": [{"id": "evt_1", "claimedAt": INSTANT, "sentAt": None}],
        "events": [
            {
                "id": "evt_1",
                "type": "session.booked",
                "timestamp": INSTANT,
                **START,
                "sessionId": "20260303-0000000000000000-000000",
                "favoriteId": None,
            }
        ],
    }
    nothing = to_builtins(export_serializers.notices(export_account(world.context, ben).documents))
    assert {name for name, found in nothing.items() if found} == set()


def test_r33_the_export_has_the_repeats_of_the_member(world: World) -> None:
    ada = world.member("Ada")
    store(world, documents_of(ada))
    (shown,) = export_serializers.repeats(export_account(world.context, ada).documents)
    assert (shown.repeat_id, shown.title) == ("repeat", "a plan of the member")


def test_r33_only_counters_and_copies_are_left_out_of_the_export() -> None:
    """A new kind of document of a member is exported or named here."""
    shown = {"CalendarFeed", "EventRow", "LiveConnection", "NoticeSettings", "PushSubscription", "SentMail", "Webhook"}
    # The export has the repeats by themselves, which the schedule of a member follows from, and the reports.
    shown |= {"Repeat", "Report"}
    copies = {"FeedAddress", "LiveConnectionOwner", "StartRow", "DueRepeats", "EndedRepeat", "RepeatSchedule"}
    shared = {
        "AddressRecord",
        "AnnouncedStarts",
        "HourOfDemand",
        "WatchHorizon",
        "WatchRound",
        "ListedReport",
        "StaffLine",
    }
    # The relations of the export say which favorites are watched.
    copies |= {"Watch", "Watcher", "WatchedHour"}
    counters = {kind.__name__ for kind in (EventLog, RequestedDeliveries)}
    known = {*shown, "WebhookDelivery", *copies, *shared, *counters}
    assert {kind.__name__ for kind in get_args(Stored)} <= known
