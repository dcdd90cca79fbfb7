"""The request units that a deployment would be charged, computed from requests and responses.

The ledger listens to the events of a botocore client. It estimates nothing from the code and asks the engine nothing.
Its assumptions are DynamoDB's published rules:

- `infra.in_memory_dynamodb.item_size` gives the size of an item. A write costs one unit per started KB, at least one,
  and twice that in a transaction. A read costs one unit per started 4 KB, half of that if eventually consistent, and
  twice that in a transaction.
- A put or an update costs by the larger of the old and the new item, a delete or a condition check by the stored item.
  The ledger knows the items that it saw written or returned by a strongly consistent read. An item that it never saw
  counts as missing.
- A cancelled transaction costs the same as a committed one, and so does a single write that failed its condition. Any
  other refused request (throttled, invalid) costs nothing.
- A transaction whose response was lost counts as committed. A committed transaction that is sent again with the same
  token costs as reads.
- GetItem, BatchGetItem and TransactGetItems cost item by item, each rounded up. A missing item costs the minimum. Query
  and Scan cost page by page, by the sum of the sizes.

A request that the client library retries by itself counts once. Two writes of one item by two threads are applied in
the order of their responses.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import count
from threading import Lock, get_ident
from types import TracebackType
from typing import Any, Self

from botocore.client import BaseClient

from bench.billing import (
    TRANSACTION,
    Body,
    ItemAccess,
    KnownItems,
    charge_reads,
    charge_repeated_transaction,
    charge_writes,
    complete_items,
    item_key,
    writes_of,
)

_UNLABELLED = "unlabelled"
# The error code of a request whose response was lost.
_UNKNOWN_OUTCOME = "Unanswered"
_CHARGED_REFUSALS = frozenset({"TransactionCanceledException", "ConditionalCheckFailedException"})


@dataclass(frozen=True, slots=True)
class CountedRequest:
    """One request with its accesses in request order, their units and the error code of a refusal.

    `began` and `ended` are ticks of the ledger. They order the requests and show which ran in parallel. `aside` marks a
    request that an entry handed to another thread.
    """

    operation: str
    accesses: tuple[ItemAccess, ...]
    began: int
    ended: int
    refusal: str | None = None
    aside: bool = False

    @property
    def shape(self) -> tuple[str, int]:
        """The operation and the number of its items, which an observer can see without knowing the members."""
        return (self.operation, len(self.accesses))

    @property
    def writes(self) -> bool:
        """True for a write, committed or not."""
        return not self.operation.endswith(("GetItem", "GetItems", "Query", "Scan"))

    @property
    def read_units(self) -> float:
        """The read units of all its accesses."""
        return sum(access.read_units for access in self.accesses)

    @property
    def write_units(self) -> int:
        """The write units of all its accesses."""
        return sum(access.write_units for access in self.accesses)


@dataclass
class Entry:
    """The requests under one label. The label may change until the entry is closed.

    `thread` is the thread that opened it.
    """

    label: str
    requests: list[CountedRequest] = field(default_factory=list)
    thread: int = field(default_factory=get_ident)

    @property
    def read_units(self) -> float:
        """The read units of all its requests."""
        return sum(request.read_units for request in self.requests)

    @property
    def write_units(self) -> int:
        """The write units of all its requests."""
        return sum(request.write_units for request in self.requests)

    @property
    def round_trips(self) -> int:
        """The length of the longest chain of requests that each began after the response to the one before.

        All requests of other threads between two requests of the entry's own thread are one link. None of them waits
        for the response to another, for any number of threads.
        """
        trips, answered, before = 0, -1, None
        for request in sorted(self.requests, key=lambda request: request.ended):
            if request.began > answered and not (request.aside and before and before.aside):
                trips, answered = trips + 1, request.ended
            before = request
        return trips


@dataclass
class Total:
    """The sum of all entries under one label."""

    entries: int = 0
    requests: int = 0
    round_trips: int = 0
    read_units: float = 0
    write_units: int = 0

    def add(self, entry: Entry) -> None:
        """Count one more entry."""
        self.entries += 1
        self.requests += len(entry.requests)
        self.round_trips += entry.round_trips
        self.read_units += entry.read_units
        self.write_units += entry.write_units


@dataclass
class _Sent:
    tick: int
    operation: str
    body: Body
    entry: Entry
    aside: bool


class RequestUnitLedger:
    """The requests of a client inside `with ... as ledger`, with their request units.

    Requests inside `with ledger.entry(label)` belong to that entry. The requests of a thread without an entry belong to
    the one open entry, if exactly one is open. So the work that an entry hands to other threads counts for it.
    """

    def __init__(self, client: BaseClient) -> None:
        self.entries: list[Entry] = []
        self._client = client
        self._ticks = count()
        self._lock = Lock()
        self._open: list[Entry] = []
        self._rest = Entry(_UNLABELLED)
        self._current: ContextVar[Entry | None] = ContextVar("entry", default=None)
        self._known = KnownItems()
        self._committed: set[str] = set()
        self._handlers = {
            "before-call.dynamodb": self._before_call,
            "after-call.dynamodb": self._after_call,
            "after-call-error.dynamodb": self._after_call_error,
        }

    def __enter__(self) -> Self:
        """Start listening."""
        for event, handler in self._handlers.items():
            self._client.meta.events.register(event, handler)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop listening and keep the entries."""
        for event, handler in self._handlers.items():
            self._client.meta.events.unregister(event, handler)

    @contextmanager
    def entry(self, label: str) -> Iterator[Entry]:
        """Count the requests of this thread under a label, except those of entries opened inside."""
        entry = Entry(label)
        with self._lock:
            self.entries.append(entry)
            self._open.append(entry)
        before = self._current.set(entry)
        try:
            yield entry
        finally:
            self._current.reset(before)
            with self._lock:
                self._open = [other for other in self._open if other is not entry]

    @property
    def requests(self) -> list[CountedRequest]:
        """All completed requests in the order of sending, with or without a label."""
        with self._lock:
            found = [request for entry in (self._rest, *self.entries) for request in entry.requests]
        return sorted(found, key=lambda request: request.began)

    @property
    def writes(self) -> list[CountedRequest]:
        """The writes among the requests, committed or not."""
        return [request for request in self.requests if request.writes]

    def totals(self) -> dict[str, Total]:
        """Return the total of each label in the order of first use."""
        totals: dict[str, Total] = {}
        for entry in self.entries:
            totals.setdefault(entry.label, Total()).add(entry)
        return totals

    def _before_call(self, *, model: Any, params: Any, context: dict[str, Any], **_rest: Any) -> None:
        with self._lock:
            own = self._current.get()
            entry = own or (self._open[0] if len(self._open) == 1 else self._rest)
            body = json.loads(params["body"])
            aside = entry.thread != get_ident()
            context[self._mark] = _Sent(next(self._ticks), model.name, body, entry, aside)

    def _after_call(self, *, parsed: Body, context: dict[str, Any], **_rest: Any) -> None:
        self._settle(context, parsed)

    def _after_call_error(self, *, context: dict[str, Any], **_rest: Any) -> None:
        self._settle(context, None)

    def _settle(self, context: dict[str, Any], response: Body | None) -> None:
        sent = context.pop(self._mark, None)
        if sent is None:
            return
        with self._lock:
            refusal = _UNKNOWN_OUTCOME if response is None else response.get("Error", {}).get("Code")
            accesses = self._charge(sent, response, refusal)
            sent.entry.requests.append(
                CountedRequest(sent.operation, accesses, sent.tick, next(self._ticks), refusal, sent.aside)
            )

    def _charge(self, sent: _Sent, response: Body | None, refusal: str | None) -> tuple[ItemAccess, ...]:
        changes = writes_of(sent.operation, sent.body, self._known)
        if not changes:
            return self._charge_reads(sent, response, refusal)
        times = TRANSACTION if sent.operation == "TransactWriteItems" else 1
        token = sent.body.get("ClientRequestToken")
        if token in self._committed and refusal in (None, _UNKNOWN_OUTCOME):
            return charge_repeated_transaction(changes, self._known)
        if refusal not in (None, _UNKNOWN_OUTCOME, *_CHARGED_REFUSALS):
            return tuple(ItemAccess(change.action, change.key) for change in changes)
        accesses = charge_writes(changes, self._known, times=times)
        if refusal not in _CHARGED_REFUSALS:
            for change in changes:
                self._known.keep(change.key, change.after)
            if token:
                self._committed.add(token)
        return accesses

    def _charge_reads(self, sent: _Sent, response: Body | None, refusal: str | None) -> tuple[ItemAccess, ...]:
        if response is None or refusal:
            return ()
        for item in complete_items(sent.operation, sent.body, response):
            self._known.keep(item_key(item), item)
        return charge_reads(sent.operation, sent.body, response)

    @property
    def _mark(self) -> str:
        """The key of this ledger's data in the context of a call, since several ledgers may listen."""
        return f"ledger {id(self)}"
