"""The known differences between the in-memory table and DynamoDB Local."""

from collections.abc import Callable, Mapping
from typing import Any

from infra.in_memory_dynamodb.key_conditions import key_condition

Body = Mapping[str, Any]


def is_known_difference(operation: str, request: Body, ours: Body, theirs: Body) -> bool:
    """Return True if the two responses differ in a known way."""
    return any(differs(request, ours, theirs) for differs in _KNOWN[operation])


def _counts_transactions_differently(_request: Body, ours: Body, theirs: Body) -> bool:
    """Return True if only the units differ.

    DynamoDB Local counts a transaction by its own rule. The published rule is two units for each started KB.
    """
    return _without("ConsumedCapacity", ours) == _without("ConsumedCapacity", theirs)


def _checks_conditions_first(request: Body, ours: Body, theirs: Body) -> bool:
    """Return True if the transaction has an item twice and DynamoDB Local reports failed conditions first."""
    bodies = [next(iter(entry.values())) for entry in request["TransactItems"]]
    named = [tuple(_key(body.get("Key") or body["Item"])) for body in bodies]
    refused = (ours.get("refused"), theirs.get("refused"))
    return len(set(named)) < len(named) and refused == ("ValidationException", "TransactionCanceledException")


def _ends_at_the_last_key(request: Body, ours: Body, theirs: Body) -> bool:
    """Return True if a page ends with the last key of the range and DynamoDB Local says that no more follow.

    DynamoDB may say either.
    """
    last = ours.get("LastEvaluatedKey")
    return bool(last) and _is_the_last_key(request, last) and _without("LastEvaluatedKey", ours) == theirs


def _rejects_start_at_the_last_key(request: Body, ours: Body, theirs: Body) -> bool:
    """Return True if DynamoDB Local refuses a page after the last key of the range."""
    start = request.get("ExclusiveStartKey")
    refused = theirs.get("refused") == "ValidationException"
    return bool(start) and refused and not ours.get("Items") and _is_the_last_key(request, start)


def _is_the_last_key(request: Body, key: Body) -> bool:
    condition = key_condition(request)
    _, sk = _key(key)
    return sk == (condition.high if request.get("ScanIndexForward", True) else condition.low)


def _key(attributes: Body) -> list[str]:
    return [attributes[name]["S"] for name in ("PK", "SK")]


def _without(name: str, response: Body) -> dict[str, Any]:
    return {other: value for other, value in response.items() if other != name}


_KNOWN: Mapping[str, tuple[Callable[[Body, Body, Body], bool], ...]] = {
    "TransactWriteItems": (_counts_transactions_differently, _checks_conditions_first),
    "Query": (_ends_at_the_last_key, _rejects_start_at_the_last_key),
    "PutItem": (),
    "GetItem": (),
    "BatchGetItem": (),
    "Scan": (),
}
