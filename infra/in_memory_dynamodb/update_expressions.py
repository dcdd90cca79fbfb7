"""Update expressions, in the subset that this project sends."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from infra.in_memory_dynamodb.item_size import Item

_CLAUSE = re.compile(r"\b(SET|REMOVE|ADD|DELETE)\b")
_ASSIGNMENT = re.compile(r"(\S+)\s*=\s*(:\w+)\Z")


def updated(old: Item, request: Mapping[str, Any]) -> Item:
    """Return the item after an update. A missing item is empty.

    Raises ValueError for an unknown form of update.
    """
    item = {**old, **request["Key"]}
    names = request.get("ExpressionAttributeNames", {})
    values = request.get("ExpressionAttributeValues", {})
    parts = _CLAUSE.split(request.get("UpdateExpression", ""))
    for clause, body in zip(parts[1::2], parts[2::2], strict=True):
        for action in body.split(","):
            _apply(item, clause, action.strip(), names, values)
    return item


def _apply(
    item: dict[str, Mapping[str, Any]], clause: str, action: str, names: Mapping[str, str], values: Item
) -> None:
    match clause, action.split():
        case "REMOVE", [name]:
            item.pop(_plain(names.get(name, name)), None)
        case "ADD", [name, value] if "N" in values[value]:
            name = _plain(names.get(name, name))
            before = item.get(name, {"N": "0"})["N"]
            item[name] = {"N": str(Decimal(before) + Decimal(values[value]["N"]))}
        case "SET", _ if assignment := _ASSIGNMENT.match(action):
            item[_plain(names.get(assignment[1], assignment[1]))] = values[assignment[2]]
        case _:
            raise ValueError(f"unknown form of update: {clause} {action}")


def _plain(name: str) -> str:
    if re.search(r"[.\[]", name):
        raise ValueError(f"unknown form of update, a path into an attribute: {name}")
    return name
