"""Where DynamoDB Local answers otherwise than the table in memory, and why: all the differences that there are."""

from collections.abc import Callable, Mapping
from typing import Any

from infra.in_memory_dynamodb.key_conditions import key_condition

Body = Mapping[str, Any]


def is_known_difference(operation: str, request: Body, ours: Body, theirs: Body) -> bool:
    """Whether what the table in memory answers differs from DynamoDB Local's answer in one of the known ways."""
    return any(differs(request, ours, theirs) for differs in _KNOWN[operation])


def _counts_transactions_differently(_request: Body, ours: Body, theirs: Body) -> bool:
    """It charges a transaction by a rule of its own; ours is the published one: two units for each KB begun."""
    return _without("ConsumedCapacity", ours) == _without("ConsumedCapacity", theirs)


def _checks_conditions_first(request: Body, ours: Body, theirs: Body) -> bool:
    """It refuses a transaction that names an item twice as well, but tells first which conditions fail."""
    bodies = [next(iter(entry.values())) for entry in request["TransactItems"]]
    named = [tuple(_key(body.get("Key") or body["Item"])) for body in bodies]
    refused = (ours.get("refused"), theirs.get("refused"))
    return len(set(named)) < len(named) and refused == ("ValidationException", "TransactionCanceledException")


def _ends_at_the_last_key(request: Body, ours: Body, theirs: Body) -> bool:
    """Where a page ends with the last key of the range, it says that nothing more comes; both may be said."""
    last = ours.get("LastEvaluatedKey")
    return bool(last) and _is_the_last_key(request, last) and _without("LastEvaluatedKey", ours) == theirs


def _rejects_start_at_the_last_key(request: Body, ours: Body, theirs: Body) -> bool:
    """And so it refuses to go on behind that key: it never said that there was more."""
    start = request.get("ExclusiveStartKey")
    refused = theirs.get("refused") == "ValidationException"
    return bool(start) and refused and not ours.get("Items") and _is_the_last_key(request, start)


def _is_the_last_key(request: Body, key: Body) -> bool:
    asked = key_condition(request)
    _, sk = _key(key)
    return sk == (asked.high if request.get("ScanIndexForward", True) else asked.low)


def _key(attributes: Body) -> list[str]:
    return [attributes[name]["S"] for name in ("PK", "SK")]


def _without(name: str, answer: Body) -> dict[str, Any]:
    return {other: value for other, value in answer.items() if other != name}


_KNOWN: Mapping[str, tuple[Callable[[Body, Body, Body], bool], ...]] = {
    "TransactWriteItems": (_counts_transactions_differently, _checks_conditions_first),
    "Query": (_ends_at_the_last_key, _rejects_start_at_the_last_key),
    "GetItem": (),
    "BatchGetItem": (),
    "Scan": (),
}
