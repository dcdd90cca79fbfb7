"""The reads of watches and watchers (R45)."""

from collections.abc import Iterator
from itertools import islice

from chalicelib.domain.model.watch import Watch, WatchedHour, Watcher, WatchHorizon, WatchRound
from chalicelib.storage import document_keys
from chalicelib.storage.connection import Table
from chalicelib.storage.documents import document, documents
from chalicelib.storage.items import Item
from chalicelib.storage.keys import member


def watch(table: Table, member_id: str, favorite_id: str) -> Watch | None:
    """Return the member's watch of a favorite."""
    return document(table, document_keys.watch(member_id, favorite_id), Watch)


def watches_of(table: Table, member_id: str) -> Iterator[Watch]:
    """Yield the watches of a member in the order of the favorites' ids."""
    return documents(table, member(member_id), Item.sk.startswith(document_keys.WATCH_OF), Watch)


def watched_between(table: Table, member_id: str, first: str, last: str) -> set[str]:
    """Return the favorites that a member watches, from one id to another inclusive, for display."""
    between = Item.sk.between(document_keys.watch(member_id, first).sk, document_keys.watch(member_id, last).sk)
    found = documents(table, member(member_id), between, Watch, consistent=False)
    return {watch.favorite_id for watch in found}


def watcher(table: Table, favorite_id: str, member_id: str) -> Watcher | None:
    """Return the copy of a watch among the watchers of the favorite."""
    return document(table, document_keys.watcher(favorite_id, member_id), Watcher)


def watchers_of(table: Table, favorite_id: str, *, after: str = "", most: int | None = None) -> list[Watcher]:
    """Return the next watchers of a favorite after an id, at most `most`."""
    start = document_keys.watcher(favorite_id, after) if after else None
    condition = Item.sk.startswith(document_keys.WATCH_BY)
    found = documents(table, member(favorite_id), condition, Watcher, after=start, page=most)
    return list(islice(found, most))


def watched_hour(table: Table, favorite_id: str) -> WatchedHour | None:
    """Return the count of a favorite's judged changes."""
    return document(table, document_keys.watched_hour(favorite_id), WatchedHour)


def open_rounds(table: Table) -> Iterator[WatchRound]:
    """Yield the rounds that are not done."""
    return documents(table, document_keys.ROUNDS, Item.sk.startswith(document_keys.ROUND), WatchRound)


def watch_horizon(table: Table) -> WatchHorizon | None:
    """Return the slots that have entered the next two weeks and were judged."""
    return document(table, document_keys.watch_horizon(), WatchHorizon)
