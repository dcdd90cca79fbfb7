"""Requests that reach the table with little of PynamoDB in between: the same requests, sooner."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException
from pynamodb.expressions.condition import Condition

from chalicelib.storage import commit, queries
from chalicelib.storage.connection import Table
from chalicelib.storage.items import Item
from chalicelib.storage.keys import Key
from chalicelib.storage.outcomes import outcome_of_request
from chalicelib.storage.writes import Transaction
from tests.simulation.remembering import by_identity

_NAMES = {"#0": "PK", "#1": "SK"}
_CONDITIONS = {
    None: "#0 = :0",
    "begins_with": "(#0 = :0 AND begins_with (#1, :1))",
    "BETWEEN": "(#0 = :0 AND #1 BETWEEN :1 AND :2)",
}


@contextmanager
def shortcut() -> Iterator[None]:
    """Let the storage layer's three ways to read and its one way to write take the shortcut."""
    before = queries.get, queries.batch, queries.query
    queries.get, queries.batch, queries.query = _get, _batch, _query
    commit.Transaction = _Transaction  # type: ignore[misc]
    try:
        yield
    finally:
        queries.get, queries.batch, queries.query = before
        commit.Transaction = Transaction  # type: ignore[misc]


class _Transaction(Transaction):
    """Takes the actions as PynamoDB sends them, without asking each model about each of its attributes."""

    def save(self, item: Item, condition: Condition | None = None) -> None:
        self._puts.append({"TableName": self.table.table_name, "Item": _serialized(item), **_said(condition)})

    def delete(self, item: Item, condition: Condition | None = None) -> None:
        self._deletes.append({**_keyed(self.table, Key(item.pk, item.sk)), **_said(condition)})

    def check(self, key: Key, condition: Condition) -> None:
        self._checks.append({**_keyed(self.table, key), **_said(condition)})


_serialized = by_identity(lambda model: model.serialize())


def _keyed(table: Table, key: Key) -> dict[str, Any]:
    return {"TableName": table.table_name, "Key": _attributes(key)}


def _said(condition: Condition | None) -> dict[str, Any]:
    """What a request says of a condition."""
    if condition is None:
        return {}
    placeholders: dict[str, str] = {}
    values: dict[str, Any] = {}
    said: dict[str, Any] = {"ConditionExpression": condition.serialize(placeholders, values)}
    said["ExpressionAttributeNames"] = {placeholder: name for name, placeholder in placeholders.items()}
    if values:
        said["ExpressionAttributeValues"] = values
    return said


def _ask(table: Table, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = table.connection.client._make_api_call(operation, request)
    except (ClientError, BotoCoreError) as error:
        outcome = outcome_of_request(PynamoDBException("", error))
        if outcome is None:
            raise
        raise outcome from error
    return answer


def _get(table: Table, key: Key) -> Item | None:
    answer = _ask(table, "GetItem", {**_keyed(table, key), "ConsistentRead": True})
    return Item.from_raw_data(answer["Item"]) if "Item" in answer else None


def _batch(table: Table, wanted: Collection[Key], *, consistent: bool) -> dict[Key, Item]:
    name, found = table.table_name, {}
    left = [_attributes(key) for key in wanted]
    while left:
        answer = _ask(table, "BatchGetItem", {"RequestItems": {name: {"Keys": left, "ConsistentRead": consistent}}})
        for item in answer["Responses"][name]:
            found[Key(item["PK"]["S"], item["SK"]["S"])] = Item.from_raw_data(item)
        left = answer["UnprocessedKeys"].get(name, {}).get("Keys", [])
    return found


def _query(
    table: Table,
    pk: str,
    condition: Condition | None,
    *,
    backwards: bool = False,
    consistent: bool = True,
    after: Key | None = None,
    page: int | None = None,
) -> Iterator[Item]:
    texts = [pk] if condition is None else [pk, *(value.value["S"] for value in condition.values[1:])]
    request = {
        "TableName": table.table_name,
        "KeyConditionExpression": _CONDITIONS[None if condition is None else condition.operator],
        "ExpressionAttributeNames": _NAMES,
        "ExpressionAttributeValues": {f":{number}": {"S": text} for number, text in enumerate(texts)},
        "ConsistentRead": consistent,
        "ScanIndexForward": not backwards,
    }
    if page is not None:
        request["Limit"] = page
    start = _attributes(after) if after else None
    while True:
        answer = _ask(table, "Query", {**request, "ExclusiveStartKey": start} if start else request)
        yield from map(Item.from_raw_data, answer["Items"])
        start = answer.get("LastEvaluatedKey")
        if start is None:
            return


def _attributes(key: Key) -> dict[str, dict[str, str]]:
    return {"PK": {"S": key.pk}, "SK": {"S": key.sk}}
