"""Notices, the events that reach a member through a channel (R43)."""

from collections.abc import Sequence
from datetime import date, datetime
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


# The kinds of a member who chose none. A calendar reminds of the start, so no mail does.
DEFAULT_EMAIL_KINDS = tuple(kind for kind in EventKind if kind is not EventKind.STARTING)
# A push message interrupts, so it reports what others did, what is about to start and what was missed.
DEFAULT_PUSH_KINDS = (
    EventKind.MATCHED,
    EventKind.LOCKED_IN,
    EventKind.DISPLACED,
    EventKind.PARTNER_CANCELLED,
    EventKind.STARTING,
    EventKind.UNMATCHED,
    EventKind.MISSED,
    EventKind.FAVORITE_AVAILABLE,
)


class NoticeSettings(Document, frozen=True, kw_only=True):
    """A member's e-mail address and the kinds of events for e-mail and push.

    An address is used once it is `verified`, and no longer once it is `refused`, after a bounce or a complaint.
    `verifications` counts the verification mails that the member requested on the UTC date `counted_on`.
    """

    member_id: str
    address: str | None = None
    verified: bool = False
    refused: bool = False
    email_kinds: tuple[EventKind, ...] = DEFAULT_EMAIL_KINDS
    push_kinds: tuple[EventKind, ...] = DEFAULT_PUSH_KINDS
    counted_on: date | None = None
    verifications: int = 0

    @property
    def mail_address(self) -> str | None:
        """The address to which mails may go, or None."""
        return self.address if self.verified and not self.refused else None

    def verifications_of(self, on: date) -> int:
        """Return the number of verification mails that the member requested on a UTC date."""
        return self.verifications if self.counted_on == on else 0


class PushSubscription(Document, frozen=True, kw_only=True):
    """A browser's push subscription, with the keys for which its messages are encrypted."""

    member_id: str
    subscription_id: str
    endpoint: str
    p256dh: str
    auth: str
    made_at: datetime


class Webhook(Document, frozen=True, kw_only=True):
    """An address of the member to which events are posted. `disabled_at` is set after a day of failures.

    After a failure or a slow success there is one attempt at a time, and none before `paused_until`, until a quick
    success. `slow_since` is the instant of the first slow success.
    """

    member_id: str
    webhook_id: str
    url: str
    kinds: tuple[EventKind, ...]
    made_at: datetime
    failing_since: datetime | None = None
    slow_since: datetime | None = None
    paused_until: datetime | None = None
    disabled_at: datetime | None = None

    @property
    def one_at_a_time_since(self) -> datetime | None:
        """The instant since which the webhook gets one attempt at a time, or None."""
        since = (instant for instant in (self.failing_since, self.slow_since) if instant is not None)
        return min(since, default=None)

    def is_paused(self, now: datetime) -> bool:
        """Return whether the webhook gets one attempt at a time and none yet."""
        return self.one_at_a_time_since is not None and self.paused_until is not None and now < self.paused_until


class LiveConnection(Document, frozen=True, kw_only=True):
    """An open connection of a page of the member.

    It gets no event from `expires` on. Both instants are real time, as those of the token that opened it. Without
    `may_write` the token may only read, so the page takes part in no room (R35).
    """

    member_id: str
    connection_id: str
    opened_at: datetime
    may_write: bool = True


class LiveConnectionOwner(Document, frozen=True, kw_only=True):
    """The member of a live connection, stored under the id of the connection."""

    member_id: str
    connection_id: str
    opened_at: datetime
    may_write: bool = True

    @property
    def connection(self) -> LiveConnection:
        """The connection among the destinations of its member's events."""
        return LiveConnection(
            member_id=self.member_id,
            connection_id=self.connection_id,
            opened_at=self.opened_at,
            expires=self.expires,
            may_write=self.may_write,
        )


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
    `attempt` counts from 1. `first_at` is the instant of the first attempt, and `due` that of this one. `test` marks
    the test of a webhook, and `requested` a delivery that the member asked for, which also reaches a disabled webhook.
    """

    channel: Channel
    event: Event
    destination: str | None = None
    attempt: int = 1
    first_at: datetime | None = None
    due: datetime | None = None
    test: bool = False
    requested: bool = False
