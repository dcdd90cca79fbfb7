"""The conversion of a member's documents into the export (R33)."""

from collections.abc import Iterable
from typing import TypeVar

from chalicelib.domain.model.calendar_feed import CalendarFeed
from chalicelib.domain.model.document import Document
from chalicelib.domain.model.event import Event, EventRow
from chalicelib.domain.model.mail_records import SentMail
from chalicelib.domain.model.notices import LiveConnection, NoticeSettings, PushSubscription, Webhook
from chalicelib.domain.model.repeat import Repeat
from chalicelib.domain.model.report import Report
from chalicelib.domain.model.webhook_delivery import WebhookDelivery
from chalicelib.handlers.http.responses import (
    export_schemas,
    feed_schemas,
    repeat_schemas,
    serializers,
    webhook_serializers,
)

D = TypeVar("D", bound=Document)


def notices(documents: Iterable[Document]) -> export_schemas.ExportedNotices:
    """Return the documents of a member without secrets and counters."""
    found = list(documents)
    settings = next(map(_settings, _of_kind(found, NoticeSettings)), None)
    return export_schemas.ExportedNotices(
        settings=settings,
        push_subscriptions=[_push_subscription(one) for one in _of_kind(found, PushSubscription)],
        webhooks=[webhook_serializers.webhook(one) for one in _of_kind(found, Webhook)],
        webhook_deliveries=[webhook_serializers.delivery(one) for one in _of_kind(found, WebhookDelivery)],
        calendar_feeds=[feed_schemas.shown_feed(one) for one in _of_kind(found, CalendarFeed)],
        live_connections=[serializers.instant_text(one.opened_at) for one in _of_kind(found, LiveConnection)],
        mails=[_mail(one) for one in _of_kind(found, SentMail)],
        events=[_event(event) for row in _in_order(found) for event in row.events],
    )


def repeats(documents: Iterable[Document]) -> list[repeat_schemas.Repeat]:
    """Return the repeats among the documents of a member."""
    return [repeat_schemas.shown_repeat(one) for one in _of_kind(documents, Repeat)]


def reports(documents: Iterable[Document]) -> list[export_schemas.ExportedReport]:
    """Return the reports among the documents of a member."""
    return [
        export_schemas.ExportedReport(
            one.report_id,
            serializers.instant_text(one.reported_at),
            one.reason,
            one.text,
            one.booking_id,
            one.reported_id,
        )
        for one in _of_kind(documents, Report)
    ]


def _of_kind(documents: Iterable[Document], kind: type[D]) -> list[D]:
    return [document for document in documents if isinstance(document, kind)]


def _in_order(documents: Iterable[Document]) -> list[EventRow]:
    return sorted(_of_kind(documents, EventRow), key=lambda row: row.sequence)


def _settings(stored: NoticeSettings) -> export_schemas.ExportedSettings:
    return export_schemas.ExportedSettings(
        address=stored.address,
        verified=stored.verified,
        refused=stored.refused,
        email_kinds=list(stored.email_kinds),
        push_kinds=list(stored.push_kinds),
    )


def _push_subscription(stored: PushSubscription) -> export_schemas.ExportedPushSubscription:
    made_at = serializers.instant_text(stored.made_at)
    return export_schemas.ExportedPushSubscription(stored.subscription_id, stored.endpoint, made_at)


def _mail(stored: SentMail) -> export_schemas.ExportedMail:
    sent_at = serializers.instant_text(stored.sent_at) if stored.sent_at else None
    return export_schemas.ExportedMail(stored.mail_id, serializers.instant_text(stored.claimed_at), sent_at)


def _event(stored: Event) -> export_schemas.ExportedEvent:
    slot = serializers.slot(stored.slot)
    return export_schemas.ExportedEvent(
        id=stored.event_id,
        type=stored.kind,
        timestamp=serializers.instant_text(stored.at),
        start_time=slot.start_time,
        duration=slot.duration,
        session_id=stored.booking_id,
        favorite_id=stored.other_id,
    )
