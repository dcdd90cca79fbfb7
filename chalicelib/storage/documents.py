"""Documents as items of the table, and back, and their reads."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

import msgspec
from pynamodb.expressions.condition import Condition

from chalicelib.domain.model.calendar_feed import CalendarFeed, FeedAddress
from chalicelib.domain.model.demand import HourOfDemand
from chalicelib.domain.model.document import Document
from chalicelib.domain.model.event import EventLog, EventRow
from chalicelib.domain.model.mail_records import AddressRecord, SentMail
from chalicelib.domain.model.notices import (
    LiveConnection,
    LiveConnectionOwner,
    NoticeSettings,
    PushSubscription,
    Webhook,
)
from chalicelib.domain.model.repeat import DueRepeats, EndedRepeat, Repeat, RepeatSchedule
from chalicelib.domain.model.report import ListedReport, Report
from chalicelib.domain.model.session_start import AnnouncedStarts, StartRow
from chalicelib.domain.model.staff_line import StaffLine
from chalicelib.domain.model.watch import Watch, WatchedHour, Watcher, WatchHorizon, WatchRound
from chalicelib.domain.model.webhook_delivery import RequestedDeliveries, WebhookDelivery
from chalicelib.storage import queries
from chalicelib.storage.connection import Table
from chalicelib.storage.document_keys import key_of
from chalicelib.storage.items import DocumentItem, Item
from chalicelib.storage.keys import Key
from chalicelib.storage.mappers import seconds

D = TypeVar("D", bound=Document)

# Every kind of document. The tag in the text names the kind.
Stored = (
    AddressRecord
    | AnnouncedStarts
    | CalendarFeed
    | DueRepeats
    | EndedRepeat
    | EventLog
    | EventRow
    | FeedAddress
    | HourOfDemand
    | ListedReport
    | LiveConnection
    | LiveConnectionOwner
    | NoticeSettings
    | PushSubscription
    | Repeat
    | RepeatSchedule
    | Report
    | RequestedDeliveries
    | SentMail
    | StaffLine
    | StartRow
    | Watch
    | WatchedHour
    | Watcher
    | WatchHorizon
    | WatchRound
    | Webhook
    | WebhookDelivery
)

_DECODER = msgspec.json.Decoder(Stored)


def document_item(document: Document) -> DocumentItem:
    """Return the item of a document."""
    return DocumentItem(
        *key_of(document),
        version=document.version,
        document=msgspec.json.encode(document).decode(),
        expires=None if document.expires is None else seconds(document.expires),
    )


def document_from(item: DocumentItem) -> Stored:
    """Return the document of an item, the inverse of `document_item`."""
    found: Stored = _DECODER.decode(item.document)
    return found


def document(table: Table, key: Key, kind: type[D]) -> D | None:
    """Return the current document with that key, or None without one."""
    found = queries.get(table, key)
    return next(_of_kind([found] if found else [], kind), None)


def documents(
    table: Table,
    pk: str,
    condition: Condition | None,
    kind: type[D],
    *,
    after: Key | None = None,
    page: int | None = None,
    backwards: bool = False,
    consistent: bool = True,
) -> Iterator[D]:
    """Yield the documents of a kind in a partition, in the order of their sort keys, or `backwards`."""
    found = queries.query(table, pk, condition, after=after, page=page, backwards=backwards, consistent=consistent)
    yield from _of_kind(found, kind)


def _of_kind(items: Iterable[Item], kind: type[D]) -> Iterator[D]:
    for item in items:
        if isinstance(item, DocumentItem):
            found = document_from(item)
            if isinstance(found, kind):
                yield found
