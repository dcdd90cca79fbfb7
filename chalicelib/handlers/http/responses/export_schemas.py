"""The public schemas of what the export adds to other responses about events and notices (R33)."""

from typing import Annotated

from msgspec import Meta

from chalicelib.domain.model.event import EventKind
from chalicelib.domain.model.report import ReportReason
from chalicelib.handlers.http.responses.feed_schemas import CalendarFeed
from chalicelib.handlers.http.responses.schemas import Schema
from chalicelib.handlers.http.responses.webhook_schemas import Webhook, WebhookDelivery
from chalicelib.handlers.http.schema_types import Duration, Instant


class ExportedSettings(Schema):
    """The caller's e-mail address and the kinds of events for e-mail and push."""

    address: str | None
    verified: bool
    refused: bool
    email_kinds: list[EventKind]
    push_kinds: list[EventKind]


class ExportedPushSubscription(Schema):
    """A browser to which events are pushed, without the keys of its messages."""

    push_subscription_id: str
    endpoint: str
    made_at: Instant


class ExportedEvent(Schema):
    """An event of the last 7 days, in its stored form."""

    id: str
    type: EventKind
    timestamp: Instant
    start_time: Instant
    duration: Duration
    session_id: str | None
    favorite_id: str | None


class ExportedMail(Schema):
    """A mail of the last 7 days. `id` is that of its event or notice."""

    id: str
    claimed_at: Instant
    sent_at: Instant | None


class ExportedNotices(Schema):
    """All data about events and notices that is stored about the caller."""

    settings: ExportedSettings | None
    push_subscriptions: list[ExportedPushSubscription]
    webhooks: list[Webhook]
    webhook_deliveries: list[WebhookDelivery]
    calendar_feeds: list[CalendarFeed]
    live_connections: Annotated[list[Instant], Meta(description="The instants at which open pages connected.")]
    mails: list[ExportedMail]
    events: list[ExportedEvent]


class ExportedReport(Schema):
    """A report that the caller made about another member, `reported_user_id` (R47)."""

    report_id: str
    reported_at: Instant
    reason: ReportReason
    text: str
    session_id: str
    reported_user_id: str
