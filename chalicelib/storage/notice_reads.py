"""The reads of a member's event log and of the destinations of its events."""

from collections.abc import Iterator, Sequence

from chalicelib.domain.model.document import Document
from chalicelib.domain.model.event import ROWS_KEPT, EventLog, EventRow
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.notices import (
    LiveConnection,
    LiveConnectionOwner,
    NoticeSettings,
    PushSubscription,
    Subscriptions,
    Webhook,
)
from chalicelib.storage import document_keys, keys, queries
from chalicelib.storage.connection import Table
from chalicelib.storage.document_keys import NOTICES, event_row, live_connection, live_connection_owner
from chalicelib.storage.documents import document, document_from, documents
from chalicelib.storage.items import DocumentItem, Item, ProfileItem
from chalicelib.storage.mappers import profile_from


def subscriptions(table: Table, member_id: str) -> Subscriptions:
    """Return all destinations of the member's events and the head of the event log, by one query."""
    found = documents(table, keys.member(member_id), Item.sk.startswith(NOTICES), Document)
    return _subscriptions_of(member_id, list(found))


def account_and_subscriptions(table: Table, member_id: str) -> tuple[Profile | None, Subscriptions]:
    """Return the member's profile, None without one or after its deletion, and the same as `subscriptions`.

    One query finds both, since the sort key of the profile follows those of the notices.
    """
    found = list(queries.query(table, keys.member(member_id), Item.sk.between(NOTICES, keys.PROFILE)))
    profile = next((profile_from(item) for item in found if isinstance(item, ProfileItem)), None)
    stored = [document_from(item) for item in found if isinstance(item, DocumentItem)]
    return profile, _subscriptions_of(member_id, stored)


def _subscriptions_of(member_id: str, found: Sequence[Document]) -> Subscriptions:
    log = next((one for one in found if isinstance(one, EventLog)), EventLog(member_id=member_id))
    settings = next((one for one in found if isinstance(one, NoticeSettings)), NoticeSettings(member_id=member_id))
    return Subscriptions(
        log,
        settings,
        push=[one for one in found if isinstance(one, PushSubscription)],
        webhooks=[one for one in found if isinstance(one, Webhook)],
        connections=[one for one in found if isinstance(one, LiveConnection)],
    )


def event_log(table: Table, member_id: str) -> EventLog:
    """Return the head of the member's event log, a new one before the first event."""
    return document(table, document_keys.event_log(member_id), EventLog) or EventLog(member_id=member_id)


def event_rows(table: Table, log: EventLog, *, first: int, page: int) -> Iterator[EventRow]:
    """Yield the rows of a log from the sequence `first` to that of its head, oldest first, read page by page."""
    first = max(first, log.sequence - ROWS_KEPT + 1)
    if first > log.sequence:
        return
    begin, end = (event_row(log.member_id, sequence) for sequence in (first, log.sequence))
    # The rows are a ring. After its last place they continue at its first one.
    last_place = event_row(log.member_id, ROWS_KEPT - 1)
    spans = [(begin, end)] if begin <= end else [(begin, last_place), (event_row(log.member_id, 0), end)]
    for span in spans:
        yield from documents(table, begin.pk, Item.sk.between(*(key.sk for key in span)), EventRow, page=page)


def live_connections_of(table: Table, member_id: str) -> list[LiveConnection]:
    """Return the live connections of the member, those that have expired too."""
    prefix = live_connection(member_id, "").sk
    return list(documents(table, keys.member(member_id), Item.sk.startswith(prefix), LiveConnection))


def live_connection_owner_of(table: Table, connection_id: str) -> LiveConnectionOwner | None:
    """Return the member of a live connection, or None for one without a verified token."""
    return document(table, live_connection_owner(connection_id), LiveConnectionOwner)
