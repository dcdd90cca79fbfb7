"""A request of a play and what became of it, on one line."""

from collections.abc import Mapping
from typing import Any

from infra.in_memory_dynamodb.key_conditions import key_condition
from infra.simulation.faults import Request
from infra.simulation.interleaved_client import Sent
from tests.simulation.engine.memoization import by_identity
from tests.simulation.scenarios.cast import shown


def line(one: Sent) -> str:
    """A request and what became of it."""
    return f"{_request(one.request)} -> {one.outcome if one.fault is None else told_fault(one)}"


def told_fault(one: Sent) -> str:
    """The fault that a request met."""
    at = f" at {one.position}" if one.position else ""
    return f"{one.fault}{at}" + (f" ({one.outcome})" if one.outcome != one.fault else "")


@by_identity
def _request(request: Request) -> str:
    match request:
        case {"TransactItems": entries}:
            return f"write {', '.join(_action(*action) for entry in entries for action in entry.items())}"
        case {"RequestItems": tables}:
            ((_, asked),) = tables.items()
            return f"get {', '.join(map(_shown, asked['Keys']))}"
        case {"Key": key}:
            return f"get {_shown(key)}"
    asked = key_condition(request)
    return f"query {shown(asked.pk, asked.low)}"


def _action(kind: str, body: Mapping[str, Any]) -> str:
    return f"{kind.lower()} {_shown(body.get('Key') or body['Item'])}"


def _shown(key: Mapping[str, Any]) -> str:
    return shown(key["PK"]["S"], key["SK"]["S"])
