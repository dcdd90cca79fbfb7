"""The reads of a member's event log and of the destinations of its events."""

from itertools import islice

from chalicelib.domain.model.document import Document
from chalicelib.domain.model.event import EventLog, EventRow
from chalicelib.domain.model.notices import (
    LiveConnection,
    NoticeSettings,
    PushSubscription,
    Subscriptions,
    Webhook,
)
from chalicelib.storage import keys
from chalicelib.storage.connection import Table
from chalicelib.storage.document_keys import EVENT, NOTICES, event_row
from chalicelib.storage.documents import documents
from chalicelib.storage.items import Item


def subscriptions(table: Table, member_id: str) -> Subscriptions:
    """Return all destinations of the member's events and the head of the event log, by one query."""
    found = list(documents(table, keys.member(member_id), Item.sk.startswith(NOTICES), Document))
    log = next((one for one in found if isinstance(one, EventLog)), EventLog(member_id=member_id))
    settings = next((one for one in found if isinstance(one, NoticeSettings)), NoticeSettings(member_id=member_id))
    return Subscriptions(
        log,
        settings,
        push=[one for one in found if isinstance(one, PushSubscription)],
        webhooks=[one for one in found if isinstance(one, Webhook)],
        connections=[one for one in found if isinstance(one, LiveConnection)],
    )


def event_rows(table: Table, member_id: str, *, after: int, most: int) -> list[EventRow]:
    """Return the next rows of the member's event log after a place, at most `most`."""
    pk = keys.member(member_id)
    found = documents(table, pk, Item.sk.startswith(EVENT), EventRow, after=event_row(member_id, after), page=most)
    return list(islice(found, most))
