"""An in-memory table that answers the storage layer's requests as DynamoDB does.

It knows the operations, parameters and expressions that the storage layer uses. Any other raises NotImplementedError or
ValueError. It has no concurrency of its own: the caller decides the order of the requests.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from infra.in_memory_dynamodb.capacity import Capacity
from infra.in_memory_dynamodb.condition_expressions import is_met, placeholders_of
from infra.in_memory_dynamodb.errors import (
    CONDITION_FAILED,
    NO_REASON,
    THROTTLED,
    THROTTLED_ITEM,
    Reason,
    client_error,
    transaction_cancelled,
    validation_error,
)
from infra.in_memory_dynamodb.item_size import Item, item_size
from infra.in_memory_dynamodb.key_conditions import key_condition
from infra.in_memory_dynamodb.ordered_items import OrderedItems, StoredItem
from infra.in_memory_dynamodb.stream_records import ItemChange
from infra.in_memory_dynamodb.update_expressions import updated
from infra.table import KEY_ATTRIBUTES

Body = Mapping[str, Any]
Response = dict[str, Any]

WRITE_UNIT = 1024
READ_UNIT = 4096
# A transaction costs twice the units of single requests.
TRANSACTION_UNITS = 2
MAX_ITEM_BYTES = 400 * 1024
MAX_TRANSACTION_BYTES = 4 * 1024 * 1024
MAX_PAGE_BYTES = 1024 * 1024
MAX_ACTIONS = 100
MAX_KEYS = 100
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
    "PutItem": _COMMON | _PLACEHOLDERS | {"Item", "ConditionExpression"},
    "UpdateItem": _COMMON | _PLACEHOLDERS | {"Key", "UpdateExpression", "ConditionExpression"},
}
_CONDITIONED = _PLACEHOLDERS | {"TableName", "ConditionExpression", "ReturnValuesOnConditionCheckFailure"}
_ACTIONS = {
    "Put": _CONDITIONED | {"Item"},
    "Update": _CONDITIONED | {"Key", "UpdateExpression"},
    "Delete": _CONDITIONED | {"Key"},
    "ConditionCheck": _CONDITIONED | {"Key"},
}


class TableKey(NamedTuple):
    """A primary key."""

    pk: str
    sk: str


@dataclass(frozen=True, slots=True)
class _Action:
    """One action of a transaction with the item before and after it.

    A check leaves the item unchanged.
    """

    key: TableKey
    before: StoredItem | None
    after: StoredItem | None
    reason: Reason

    @property
    def size(self) -> int:
        return max(stored.size if stored else 0 for stored in (self.before, self.after))

    @property
    def units(self) -> int:
        return TRANSACTION_UNITS * _units(self.size, WRITE_UNIT)


@dataclass(frozen=True, slots=True)
class _CommittedTransaction:
    """The request and item sizes of a committed transaction, kept for its token."""

    until: float
    body: Body
    sizes: tuple[int, ...]


class InMemoryTable:
    """One table, empty at first.

    `now` returns seconds. Without `capacity` no units are counted. An eventually consistent read is stale by `lag`
    seconds, at most `max_lag`.
    """

    def __init__(
        self,
        name: str,
        now: Callable[[], float],
        *,
        capacity: Capacity | None = None,
        lag: Callable[[], float] = lambda: 0,
        max_lag: float = 0,
    ) -> None:
        self.name = name
        self.capacity = capacity
        self._now = now
        self._lag = lag
        self._max_lag = max_lag
        self._items = OrderedItems(max_lag)
        self._committed: dict[str, _CommittedTransaction] = {}
        self._tokens: deque[str] = deque()
        self._changes = 0
        self._listeners: list[Callable[[ItemChange], None]] = []
        self._operations: dict[str, Callable[[Body], Response]] = {
            "GetItem": self._get,
            "BatchGetItem": self._batch_get,
            "Query": self._query,
            "Scan": self._scan,
            "TransactWriteItems": self._transact,
            "PutItem": lambda request: self._write_single("Put", request),
            "UpdateItem": lambda request: self._write_single("Update", request),
        }

    def call(self, operation: str, request: Body) -> Response:
        """Execute one request. Raises ClientError where DynamoDB refuses it."""
        if operation not in self._operations:
            raise NotImplementedError(f"operation unknown to the in-memory table: {operation}")
        _check_known(operation, request, _KNOWN[operation])
        return self._operations[operation](request)

    def load(self, items: Iterable[Item]) -> None:
        """Store initial items, without a request, capacity or stream record."""
        for item in items:
            self._items.put(*_key(item), StoredItem(item, item_size(item)), self._now())

    def resume(self, other: "InMemoryTable") -> None:
        """Copy the content and history of another table. Later writes to one do not affect the other."""
        self._items = other._items.copy(self._max_lag)
        self._committed, self._tokens, self._changes = other._committed.copy(), other._tokens.copy(), other._changes

    def listen(self, listener: Callable[[ItemChange], None]) -> None:
        """Call `listener` with every change, in the order of the changes."""
        self._listeners.append(listener)

    def has_committed(self, token: str | None) -> bool:
        """Return True if a transaction with that token has committed. DynamoDB does not evaluate it again."""
        self._forget_tokens()
        return token in self._committed

    def _get(self, request: Body) -> Response:
        self._check_name("GetItem", request)
        stored = self._read(_key(request["Key"]), request.get("ConsistentRead", False))
        units = _read_units(stored.size if stored else 0, request)
        pk = request["Key"][_PK]["S"]
        self._serve_reads("GetItem", pk, units)
        response: Response = {"ConsumedCapacity": self._consumed(units)}
        return response | {"Item": stored.item} if stored else response

    def _batch_get(self, request: Body) -> Response:
        ((name, condition),) = request["RequestItems"].items()
        _check_known("BatchGetItem", condition, frozenset({"Keys", "ConsistentRead"}))
        self._check_name("BatchGetItem", {"TableName": name})
        keys = [_key(key) for key in condition["Keys"]]
        if not 0 < len(keys) <= MAX_KEYS:
            raise validation_error("BatchGetItem", "Too many items requested for the BatchGetItem call")
        if len(set(keys)) < len(keys):
            raise validation_error("BatchGetItem", "Provided list of item keys contains duplicates")
        found, left, spent = [], [], 0.0
        for key in sorted(keys):
            stored = self._read(key, condition.get("ConsistentRead", False))
            units = _read_units(stored.size if stored else 0, condition)
            if self.capacity and self.capacity.reads.try_spend({key.pk: units}):
                left.append(_attributes(key))
                continue
            spent += units
            if stored:
                found.append(stored.item)
        if len(left) == len(keys):
            raise client_error("BatchGetItem", THROTTLED, "The request rate for the table is too high.")
        unprocessed = {name: {**condition, "Keys": left}} if left else {}
        return {
            "Responses": {name: found},
            "UnprocessedKeys": unprocessed,
            "ConsumedCapacity": [self._consumed(spent)],
        }

    def _query(self, request: Body) -> Response:
        self._check_name("Query", request)
        condition = key_condition(request)
        at = self._now() if request.get("ConsistentRead", False) else self._now() - self._lag()
        start = request.get("ExclusiveStartKey")
        after = _key(start) if start else None
        if after and (after.pk != condition.pk or not condition.low <= after.sk <= condition.high):
            raise validation_error("Query", "The provided starting key does not match the key condition")
        partition = self._items.as_of(condition.pk, at)
        backwards = not request.get("ScanIndexForward", True)
        scanned_items = partition.between(condition.low, condition.high, backwards=backwards, after=after and after.sk)
        page = _Page(scanned_items, request)
        self._serve_reads("Query", condition.pk, page.units)
        return page.response | {"ConsumedCapacity": self._consumed(page.units)}

    def _scan(self, request: Body) -> Response:
        """Return a page of all items. Only the audit scans, so a scan uses no capacity of a partition key."""
        self._check_name("Scan", request)
        start = request.get("ExclusiveStartKey")
        after = _key(start) if start else TableKey("", "")
        page = _Page(self._items.items_after(*after), request)
        return page.response | {"ConsumedCapacity": self._consumed(page.units)}

    def _transact(self, request: Body) -> Response:
        body = {name: value for name, value in request.items() if name != "ClientRequestToken"}
        token = request.get("ClientRequestToken")
        if token and self.has_committed(token):
            return self._repeated_response(self._committed[token], body)
        actions = self._actions(request["TransactItems"])
        self._serve_writes(actions)
        if any(action.reason is not NO_REASON for action in actions):
            raise transaction_cancelled([action.reason for action in actions])
        for action in actions:
            if action.before is not action.after:
                self._store(action)
        if token:
            sizes = tuple(action.size for action in actions)
            self._committed[token] = _CommittedTransaction(self._now() + TOKEN_SECONDS, body, sizes)
            self._tokens.append(token)
        return {"ConsumedCapacity": [self._consumed(sum(action.units for action in actions))]}

    def _write_single(self, kind: str, request: Body) -> Response:
        """Put or update one item without a transaction, for half the units."""
        operation = f"{kind}Item"
        action = self._evaluate(kind, {name: request[name] for name in request if name in _ACTIONS[kind]})
        units = action.units // TRANSACTION_UNITS
        if self.capacity and self.capacity.writes.try_spend({action.key.pk: units}):
            raise client_error(operation, THROTTLED, "The request rate for the table is too high.")
        if action.reason is not NO_REASON:
            raise client_error(operation, "ConditionalCheckFailedException", "The conditional request failed")
        self._store(action)
        return {"ConsumedCapacity": self._consumed(units)}

    def _actions(self, entries: Iterable[Mapping[str, Body]]) -> list[_Action]:
        actions = [self._evaluate(kind, body) for entry in entries for kind, body in entry.items()]
        if not 0 < len(actions) <= MAX_ACTIONS:
            raise validation_error("TransactWriteItems", "Member must have length less than or equal to 100")
        if len({action.key for action in actions}) < len(actions):
            raise validation_error(
                "TransactWriteItems", "Transaction request cannot include multiple operations on one item"
            )
        if sum(action.after.size for action in actions if action.after) > MAX_TRANSACTION_BYTES:
            raise validation_error("TransactWriteItems", "Transaction request exceeds the 4MB transaction size limit")
        return actions

    def _evaluate(self, kind: str, body: Body) -> _Action:
        _check_known(kind, body, _ACTIONS[kind])
        self._check_name("TransactWriteItems", body)
        key = _key(body["Item"] if kind == "Put" else body["Key"])
        before = self._items.get(*key)
        item = before.item if before else {}
        reason = NO_REASON
        if "ConditionExpression" in body and not is_met(body["ConditionExpression"], item, placeholders_of(body)):
            reason = {"Code": CONDITION_FAILED, "Message": "The conditional request failed"}
            if body.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" and before:
                reason["Item"] = before.item
        return _Action(key, before, _after(kind, body, before), reason)

    def _store(self, action: _Action) -> None:
        now = self._now()
        self._items.put(*action.key, action.after, now)
        if action.before and action.after and action.before.item == action.after.item:
            # A write that changes nothing has no stream record.
            return
        self._changes += 1
        for listener in self._listeners:
            listener(ItemChange(self._changes, now, action.before, action.after))

    def _repeated_response(self, committed: _CommittedTransaction, body: Body) -> Response:
        """Return the response to a repeated transaction, which costs the units of a read."""
        if committed.body != body:
            code = "IdempotentParameterMismatchException"
            raise client_error("TransactWriteItems", code, "Request token already in use for another request")
        units = sum(TRANSACTION_UNITS * _units(size, READ_UNIT) for size in committed.sizes)
        return {"ConsumedCapacity": [self._consumed(units)]}

    def _forget_tokens(self) -> None:
        while self._tokens and self._committed[self._tokens[0]].until <= self._now():
            del self._committed[self._tokens.popleft()]

    def _read(self, key: TableKey, consistent: bool) -> StoredItem | None:
        if consistent:
            return self._items.get(*key)
        return self._items.as_of(key.pk, self._now() - self._lag()).stored.get(key.sk)

    def _serve_reads(self, operation: str, pk: str, units: float) -> None:
        if self.capacity and self.capacity.reads.try_spend({pk: units}):
            raise client_error(operation, THROTTLED, "The request rate for the table is too high.")

    def _serve_writes(self, actions: list[_Action]) -> None:
        if self.capacity is None:
            return
        wanted: Counter[str] = Counter()
        for action in actions:
            wanted[action.key.pk] += action.units
        refused_keys = self.capacity.writes.try_spend(wanted)
        if refused_keys:
            throttled = {"Code": THROTTLED_ITEM, "Message": "Throughput exceeds the current capacity of your table."}
            raise transaction_cancelled(
                [throttled if action.key.pk in refused_keys else NO_REASON for action in actions]
            )

    def _check_name(self, operation: str, body: Body) -> None:
        if body["TableName"] != self.name:
            raise client_error(operation, "ResourceNotFoundException", "Requested resource not found")

    def _consumed(self, units: float) -> Response:
        return {"TableName": self.name, "CapacityUnits": float(units)}


class _Page:
    """One page of a query or scan, limited in items and size, and then filtered."""

    def __init__(self, scanned_items: Iterable[StoredItem], request: Body) -> None:
        self._size = 0
        self._full = False
        limit = request.get("Limit")
        scanned = list(islice(self._until_full(scanned_items), limit))
        kept = [stored.item for stored in scanned if _passes(stored.item, request)]
        self.units = _read_units(self._size, request)
        self.response: Response = {"Items": kept, "Count": len(kept), "ScannedCount": len(scanned)}
        if scanned and (self._full or len(scanned) == limit):
            # A page that ends at its limit does not say whether more items follow.
            self.response["LastEvaluatedKey"] = _attributes(_key(scanned[-1].item))

    def _until_full(self, scanned_items: Iterable[StoredItem]) -> Iterable[StoredItem]:
        for stored in scanned_items:
            if self._size and self._size + stored.size > MAX_PAGE_BYTES:
                self._full = True
                return
            self._size += stored.size
            yield stored
        self._full = self._size == MAX_PAGE_BYTES


def _passes(item: Item, request: Body) -> bool:
    return "FilterExpression" not in request or is_met(request["FilterExpression"], item, placeholders_of(request))


def _after(kind: str, body: Body, before: StoredItem | None) -> StoredItem | None:
    """Return the item that an action leaves, or None."""
    match kind:
        case "Put":
            return _stored_item(body["Item"])
        case "Update":
            return _stored_item(updated(before.item if before else {}, body))
        case "Delete":
            return None
    return before


def _stored_item(item: Item) -> StoredItem:
    """Return an item to store. Raises ClientError if it is too large or has an empty set."""
    stored = StoredItem(item, item_size(item))
    if stored.size > MAX_ITEM_BYTES:
        raise validation_error("TransactWriteItems", "Item size has exceeded the maximum allowed size")
    if any(not elements for value in item.values() for kind, elements in value.items() if kind in ("SS", "NS", "BS")):
        raise validation_error("TransactWriteItems", "An attribute value may not be an empty set")
    return stored


def _key(attributes: Item) -> TableKey:
    return TableKey(attributes[_PK]["S"], attributes[_SK]["S"])


def _attributes(key: TableKey) -> dict[str, dict[str, str]]:
    return {_PK: {"S": key.pk}, _SK: {"S": key.sk}}


def _units(size: int, unit: int) -> int:
    """Return the whole units of a size, at least one."""
    return max(1, -(-size // unit))


def _read_units(size: int, request: Body) -> float:
    return _units(size, READ_UNIT) * (1 if request.get("ConsistentRead", False) else 0.5)


def _check_known(what: str, body: Body, known: frozenset[str]) -> None:
    if unknown := body.keys() - known:
        raise NotImplementedError(f"parameters of {what} unknown to the in-memory table: {sorted(unknown)}")
