"""What one request and its answer are charged, item by item. The assumptions stand in `bench.request_units`."""

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
    """What a request names: an item, or for a query the partition and what its sort keys are asked to be."""

    pk: str
    sk: str


@dataclass(frozen=True, slots=True)
class Access:
    """One item of a request, or one page of a query, and what it is charged."""

    action: str
    key: ItemKey
    read_units: float = 0
    write_units: int = 0


class Remembered:
    """The items of the table as far as requests and answers told."""

    def __init__(self) -> None:
        self._items: dict[ItemKey, Item] = {}

    def __getitem__(self, key: ItemKey) -> Item:
        """The item, or an empty one where none is known."""
        return self._items.get(key, {})

    def keep(self, key: ItemKey, item: Item) -> None:
        """Take note of what is stored under the key now; an empty item is none."""
        self._items[key] = item


@dataclass(frozen=True, slots=True)
class Change:
    """What a write would make of one item; a condition check leaves it."""

    action: str
    key: ItemKey
    after: Item


def changes_of(operation: str, body: Body, known: Remembered) -> list[Change]:
    """What a request asks to be written, in its own order; nothing where it reads."""
    match operation:
        case "TransactWriteItems":
            entries = (entry for item in body["TransactItems"] for entry in item.items())
            return [_change(action, part, known) for action, part in entries]
        case "PutItem" | "UpdateItem" | "DeleteItem":
            return [_change(operation.removesuffix("Item"), body, known)]
        case "BatchWriteItem" | "ExecuteStatement" | "ExecuteTransaction" | "BatchExecuteStatement":
            raise ValueError(f"an operation that the ledger cannot follow: {operation}")
    return []


def _change(action: str, body: Body, known: Remembered) -> Change:
    key = item_key(body["Item"] if action == "Put" else body["Key"])
    match action:
        case "Put":
            return Change(action, key, body["Item"])
        case "Delete":
            return Change(action, key, {})
        case "Update":
            return Change(action, key, updated(known[key], body))
    return Change(action, key, known[key])


def charge_writes(changes: Iterable[Change], known: Remembered, *, times: int) -> tuple[Access, ...]:
    """What writes are charged: each by the larger of the old and the new item, whether carried out or not."""
    return tuple(
        Access(change.action, change.key, write_units=times * _units(_larger(change, known), WRITE_UNIT))
        for change in changes
    )


def charge_repetition(changes: Iterable[Change], known: Remembered) -> tuple[Access, ...]:
    """What a transaction is charged that was carried out before under its token: reads."""
    return tuple(
        Access(change.action, change.key, read_units=TRANSACTION * _units(_larger(change, known), READ_UNIT))
        for change in changes
    )


def charge_reads(operation: str, body: Body, answer: Body) -> tuple[Access, ...]:
    """What a request that reads is charged, by what it found."""
    match operation:
        case "GetItem":
            return (_get(body["Key"], answer.get("Item", {}), _price(body)),)
        case "BatchGetItem":
            return tuple(_batch(body, answer))
        case "TransactGetItems":
            found = zip(body["TransactItems"], answer["Responses"], strict=True)
            return tuple(_get(asked["Get"]["Key"], given.get("Item", {}), TRANSACTION) for asked, given in found)
        case "Query" | "Scan":
            size = _evaluated(answer)
            return (Access(operation, _range(body), read_units=_price(body) * _units(size, READ_UNIT)),)
    return ()


def items_seen(operation: str, body: Body, answer: Body) -> Iterator[Item]:
    """The whole items that an answer shows as they are now: the ledger learns what it did not see written."""
    match operation:
        case "GetItem" if body.get("ConsistentRead") and "ProjectionExpression" not in body:
            yield from [answer["Item"]] if "Item" in answer else []
        case "Query" | "Scan" if body.get("ConsistentRead") and "ProjectionExpression" not in body:
            yield from answer["Items"]
        case "BatchGetItem":
            for table, asked in body["RequestItems"].items():
                if asked.get("ConsistentRead") and "ProjectionExpression" not in asked:
                    yield from answer["Responses"].get(table, ())


def item_key(attributes: Item) -> ItemKey:
    """The key among an item's attributes."""
    return ItemKey(*(attributes[name]["S"] for name in KEY_ATTRIBUTES))


def _larger(change: Change, known: Remembered) -> int:
    return max(item_size(known[change.key]), item_size(change.after))


def _units(size: int, unit: int) -> int:
    """Whole units; nothing is charged one as well."""
    return max(1, -(-size // unit))


def _price(body: Body) -> float:
    return 1 if body.get("ConsistentRead") else 0.5


def _get(key: Item, found: Item, price: float) -> Access:
    return Access("Get", item_key(key), read_units=price * _units(item_size(found), READ_UNIT))


def _batch(body: Body, answer: Body) -> Iterator[Access]:
    for table, asked in body["RequestItems"].items():
        found = {item_key(item): item for item in answer["Responses"].get(table, ())}
        left = {item_key(key) for key in answer.get("UnprocessedKeys", {}).get(table, {}).get("Keys", ())}
        for key in asked["Keys"]:
            if item_key(key) not in left:
                yield _get(key, found.get(item_key(key), {}), _price(asked))


def _evaluated(answer: Body) -> int:
    """The size of all items that a page went through; those a filter held back are taken for average."""
    size = sum(item_size(item) for item in answer["Items"])
    return size * answer["ScannedCount"] // answer["Count"] if answer["Count"] else 0


def _range(body: Body) -> ItemKey:
    values = body.get("ExpressionAttributeValues", {})
    named = re.findall(r":\w+", body.get("KeyConditionExpression", ""))
    pk, *rest = [values[name]["S"] for name in named] or [""]
    return ItemKey(pk, " ".join(rest))
