"""The documents in other partitions that a member's document brings with it."""

from msgspec.structs import replace

from chalicelib.domain.decisions.start_rows import booked_row
from chalicelib.domain.model.calendar_feed import CalendarFeed, FeedAddress
from chalicelib.domain.model.document import Document
from chalicelib.domain.model.event import EventRow
from chalicelib.domain.model.notices import LiveConnection, LiveConnectionOwner
from chalicelib.domain.model.repeat import RepeatSchedule, due_row
from chalicelib.domain.model.report import ListedReport, Report, listed
from chalicelib.domain.model.watch import Watch, Watcher, watch_of, watcher_of


def owner_of(connection: LiveConnection) -> LiveConnectionOwner:
    """Return the document by which a connection finds its member."""
    return LiveConnectionOwner(
        member_id=connection.member_id,
        connection_id=connection.connection_id,
        opened_at=connection.opened_at,
        may_write=connection.may_write,
    )


def copies_of(document: Document) -> tuple[Document, ...]:
    """Return the documents that are deleted with this one when the account is deleted (R33)."""
    match document:
        case CalendarFeed():
            return (FeedAddress(digest=document.digest, member_id=document.member_id, feed_id=document.feed_id),)
        case LiveConnection():
            return (owner_of(document),)
        case Watch():
            return (watcher_of(document),)
        case Watcher():
            return (watch_of(document),)
        case RepeatSchedule():
            return tuple(filter(None, (due_row(document),)))
        case EventRow():
            return tuple(filter(None, map(booked_row, document.events)))
        case _:
            return ()


def kept_copies(document: Document) -> tuple[tuple[ListedReport, ListedReport], ...]:
    """Return the copies that stay when the account is deleted, each as stored and without the member (R33).

    A report concerns another member, so it stays in the list of staff (R47).
    """
    if isinstance(document, Report):
        before = listed(document)
        return ((before, replace(before, reporter_id=None)),)
    return ()
