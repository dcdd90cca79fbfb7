"""The three requests that read the table; how each may fail is an outcome (`outcomes.translate_errors`)."""

from collections.abc import Collection, Iterator
from typing import Any

from pynamodb.expressions.condition import Condition

from chalicelib.storage.connection import Table
from chalicelib.storage.errors import translate_errors
from chalicelib.storage.items import Item
from chalicelib.storage.keys import Key

# The most keys that one request may name.
_MOST_KEYS = 100
# The item is of a kind that this version of the code knows.
_KNOWN = Item.kind.is_in(*Item.kind.get_registered_subclasses(Item))


def get(table: Table, key: Key) -> Item | None:
    """The item with that key as it is now, or None where there is none."""
    with translate_errors():
        raw = table.get_item(*key, consistent_read=True).get("Item")
        return Item.from_raw_data(raw) if raw else None


def batch(table: Table, wanted: Collection[Key], *, consistent: bool) -> dict[Key, Item]:
    """Those of the items that there are, by their keys."""
    found: dict[Key, Item] = {}
    left: list[Any] = [{"PK": {"S": key.pk}, "SK": {"S": key.sk}} for key in set(wanted)]
    while left:
        with translate_errors():
            answer = table.batch_get_item(left[:_MOST_KEYS], consistent_read=consistent)
            items = map(Item.from_raw_data, answer["Responses"][table.table_name])
            found |= {Key(item.pk, item.sk): item for item in items}
        left = answer["UnprocessedKeys"].get(table.table_name, {}).get("Keys", []) + left[_MOST_KEYS:]
    return found


def query(
    table: Table,
    pk: str,
    condition: Condition | None,
    *,
    backwards: bool = False,
    consistent: bool = True,
    after: Key | None = None,
    page: int | None = None,
) -> Iterator[Item]:
    """The items of a partition that meet a condition, in the order of their sort keys, from the one behind `after`.

    `page` is how many are read at a time; what is read is paid for.
    """
    last: Any = {"PK": {"S": after.pk}, "SK": {"S": after.sk}} if after else None
    while True:
        with translate_errors():
            answer = table.query(
                pk,
                condition,
                _KNOWN,
                consistent_read=consistent,
                exclusive_start_key=last,
                limit=page,
                scan_index_forward=not backwards,
            )
            items = [Item.from_raw_data(raw) for raw in answer["Items"]]
        yield from items
        last = answer.get("LastEvaluatedKey")
        if last is None:
            return
