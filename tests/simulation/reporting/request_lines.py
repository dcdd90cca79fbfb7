"""Requests with their outcomes, one line each."""

from collections.abc import Mapping
from typing import Any

from infra.in_memory_dynamodb.key_conditions import key_condition
from infra.simulation.faults import Request
from infra.simulation.interleaved_client import SentRequest
from tests.simulation.engine.memoization import memoize_by_identity
from tests.simulation.scenarios.cast import key_text


def request_line(one: SentRequest) -> str:
    """Return a request and its outcome as text."""
    return f"{_request(one.request)} -> {one.outcome if one.fault is None else fault_text(one)}"


def fault_text(one: SentRequest) -> str:
    """Return the fault of a request as text."""
    at = f" at {one.position}" if one.position else ""
    return f"{one.fault}{at}" + (f" ({one.outcome})" if one.outcome != one.fault else "")


@memoize_by_identity
def _request(request: Request) -> str:
    match request:
        case {"TransactItems": entries}:
            return f"write {', '.join(_action(*action) for entry in entries for action in entry.items())}"
        case {"RequestItems": tables}:
            ((_, asked),) = tables.items()
            return f"get {', '.join(map(_key_text, asked['Keys']))}"
        case {"Entries": entries}:
            return f"send {len(entries)} to {request.get('QueueUrl', 'the bus')}"
        case {"Item": item}:
            return f"write {_key_text(item)}"
        case {"Key": key, "UpdateExpression": _}:
            return f"write update {_key_text(key)}"
        case {"Key": key}:
            return f"get {_key_text(key)}"
    asked = key_condition(request)
    return f"query {key_text(asked.pk, asked.low)}"


def _action(kind: str, body: Mapping[str, Any]) -> str:
    return f"{kind.lower()} {_key_text(body.get('Key') or body['Item'])}"


def _key_text(key: Mapping[str, Any]) -> str:
    return key_text(key["PK"]["S"], key["SK"]["S"])
