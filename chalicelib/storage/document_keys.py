"""The keys of documents, and the access patterns that they serve.

| pattern                                             | key                                                       |
|-----------------------------------------------------|-----------------------------------------------------------|
| the head of a member's event log                    | `MEMBER#<id>` `NOTICES#LOG`                               |
| a member's notice settings                          | `MEMBER#<id>` `NOTICES#SETTINGS`                          |
| a push subscription, a webhook, a live connection   | `MEMBER#<id>` `NOTICES#PUSH#<id>`, `...HOOK#`, `...LIVE#` |
| all of these, the destinations of a member's events | `MEMBER#<id>` begins with `NOTICES#`                      |
| the rows of a member's event log, after a place     | `MEMBER#<id>` `EVENT#<sequence>`; between                 |
| the deliveries to a webhook, newest event first     | `MEMBER#<id>` `SENT#HOOK#<webhook>#<instant>#<event>`     |
| the number of deliveries that a member requested    | `MEMBER#<id>` `SENT#REQUESTED`                            |
"""

from datetime import UTC, datetime, timedelta
from functools import singledispatch

from chalicelib.domain.model.document import Document
from chalicelib.domain.model.event import Event, EventLog, EventRow
from chalicelib.domain.model.notices import LiveConnection, NoticeSettings, PushSubscription, Webhook
from chalicelib.domain.model.webhook_delivery import RequestedDeliveries, WebhookDelivery
from chalicelib.storage.keys import Key, member

NOTICES = "NOTICES#"
EVENT = "EVENT#"
SENT = "SENT#"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


@singledispatch
def key_of(document: Document) -> Key:
    """Return the key of a document."""
    raise TypeError(document)


@key_of.register
def _(document: EventLog) -> Key:
    return event_log(document.member_id)


@key_of.register
def _(document: EventRow) -> Key:
    return event_row(document.member_id, document.sequence)


@key_of.register
def _(document: NoticeSettings) -> Key:
    return Key(member(document.member_id), f"{NOTICES}SETTINGS")


@key_of.register
def _(document: PushSubscription) -> Key:
    return Key(member(document.member_id), f"{NOTICES}PUSH#{document.subscription_id}")


@key_of.register
def _(document: Webhook) -> Key:
    return webhook(document.member_id, document.webhook_id)


@key_of.register
def _(document: LiveConnection) -> Key:
    return Key(member(document.member_id), f"{NOTICES}LIVE#{document.connection_id}")


@key_of.register
def _(document: WebhookDelivery) -> Key:
    return webhook_delivery(document.member_id, document.webhook_id, document.event)


@key_of.register
def _(document: RequestedDeliveries) -> Key:
    return requested_deliveries(document.member_id)


def event_log(member_id: str) -> Key:
    """Return the key of the head of the member's event log."""
    return Key(member(member_id), f"{NOTICES}LOG")


def event_row(member_id: str, sequence: int) -> Key:
    """Return the key of a row of the member's event log. Rows sort by their places."""
    return Key(member(member_id), f"{EVENT}{sequence:012d}")


def webhook(member_id: str, webhook_id: str) -> Key:
    """Return the key of a webhook."""
    return Key(member(member_id), f"{NOTICES}HOOK#{webhook_id}")


def deliveries_to(webhook_id: str) -> str:
    """Return the beginning of the sort keys of the deliveries to a webhook."""
    return f"{SENT}HOOK#{webhook_id}#"


def webhook_delivery(member_id: str, webhook_id: str, event: Event) -> Key:
    """Return the key of the delivery of an event to a webhook. Deliveries sort by the instants of their events."""
    at = (event.at - _EPOCH) // _MILLISECOND
    return Key(member(member_id), f"{deliveries_to(webhook_id)}{at:015d}#{event.event_id}")


def requested_deliveries(member_id: str) -> Key:
    """Return the key of the number of deliveries that the member requested."""
    return Key(member(member_id), f"{SENT}REQUESTED")
