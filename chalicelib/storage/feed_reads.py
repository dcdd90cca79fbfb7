"""The reads of calendar feeds."""

from itertools import islice

from chalicelib.domain.model.calendar_feed import CalendarFeed, FeedAddress
from chalicelib.storage import keys
from chalicelib.storage.connection import Table
from chalicelib.storage.document_keys import FEED, calendar_feed, feed_address
from chalicelib.storage.documents import document, documents
from chalicelib.storage.items import Item


def feed(table: Table, member_id: str, feed_id: str) -> CalendarFeed | None:
    """Return a feed of the member, or None for a revoked one."""
    return document(table, calendar_feed(member_id, feed_id), CalendarFeed)


def address(table: Table, digest: str) -> FeedAddress | None:
    """Return the feed whose token has that digest, or None."""
    return document(table, feed_address(digest), FeedAddress)


def feeds_of(table: Table, member_id: str, *, after: str | None = None, limit: int | None = None) -> list[CalendarFeed]:
    """Return the member's feeds in the order of their ids, at most `limit` after the id `after`."""
    begin = None if after is None else calendar_feed(member_id, after)
    found = documents(table, keys.member(member_id), Item.sk.startswith(FEED), CalendarFeed, after=begin, page=limit)
    return list(islice(found, limit))
