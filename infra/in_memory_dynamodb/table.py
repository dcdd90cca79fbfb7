"""The table in memory: answers and refuses what the storage layer asks as DynamoDB does, at the instant it is asked.

It knows the operations, parameters and expressions that the storage layer uses and raises NotImplementedError or
ValueError for any other. It does nothing side by side: whoever calls it decides what happens in which order.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from infra.in_memory_dynamodb.capacity import Capacity
from infra.in_memory_dynamodb.condition_expressions import bound, holds
from infra.in_memory_dynamodb.errors import (
    CONDITION_FAILED,
    NO_REASON,
    THROTTLED,
    THROTTLED_ITEM,
    Reason,
    cancelled,
    invalid,
    refusal,
)
from infra.in_memory_dynamodb.item_size import Item, item_size
from infra.in_memory_dynamodb.key_conditions import key_condition
from infra.in_memory_dynamodb.ordered_items import Row, Rows
from infra.in_memory_dynamodb.stream_records import Change
from infra.in_memory_dynamodb.update_expressions import updated
from infra.table import KEY_ATTRIBUTES

Body = Mapping[str, Any]
Answer = dict[str, Any]

WRITE_UNIT = 1024
READ_UNIT = 4096
# A transaction takes each unit twice.
TRANSACTION = 2
LARGEST_ITEM = 400 * 1024
LARGEST_TRANSACTION = 4 * 1024 * 1024
LARGEST_PAGE = 1024 * 1024
MOST_ACTIONS = 100
MOST_KEYS = 100
TOKEN_SECONDS = 600

_PK, _SK = KEY_ATTRIBUTES
_PLACEHOLDERS = frozenset({"ExpressionAttributeNames", "ExpressionAttributeValues"})
_COMMON = frozenset({"TableName", "ReturnConsumedCapacity"})
_PAGED = _COMMON | _PLACEHOLDERS | {"FilterExpression", "Limit", "ExclusiveStartKey", "ConsistentRead"}
_KNOWN = {
    "GetItem": _COMMON | {"Key", "ConsistentRead"},
    "BatchGetItem": frozenset({"RequestItems", "ReturnConsumedCapacity"}),
    "Query": _PAGED | {"KeyConditionExpression", "ScanIndexForward"},
    "Scan": _PAGED,
    "TransactWriteItems": frozenset({"TransactItems", "ClientRequestToken", "ReturnConsumedCapacity"}),
}
_CONDITIONED = _PLACEHOLDERS | {"TableName", "ConditionExpression", "ReturnValuesOnConditionCheckFailure"}
_ACTIONS = {
    "Put": _CONDITIONED | {"Item"},
    "Update": _CONDITIONED | {"Key", "UpdateExpression"},
    "Delete": _CONDITIONED | {"Key"},
    "ConditionCheck": _CONDITIONED | {"Key"},
}


class Key(NamedTuple):
    """A primary key."""

    pk: str
    sk: str


@dataclass(frozen=True, slots=True)
class _Action:
    """One action of a transaction: what it finds, and what it would leave; a check leaves what it found."""

    key: Key
    before: Row | None
    after: Row | None
    reason: Reason

    @property
    def size(self) -> int:
        return max(row.size if row else 0 for row in (self.before, self.after))

    @property
    def units(self) -> int:
        return TRANSACTION * _units(self.size, WRITE_UNIT)


@dataclass(frozen=True, slots=True)
class _Carried:
    """A transaction that was carried out, by its token."""

    until: float
    body: Body
    sizes: tuple[int, ...]


class SimulatedTable:
    """One table, empty at first.

    `now` gives seconds; without `capacity` nothing is counted. Reads that may be stale are `behind` by so many
    seconds, never more than `most_behind`.
    """

    def __init__(
        self,
        name: str,
        now: Callable[[], float],
        *,
        capacity: Capacity | None = None,
        behind: Callable[[], float] = lambda: 0,
        most_behind: float = 0,
    ) -> None:
        self.name = name
        self.capacity = capacity
        self._now = now
        self._behind = behind
        self._most_behind = most_behind
        self._rows = Rows(most_behind)
        self._carried: dict[str, _Carried] = {}
        self._tokens: deque[str] = deque()
        self._changes = 0
        self._listeners: list[Callable[[Change], None]] = []
        self._operations: dict[str, Callable[[Body], Answer]] = {
            "GetItem": self._get,
            "BatchGetItem": self._batch_get,
            "Query": self._query,
            "Scan": self._scan,
            "TransactWriteItems": self._transact,
        }

    def call(self, operation: str, request: Body) -> Answer:
        """Carry out one request. Raises ClientError where the table refuses it, and tells of a refused item why."""
        if operation not in self._operations:
            raise NotImplementedError(f"an operation that the simulated table does not know: {operation}")
        _check_known(operation, request, _KNOWN[operation])
        return self._operations[operation](request)

    def load(self, items: Iterable[Item]) -> None:
        """Store items that are there from the beginning: no request, no capacity, no record in the stream."""
        for item in items:
            self._rows.put(*_key(item), Row(item, item_size(item)), self._now())

    def resume(self, other: "SimulatedTable") -> None:
        """Go on from what another table holds and has done; from then on neither sees what is written to the other."""
        self._rows = other._rows.copy(self._most_behind)
        self._carried, self._tokens, self._changes = other._carried.copy(), other._tokens.copy(), other._changes

    def listen(self, listener: Callable[[Change], None]) -> None:
        """Tell `listener` of every change, in the order in which they are made."""
        self._listeners.append(listener)

    def has_carried_out(self, token: str | None) -> bool:
        """Whether a transaction of that token was carried out: sent again it is neither judged nor done again."""
        self._forget_tokens()
        return token in self._carried

    def _get(self, request: Body) -> Answer:
        self._check_name("GetItem", request)
        row = self._read(_key(request["Key"]), request.get("ConsistentRead", False))
        units = _read_units(row.size if row else 0, request)
        pk = request["Key"][_PK]["S"]
        self._serve_reads("GetItem", pk, units)
        answer: Answer = {"ConsumedCapacity": self._consumed(units)}
        return answer | {"Item": row.item} if row else answer

    def _batch_get(self, request: Body) -> Answer:
        ((name, asked),) = request["RequestItems"].items()
        _check_known("BatchGetItem", asked, frozenset({"Keys", "ConsistentRead"}))
        self._check_name("BatchGetItem", {"TableName": name})
        keys = [_key(key) for key in asked["Keys"]]
        if not 0 < len(keys) <= MOST_KEYS:
            raise invalid("BatchGetItem", "Too many items requested for the BatchGetItem call")
        if len(set(keys)) < len(keys):
            raise invalid("BatchGetItem", "Provided list of item keys contains duplicates")
        found, left, spent = [], [], 0.0
        for key in sorted(keys):
            row = self._read(key, asked.get("ConsistentRead", False))
            units = _read_units(row.size if row else 0, asked)
            if self.capacity and self.capacity.reads.refuse({key.pk: units}):
                left.append(_attributes(key))
                continue
            spent += units
            if row:
                found.append(row.item)
        if len(left) == len(keys):
            raise refusal("BatchGetItem", THROTTLED, "The request rate for the table is too high.")
        unprocessed = {name: {**asked, "Keys": left}} if left else {}
        return {
            "Responses": {name: found},
            "UnprocessedKeys": unprocessed,
            "ConsumedCapacity": [self._consumed(spent)],
        }

    def _query(self, request: Body) -> Answer:
        self._check_name("Query", request)
        asked = key_condition(request)
        at = self._now() if request.get("ConsistentRead", False) else self._now() - self._behind()
        start = request.get("ExclusiveStartKey")
        after = _key(start) if start else None
        if after and (after.pk != asked.pk or not asked.low <= after.sk <= asked.high):
            raise invalid("Query", "The provided starting key does not match the key condition")
        partition = self._rows.as_of(asked.pk, at)
        backwards = not request.get("ScanIndexForward", True)
        rows = partition.between(asked.low, asked.high, backwards=backwards, after=after and after.sk)
        page = _Page(rows, request)
        self._serve_reads("Query", asked.pk, page.units)
        return page.answer | {"ConsumedCapacity": self._consumed(page.units)}

    def _scan(self, request: Body) -> Answer:
        """Every item; an audit, so it takes nothing from the capacity of any partition key."""
        self._check_name("Scan", request)
        start = request.get("ExclusiveStartKey")
        after = _key(start) if start else Key("", "")
        page = _Page(self._rows.behind(*after), request)
        return page.answer | {"ConsumedCapacity": self._consumed(page.units)}

    def _transact(self, request: Body) -> Answer:
        body = {name: value for name, value in request.items() if name != "ClientRequestToken"}
        token = request.get("ClientRequestToken")
        if token and self.has_carried_out(token):
            return self._repeat(self._carried[token], body)
        actions = self._actions(request["TransactItems"])
        self._serve_writes(actions)
        if any(action.reason is not NO_REASON for action in actions):
            raise cancelled([action.reason for action in actions])
        for action in actions:
            if action.before is not action.after:
                self._store(action)
        if token:
            sizes = tuple(action.size for action in actions)
            self._carried[token] = _Carried(self._now() + TOKEN_SECONDS, body, sizes)
            self._tokens.append(token)
        return {"ConsumedCapacity": [self._consumed(sum(action.units for action in actions))]}

    def _actions(self, entries: Iterable[Mapping[str, Body]]) -> list[_Action]:
        actions = [self._judge(kind, body) for entry in entries for kind, body in entry.items()]
        if not 0 < len(actions) <= MOST_ACTIONS:
            raise invalid("TransactWriteItems", "Member must have length less than or equal to 100")
        if len({action.key for action in actions}) < len(actions):
            raise invalid("TransactWriteItems", "Transaction request cannot include multiple operations on one item")
        if sum(action.after.size for action in actions if action.after) > LARGEST_TRANSACTION:
            raise invalid("TransactWriteItems", "Transaction request exceeds the 4MB transaction size limit")
        return actions

    def _judge(self, kind: str, body: Body) -> _Action:
        _check_known(kind, body, _ACTIONS[kind])
        self._check_name("TransactWriteItems", body)
        key = _key(body["Item"] if kind == "Put" else body["Key"])
        before = self._rows.get(*key)
        item = before.item if before else {}
        reason = NO_REASON
        if "ConditionExpression" in body and not holds(body["ConditionExpression"], item, bound(body)):
            reason = {"Code": CONDITION_FAILED, "Message": "The conditional request failed"}
            if body.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" and before:
                reason["Item"] = before.item
        return _Action(key, before, _after(kind, body, before), reason)

    def _store(self, action: _Action) -> None:
        now = self._now()
        self._rows.put(*action.key, action.after, now)
        if action.before and action.after and action.before.item == action.after.item:
            # Written again as it was: the stream says nothing of it.
            return
        self._changes += 1
        for listener in self._listeners:
            listener(Change(self._changes, now, action.before, action.after))

    def _repeat(self, carried: _Carried, body: Body) -> Answer:
        """What is answered to a transaction sent again: nothing is done, and it costs what reading would."""
        if carried.body != body:
            code = "IdempotentParameterMismatchException"
            raise refusal("TransactWriteItems", code, "Request token already in use for another request")
        units = sum(TRANSACTION * _units(size, READ_UNIT) for size in carried.sizes)
        return {"ConsumedCapacity": [self._consumed(units)]}

    def _forget_tokens(self) -> None:
        while self._tokens and self._carried[self._tokens[0]].until <= self._now():
            del self._carried[self._tokens.popleft()]

    def _read(self, key: Key, consistent: bool) -> Row | None:
        if consistent:
            return self._rows.get(*key)
        return self._rows.as_of(key.pk, self._now() - self._behind()).rows.get(key.sk)

    def _serve_reads(self, operation: str, pk: str, units: float) -> None:
        if self.capacity and self.capacity.reads.refuse({pk: units}):
            raise refusal(operation, THROTTLED, "The request rate for the table is too high.")

    def _serve_writes(self, actions: list[_Action]) -> None:
        if self.capacity is None:
            return
        wanted: Counter[str] = Counter()
        for action in actions:
            wanted[action.key.pk] += action.units
        beyond = self.capacity.writes.refuse(wanted)
        if beyond:
            throttled = {"Code": THROTTLED_ITEM, "Message": "Throughput exceeds the current capacity of your table."}
            raise cancelled([throttled if action.key.pk in beyond else NO_REASON for action in actions])

    def _check_name(self, operation: str, body: Body) -> None:
        if body["TableName"] != self.name:
            raise refusal(operation, "ResourceNotFoundException", "Requested resource not found")

    def _consumed(self, units: float) -> Answer:
        return {"TableName": self.name, "CapacityUnits": float(units)}


class _Page:
    """One page of a query or a scan: as many rows as limit and size let through, then the filter."""

    def __init__(self, rows: Iterable[Row], request: Body) -> None:
        self._size = 0
        self._full = False
        limit = request.get("Limit")
        scanned = list(islice(self._until_full(rows), limit))
        kept = [row.item for row in scanned if _passes(row.item, request)]
        self.units = _read_units(self._size, request)
        self.answer: Answer = {"Items": kept, "Count": len(kept), "ScannedCount": len(scanned)}
        if scanned and (self._full or len(scanned) == limit):
            # Whoever stops at the limit does not look whether more would follow.
            self.answer["LastEvaluatedKey"] = _attributes(_key(scanned[-1].item))

    def _until_full(self, rows: Iterable[Row]) -> Iterable[Row]:
        for row in rows:
            if self._size and self._size + row.size > LARGEST_PAGE:
                self._full = True
                return
            self._size += row.size
            yield row
        self._full = self._size == LARGEST_PAGE


def _passes(item: Item, request: Body) -> bool:
    return "FilterExpression" not in request or holds(request["FilterExpression"], item, bound(request))


def _after(kind: str, body: Body, before: Row | None) -> Row | None:
    """What an action leaves of an item."""
    match kind:
        case "Put":
            return _row(body["Item"])
        case "Update":
            return _row(updated(before.item if before else {}, body))
        case "Delete":
            return None
    return before


def _row(item: Item) -> Row:
    """A row of what an action stores. Raises ClientError where it cannot be stored."""
    row = Row(item, item_size(item))
    if row.size > LARGEST_ITEM:
        raise invalid("TransactWriteItems", "Item size has exceeded the maximum allowed size")
    if any(not held for value in item.values() for kind, held in value.items() if kind in ("SS", "NS", "BS")):
        raise invalid("TransactWriteItems", "An attribute value may not be an empty set")
    return row


def _key(attributes: Item) -> Key:
    return Key(attributes[_PK]["S"], attributes[_SK]["S"])


def _attributes(key: Key) -> dict[str, dict[str, str]]:
    return {_PK: {"S": key.pk}, _SK: {"S": key.sk}}


def _units(size: int, unit: int) -> int:
    """Whole units; nothing is charged one as well."""
    return max(1, -(-size // unit))


def _read_units(size: int, request: Body) -> float:
    return _units(size, READ_UNIT) * (1 if request.get("ConsistentRead", False) else 0.5)


def _check_known(what: str, body: Body, known: frozenset[str]) -> None:
    if unknown := body.keys() - known:
        raise NotImplementedError(f"parameters of {what} that the simulated table does not know: {sorted(unknown)}")
