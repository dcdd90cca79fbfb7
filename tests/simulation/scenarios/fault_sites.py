"""The places where a fault can be injected, which are each kind of request of each use case."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from infra.in_memory_dynamodb.key_conditions import key_condition
from infra.simulation.faults import TRANSACT_WRITE, Request, RequestFault, faults_of, positions
from tests.simulation.engine.memoization import memoize_by_identity
from tests.simulation.scenarios.operations import UseCase

_MEMBER_ITEMS = {
    "PROFILE": "account",
    "REL": "relation",
    "DAY": "day",
    "TITLE": "long title",
    "ANSWER": "recorded response",
    "LINK": "list of links",
    "KEY": "list of keys",
    "GUARD": "versioned limit",
    "NOTICES": "notices",
    "LOG": "event row",
}
_SHARED_ITEMS = {"POOL": "waiting rows", "PAIRS": "pair rows", "INVITE": "link", "KEY": "key", "CHORE": "job"}
# These items follow from the days in the same transaction.
_DERIVED = frozenset({"waiting rows", "pair rows"})


class FaultSite(NamedTuple):
    """A kind of request of a use case, without the number and order of its items."""

    use_case: UseCase
    request: str

    def __str__(self) -> str:
        return f"{self.use_case}: {self.request}"


class Cell(NamedTuple):
    """A fault at a fault site."""

    site: FaultSite
    fault: RequestFault


def site_of(use_case: UseCase, request: Request) -> FaultSite:
    """Return the fault site of a request."""
    return FaultSite(use_case, _description(request))


def faults_at(operation: str, request: Request) -> Iterator[tuple[RequestFault, int]]:
    """Yield each fault that a request can meet, at every position."""
    for fault in faults_of(operation, request):
        states_for_pair = len(positions(fault, request)) if operation == TRANSACT_WRITE else 1
        yield from ((fault, place) for place in range(states_for_pair))


@memoize_by_identity
def _description(request: Request) -> str:
    match request:
        case {"TransactItems": entries}:
            return f"write {_joined(_written(entries))}"
        case {"RequestItems": tables}:
            ((_, batch),) = tables.items()
            return f"get several {_joined({_kind(key) for key in batch['Keys']})}"
        case {"QueueUrl": _}:
            return "send messages"
        case {"Entries": _}:
            return "publish events"
        case {"Item": item}:
            return f"write {_kind(item)}"
        case {"Key": key, "UpdateExpression": _}:
            return f"update {_kind(key)}"
        case {"Key": key}:
            return f"get {_kind(key)}"
    batch = key_condition(request)
    return f"query {_kind_of(batch.pk, batch.low)}"


def _written(entries: Sequence[Mapping[str, Any]]) -> set[str]:
    actions = [action for entry in entries for action in entry.items()]
    kinds = {_kind(body.get("Key") or body["Item"]) for name, body in actions if name != "ConditionCheck"}
    return kinds - _DERIVED or kinds


def _kind(key: Mapping[str, Any]) -> str:
    return _kind_of(key["PK"]["S"], key["SK"]["S"])


def _kind_of(pk: str, sk: str) -> str:
    head = pk.partition("#")[0]
    kind = sk.partition("#")[0]
    return _SHARED_ITEMS.get(head) or _MEMBER_ITEMS.get(kind) or (kind if head == "MEMBER" else head).lower()


def _joined(kinds: set[str]) -> str:
    return ", ".join(sorted(kinds))
