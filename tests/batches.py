"""Writes and deletes in batches, without the conditions of a commit."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from chalicelib.storage.connection import Table
from chalicelib.storage.items import Item
from chalicelib.storage.keys import Key

# The maximum number of items in one request.
_MAX_ITEMS = 25


def save(table: Table, items: Iterable[Item]) -> None:
    """Write items."""
    put(table, *(item.serialize() for item in items))


def put(table: Table, *raw: Any) -> None:
    """Write items in the form in which DynamoDB returns them."""
    for batch in _batches(raw):
        _check(table.batch_write_item(put_items=batch))


def delete(table: Table, keys: Iterable[Key]) -> None:
    """Delete items."""
    for batch in _batches(keys):
        _check(table.batch_write_item(delete_items=[{"PK": key.pk, "SK": key.sk} for key in batch]))


def _check(response: dict[str, Any]) -> None:
    assert not response["UnprocessedItems"]


def _batches(whole: Iterable[Any]) -> Iterable[Sequence[Any]]:
    remaining = iter(whole)
    while batch := list(islice(remaining, _MAX_ITEMS)):
        yield batch
