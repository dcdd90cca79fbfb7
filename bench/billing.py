"""The request units of one request and its response, item by item. `bench.request_units` lists the assumptions."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from infra.in_memory_dynamodb.item_size import Item, item_size
from infra.in_memory_dynamodb.update_expressions import updated
from infra.table import KEY_ATTRIBUTES

WRITE_UNIT = 1024
READ_UNIT = 4096
TRANSACTION = 2

Body = Mapping[str, Any]


class ItemKey(NamedTuple):
    """The key of an item, or the partition of a query with the values of its sort key condition."""

    pk: str
    sk: str


@dataclass(frozen=True, slots=True)
class ItemAccess:
    """One item of a request, or one page of a query, with its request units."""

    action: str
    key: ItemKey
    read_units: float = 0
    write_units: int = 0


class KnownItems:
    """The items of the table that requests and responses have shown."""

    def __init__(self) -> None:
        self._items: dict[ItemKey, Item] = {}

    def __getitem__(self, key: ItemKey) -> Item:
        """Return the item, or an empty one if none is known."""
        return self._items.get(key, {})

    def keep(self, key: ItemKey, item: Item) -> None:
        """Record the item that is now stored under the key. An empty item means that none is stored."""
        self._items[key] = item


@dataclass(frozen=True, slots=True)
class ItemWrite:
    """One item and its content after a write. A condition check leaves it unchanged."""

    action: str
    key: ItemKey
    after: Item


def writes_of(operation: str, body: Body, known: KnownItems) -> list[ItemWrite]:
    """Return the writes of a request in its order, none for a read. Raises ValueError for an unknown operation."""
    match operation:
        case "TransactWriteItems":
            entries = (entry for item in body["TransactItems"] for entry in item.items())
            return [_write(action, part, known) for action, part in entries]
        case "PutItem" | "UpdateItem" | "DeleteItem":
            return [_write(operation.removesuffix("Item"), body, known)]
        case "BatchWriteItem" | "ExecuteStatement" | "ExecuteTransaction" | "BatchExecuteStatement":
            raise ValueError(f"operation without a charging rule: {operation}")
    return []


def _write(action: str, body: Body, known: KnownItems) -> ItemWrite:
    key = item_key(body["Item"] if action == "Put" else body["Key"])
    match action:
        case "Put":
            return ItemWrite(action, key, body["Item"])
        case "Delete":
            return ItemWrite(action, key, {})
        case "Update":
            return ItemWrite(action, key, updated(known[key], body))
    return ItemWrite(action, key, known[key])


def charge_writes(changes: Iterable[ItemWrite], known: KnownItems, *, times: int) -> tuple[ItemAccess, ...]:
    """Charge each write by the larger of its old and new item, even if it did not commit."""
    return tuple(
        ItemAccess(change.action, change.key, write_units=times * _units(_larger(change, known), WRITE_UNIT))
        for change in changes
    )


def charge_repeated_transaction(changes: Iterable[ItemWrite], known: KnownItems) -> tuple[ItemAccess, ...]:
    """Charge as reads a transaction that committed before under the same token."""
    return tuple(
        ItemAccess(change.action, change.key, read_units=TRANSACTION * _units(_larger(change, known), READ_UNIT))
        for change in changes
    )


def charge_reads(operation: str, body: Body, response: Body) -> tuple[ItemAccess, ...]:
    """Charge a read by the size of the items that it found."""
    match operation:
        case "GetItem":
            return (_get(body["Key"], response.get("Item", {}), _price(body)),)
        case "BatchGetItem":
            return tuple(_batch(body, response))
        case "TransactGetItems":
            found = zip(body["TransactItems"], response["Responses"], strict=True)
            return tuple(_get(asked["Get"]["Key"], given.get("Item", {}), TRANSACTION) for asked, given in found)
        case "Query" | "Scan":
            size = _evaluated(response)
            return (ItemAccess(operation, _range(body), read_units=_price(body) * _units(size, READ_UNIT)),)
    return ()


def complete_items(operation: str, body: Body, response: Body) -> Iterator[Item]:
    """Yield the items that a strongly consistent response holds in full."""
    match operation:
        case "GetItem" if body.get("ConsistentRead") and "ProjectionExpression" not in body:
            yield from [response["Item"]] if "Item" in response else []
        case "Query" | "Scan" if body.get("ConsistentRead") and "ProjectionExpression" not in body:
            yield from response["Items"]
        case "BatchGetItem":
            for table, asked in body["RequestItems"].items():
                if asked.get("ConsistentRead") and "ProjectionExpression" not in asked:
                    yield from response["Responses"].get(table, ())


def item_key(attributes: Item) -> ItemKey:
    """Return the key among an item's attributes."""
    return ItemKey(*(attributes[name]["S"] for name in KEY_ATTRIBUTES))


def _larger(change: ItemWrite, known: KnownItems) -> int:
    return max(item_size(known[change.key]), item_size(change.after))


def _units(size: int, unit: int) -> int:
    """Return the whole units of a size, at least one."""
    return max(1, -(-size // unit))


def _price(body: Body) -> float:
    return 1 if body.get("ConsistentRead") else 0.5


def _get(key: Item, found: Item, price: float) -> ItemAccess:
    return ItemAccess("Get", item_key(key), read_units=price * _units(item_size(found), READ_UNIT))


def _batch(body: Body, response: Body) -> Iterator[ItemAccess]:
    for table, asked in body["RequestItems"].items():
        found = {item_key(item): item for item in response["Responses"].get(table, ())}
        left = {item_key(key) for key in response.get("UnprocessedKeys", {}).get(table, {}).get("Keys", ())}
        for key in asked["Keys"]:
            if item_key(key) not in left:
                yield _get(key, found.get(item_key(key), {}), _price(asked))


def _evaluated(response: Body) -> int:
    """Return the size of all items that a page scanned. An item that a filter removed counts with the average size."""
    size = sum(item_size(item) for item in response["Items"])
    return size * response["ScannedCount"] // response["Count"] if response["Count"] else 0


def _range(body: Body) -> ItemKey:
    values = body.get("ExpressionAttributeValues", {})
    named = re.findall(r":\w+", body.get("KeyConditionExpression", ""))
    pk, *rest = [values[name]["S"] for name in named] or [""]
    return ItemKey(pk, " ".join(rest))
