"""Items written to a table and taken off it in batches, past the commit."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from chalicelib.storage.connection import Table
from chalicelib.storage.items import Item
from chalicelib.storage.keys import Key

# The most items that one request may write.
_MOST_ITEMS = 25


def save(table: Table, items: Iterable[Item]) -> None:
    """Write items."""
    put(table, *(item.serialize() for item in items))


def put(table: Table, *raw: Any) -> None:
    """Write items as they go over the wire."""
    for some in _batches(raw):
        _check(table.batch_write_item(put_items=some))


def delete(table: Table, keys: Iterable[Key]) -> None:
    """Take items off the table."""
    for some in _batches(keys):
        _check(table.batch_write_item(delete_items=[{"PK": key.pk, "SK": key.sk} for key in some]))


def _check(answer: dict[str, Any]) -> None:
    assert not answer["UnprocessedItems"]


def _batches(whole: Iterable[Any]) -> Iterable[Sequence[Any]]:
    left = iter(whole)
    while some := list(islice(left, _MOST_ITEMS)):
        yield some
