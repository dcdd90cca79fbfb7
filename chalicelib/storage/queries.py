"""The three kinds of request that read items. `errors.translate_errors` converts their failures into outcomes."""

from collections.abc import Collection, Iterator
from typing import Any

from pynamodb.expressions.condition import Condition

from chalicelib.storage.connection import Table
from chalicelib.storage.errors import translate_errors
from chalicelib.storage.items import Item
from chalicelib.storage.keys import Key

# The maximum number of keys in one request.
_MAX_KEYS = 100
# Items of an unknown kind, which a later version wrote, are left out.
_KNOWN = Item.kind.is_in(*Item.kind.get_registered_subclasses(Item))


def get(table: Table, key: Key) -> Item | None:
    """Return the current item with that key, or None without one."""
    with translate_errors():
        raw = table.get_item(*key, consistent_read=True).get("Item")
        return Item.from_raw_data(raw) if raw else None


def batch(table: Table, wanted: Collection[Key], *, consistent: bool) -> dict[Key, Item]:
    """Return the items that exist among those keys, by key."""
    found: dict[Key, Item] = {}
    remaining: list[Any] = [{"PK": {"S": key.pk}, "SK": {"S": key.sk}} for key in set(wanted)]
    while remaining:
        with translate_errors():
            response = table.batch_get_item(remaining[:_MAX_KEYS], consistent_read=consistent)
            items = map(Item.from_raw_data, response["Responses"][table.table_name])
            found |= {Key(item.pk, item.sk): item for item in items}
        remaining = response["UnprocessedKeys"].get(table.table_name, {}).get("Keys", []) + remaining[_MAX_KEYS:]
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
    """Yield the items of a partition that meet a condition, in the order of their sort keys.

    The first item is the one that follows `after`. `page` is the number of items read by each request. Every item that
    is read is charged for.
    """
    last: Any = {"PK": {"S": after.pk}, "SK": {"S": after.sk}} if after else None
    while True:
        with translate_errors():
            response = table.query(
                pk,
                condition,
                _KNOWN,
                consistent_read=consistent,
                exclusive_start_key=last,
                limit=page,
                scan_index_forward=not backwards,
            )
            items = [Item.from_raw_data(raw) for raw in response["Items"]]
        yield from items
        last = response.get("LastEvaluatedKey")
        if last is None:
            return
