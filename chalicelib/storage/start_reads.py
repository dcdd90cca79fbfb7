"""The reads of the sessions that start soon."""

from collections.abc import Collection, Iterator
from datetime import datetime
from itertools import groupby

from chalicelib.domain.model.session_start import AnnouncedStarts, StartRow
from chalicelib.storage.connection import Table
from chalicelib.storage.document_keys import ANNOUNCED_STARTS, START_SHARDS, starts
from chalicelib.storage.documents import document, documents
from chalicelib.storage.items import Item

# Sorts after every other character of a sort key.
_AFTER_ALL = "~"


def announced_starts(table: Table) -> AnnouncedStarts | None:
    """Return the instant up to which starts are announced, None before the first run."""
    return document(table, ANNOUNCED_STARTS, AnnouncedStarts)


def sessions_starting_at(table: Table, instants: Collection[datetime]) -> Iterator[StartRow]:
    """Yield the sessions that start at one of the instants, which are given in their order."""
    for on, same_date in groupby(instants, key=datetime.date):
        wanted = list(same_date)
        first, last = f"{wanted[0]:%H%M}", f"{wanted[-1]:%H%M}{_AFTER_ALL}"
        for shard in range(START_SHARDS):
            found = documents(table, starts(on, shard), Item.sk.between(first, last), StartRow)
            yield from (row for row in found if row.slot.start in wanted)
