"""Reads of a slot's queue: waiting rows, pair rows and the number of queue shards."""

from collections.abc import Collection, Iterator
from datetime import date
from itertools import groupby, islice
from typing import NamedTuple

from chalicelib.domain.decisions.queue_rows import PairRow, WaitingRow
from chalicelib.domain.model.slot import Slot
from chalicelib.storage import keys, queries
from chalicelib.storage.connection import Table
from chalicelib.storage.items import Item, PairItem, QueueShardsItem
from chalicelib.storage.mappers import pair_row_from


class Waiting(NamedTuple):
    """Some who wait in a slot, in the order of their turns, and how many lanes its queue has."""

    rows: list[WaitingRow]
    queue_shards: int


def waiting_in(
    table: Table, slot: Slot, queue_shard: int = 0, *, page: int, consistent: bool = True
) -> Iterator[Waiting]:
    """Who waits in one lane of the slot, in the order of their turns, page by page: the next is read when asked for.

    There is a first page even where nobody waits; the first page of a lane tells how many lanes there are.
    """
    queue_shards, rows, found = 1, [], False
    prefix = Item.sk.startswith(keys.slot_prefix(slot))
    # One more than a page, since the number of lanes stands before those who wait.
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


def last_waiting_in(table: Table, slot: Slot, queue_shard: int, number: int) -> list[WaitingRow]:
    """Those who come last in turn in one lane of the slot, so many of them: to look at, not to decide by."""
    prefix = Item.sk.startswith(keys.slot_prefix(slot))
    items = queries.query(table, keys.pool_of(slot, queue_shard), prefix, backwards=True, page=number, consistent=False)
    return [
        keys.waiting_row(item.pk, item.sk) for item in islice(items, number) if not isinstance(item, QueueShardsItem)
    ]


def still_waiting(table: Table, rows: Collection[WaitingRow]) -> list[WaitingRow]:
    """Those of the rows that are still there, in one batch."""
    found = queries.batch(table, {keys.waiting(row) for row in rows}, consistent=True)
    return [row for row in rows if keys.waiting(row) in found]


def contended_slots(table: Table, on: date, shard: int) -> Iterator[Slot]:
    """The slots of a date, one shard of them, in which two wait or more, or that have several lanes."""
    rows = queries.query(table, keys.pool(on, shard), None)
    for slot, items in groupby(rows, key=lambda item: keys.slot_at(item.pk, item.sk)):
        first, *others = items
        if others or isinstance(first, QueueShardsItem):
            yield slot


def pairs_in(table: Table, slot: Slot, queue_shard: int) -> Iterator[PairRow]:
    """The random pairs in one lane of the slot."""
    for item in queries.query(table, keys.pairs_of(slot, queue_shard), Item.sk.startswith(keys.slot_prefix(slot))):
        if isinstance(item, PairItem):
            yield pair_row_from(item)
