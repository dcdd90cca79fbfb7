"""Notices, the events that reach a member through a channel (R43)."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from chalicelib.domain.model.document import Document
from chalicelib.domain.model.event import Event, EventKind, EventLog


class Channel(StrEnum):
    """The ways in which an event reaches a member."""

    EMAIL = "email"
    PUSH = "push"
    WEBHOOK = "webhook"
    LIVE = "live"


class NoticeSettings(Document, frozen=True, kw_only=True):
    """A member's e-mail address and the kinds of events for e-mail and push.

    An address is used once it is `verified`, and no longer once it is `refused`, after a bounce or a complaint.
    """

    member_id: str
    address: str | None = None
    verified: bool = False
    refused: bool = False
    email_kinds: tuple[EventKind, ...] = ()
    push_kinds: tuple[EventKind, ...] = ()

    @property
    def mail_address(self) -> str | None:
        """The address to which mails may go, or None."""
        return self.address if self.verified and not self.refused else None


class PushSubscription(Document, frozen=True, kw_only=True):
    """A browser's push subscription, with the keys for which its messages are encrypted."""

    member_id: str
    subscription_id: str
    endpoint: str
    p256dh: str
    auth: str
    made_at: datetime


class Webhook(Document, frozen=True, kw_only=True):
    """An address of the member to which events are posted. `disabled_at` is set after a day of failures."""

    member_id: str
    webhook_id: str
    url: str
    kinds: tuple[EventKind, ...]
    made_at: datetime
    failing_since: datetime | None = None
    disabled_at: datetime | None = None


class LiveConnection(Document, frozen=True, kw_only=True):
    """An open connection of a page of the member, which ends at `expires` at the latest."""

    member_id: str
    connection_id: str


class Subscriptions(Struct, frozen=True):
    """All destinations of one member's events, with the head of the event log, as one query returns them."""

    log: EventLog
    settings: NoticeSettings
    push: Sequence[PushSubscription] = ()
    webhooks: Sequence[Webhook] = ()
    connections: Sequence[LiveConnection] = ()


class Delivery(Struct, frozen=True, omit_defaults=True):
    """A message of a queue, which is one event for one destination of its member.

    `destination` is the id of the push subscription or webhook, and None for e-mail and live connections.
    `attempt` counts from 1. `first_at` is the instant of the first attempt, and `due` that of this one.
    """

    channel: Channel
    event: Event
    destination: str | None = None
    attempt: int = 1
    first_at: datetime | None = None
    due: datetime | None = None
