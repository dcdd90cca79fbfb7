"""Reads of waiting rows, pair rows and numbers of queue shards."""

from collections.abc import Collection, Iterator
from datetime import date
from itertools import groupby, islice
from typing import NamedTuple

from chalicelib.domain.decisions.queue_rows import PairRow, WaitingRow
from chalicelib.domain.model.demand import KEPT_IN_SLOT
from chalicelib.domain.model.slot import Slot
from chalicelib.storage import keys, queries
from chalicelib.storage.connection import Table
from chalicelib.storage.items import Item, PairItem, QueueShardsItem
from chalicelib.storage.mappers import pair_row_from

# Waiting rows per page in a read of a whole queue shard.
ROWS_PER_PAGE = 1000


class Waiting(NamedTuple):
    """A page of a queue shard in the order of the queue positions, and the slot's number of queue shards."""

    rows: list[WaitingRow]
    queue_shards: int


class Queue(NamedTuple):
    """The queue of a slot by its first queue shard, with the first of its members.

    `contended` means that it has two or more waiting rows or several queue shards, and `sharded` the latter.
    """

    slot: Slot
    members: list[str]
    contended: bool
    sharded: bool


def waiting_in(
    table: Table, slot: Slot, queue_shard: int = 0, *, page: int, consistent: bool = True
) -> Iterator[Waiting]:
    """Yield the waiting rows in one queue shard of the slot, page by page, in the order of their queue positions.

    A page is read when it is requested. An empty queue shard has one empty page. The first page has the number of the
    slot's queue shards.
    """
    queue_shards, rows, found = 1, [], False
    prefix = Item.sk.startswith(keys.slot_prefix(slot))
    # One item more than a page, because the item with the number of queue shards precedes the waiting rows.
    for item in queries.query(table, keys.pool_of(slot, queue_shard), prefix, page=page + 1, consistent=consistent):
        if isinstance(item, QueueShardsItem):
            queue_shards = int(item.queue_shards)
            continue
        rows.append(keys.waiting_row(item.pk, item.sk))
        if len(rows) == page:
            yield Waiting(rows, queue_shards)
            rows, found = [], True
    if rows or not found:
        yield Waiting(rows, queue_shards)


def seeking_in(table: Table, slot: Slot, queue_shard: int) -> Iterator[WaitingRow]:
    """Yield the rows of second chances in one queue shard of the slot, by the time at which each was asked for (R38).

    Their queue positions are after the start. No row of a member who stayed unmatched at the start is read.
    """
    first, last = keys.positions_since_start(slot)
    for item in queries.query(table, keys.pool_of(slot, queue_shard), Item.sk.between(first, last), page=ROWS_PER_PAGE):
        yield keys.waiting_row(item.pk, item.sk)


def seeking_in_slot(table: Table, slot: Slot) -> Iterator[WaitingRow]:
    """Yield the rows of second chances in all queue shards of the slot (R38)."""
    queue_shards = next(waiting_in(table, slot, page=1)).queue_shards
    for queue_shard in range(queue_shards):
        yield from seeking_in(table, slot, queue_shard)


def last_waiting_in(table: Table, slot: Slot, queue_shard: int, number: int) -> list[WaitingRow]:
    """Return at most `number` waiting rows with the last queue positions in one queue shard of the slot.

    The read is eventually consistent, so a decision must read the rows again.
    """
    prefix = Item.sk.startswith(keys.slot_prefix(slot))
    items = queries.query(table, keys.pool_of(slot, queue_shard), prefix, backwards=True, page=number, consistent=False)
    return [
        keys.waiting_row(item.pk, item.sk) for item in islice(items, number) if not isinstance(item, QueueShardsItem)
    ]


def still_waiting(table: Table, rows: Collection[WaitingRow]) -> list[WaitingRow]:
    """Return those of the rows that still exist, read in one batch."""
    found = queries.batch(table, {keys.waiting(row) for row in rows}, consistent=True)
    return [row for row in rows if keys.waiting(row) in found]


def queues_of(table: Table, on: date, shard: int) -> Iterator[Queue]:
    """Yield the queues in a partition of a date."""
    rows = queries.query(table, keys.pool(on, shard), None)
    for slot, items in groupby(rows, key=lambda item: keys.slot_at(item.pk, item.sk)):
        first, *others = items
        sharded = isinstance(first, QueueShardsItem)
        waiting = others if sharded else [first, *others]
        members = [keys.waiting_row(item.pk, item.sk).member_id for item in waiting[:KEPT_IN_SLOT]]
        yield Queue(slot, members, contended=sharded or bool(others), sharded=sharded)


def pairs_in(table: Table, slot: Slot, queue_shard: int) -> Iterator[PairRow]:
    """Yield the pair rows in one queue shard of the slot."""
    for item in queries.query(table, keys.pairs_of(slot, queue_shard), Item.sk.startswith(keys.slot_prefix(slot))):
        if isinstance(item, PairItem):
            yield pair_row_from(item)
