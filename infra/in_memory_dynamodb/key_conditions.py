"""Key conditions of queries, in the forms that the storage layer sends."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from infra.in_memory_dynamodb.condition_expressions import Placeholders, parse_condition, placeholders_of
from infra.in_memory_dynamodb.errors import validation_error
from infra.in_memory_dynamodb.ordered_items import LAST
from infra.table import KEY_ATTRIBUTES

_PK, _SK = KEY_ATTRIBUTES


class KeyCondition(NamedTuple):
    """The partition key and the range of sort keys that a query asks for."""

    pk: str
    low: str
    high: str


def key_condition(request: Mapping[str, Any]) -> KeyCondition:
    """Return the keys that a query asks for.

    Raises ValueError for an unknown form, ClientError if the condition is not about the key.
    """
    placeholders = placeholders_of(request)
    match parse_condition(request["KeyConditionExpression"]):
        case ("=", name, value):
            return KeyCondition(_text(placeholders, _PK, name, value), "", LAST)
        case ("AND", ("=", name, value), ("begins_with", sort, prefix)):
            prefix = _text(placeholders, _SK, sort, prefix)
            return KeyCondition(_text(placeholders, _PK, name, value), prefix, prefix + LAST)
        case ("AND", ("=", name, value), ("BETWEEN", sort, low, high)):
            low, high = (_text(placeholders, _SK, sort, one) for one in (low, high))
            return KeyCondition(_text(placeholders, _PK, name, value), low, high)
    raise ValueError(f"unknown key condition: {request['KeyConditionExpression']}")


def _text(placeholders: Placeholders, attribute: str, name: str, value: str) -> str:
    if placeholders.names[name] != attribute:
        raise validation_error("Query", f"Query condition missed key schema element: {attribute}")
    return str(placeholders.values[value]["S"])
