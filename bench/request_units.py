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
    Access,
    Body,
    Remembered,
    changes_of,
    charge_reads,
    charge_repetition,
    charge_writes,
    item_key,
    items_seen,
)

_UNLABELLED = "unlabelled"
_CHARGED_REFUSALS = frozenset({"TransactionCanceledException", "ConditionalCheckFailedException"})


@dataclass(frozen=True, slots=True)
class Request:
    """One request: what it named, in its own order, what it was charged, and how it was refused, if it was.

    `began` and `ended` are the ledger's own ticks: they order requests, and tell which went out side by side. One that
    an entry handed to another thread went out `aside`.
    """

    operation: str
    accesses: tuple[Access, ...]
    began: int
    ended: int
    refusal: str | None = None
    aside: bool = False

    @property
    def shape(self) -> tuple[str, int]:
        """The operation and the number of items it named: what can be told from outside, whoever was meant."""
        return (self.operation, len(self.accesses))

    @property
    def writes(self) -> bool:
        """Whether it asks for something to be written, carried out or not."""
        return not self.operation.endswith(("GetItem", "GetItems", "Query", "Scan"))

    @property
    def read_units(self) -> float:
        """All it was charged for reading."""
        return sum(access.read_units for access in self.accesses)

    @property
    def write_units(self) -> int:
        """All it was charged for writing."""
        return sum(access.write_units for access in self.accesses)


@dataclass
class Entry:
    """Everything that was asked of the table under one label; the label may be set until the entry is closed.

    `thread` is the one that opened it.
    """

    label: str
    requests: list[Request] = field(default_factory=list)
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
        """The longest chain of requests each of which began after the one before was answered.

        All that is handed to other threads between two requests of the entry's own thread is one link: none of it
        waits for the answer to another, whatever number of threads there are.
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


class Ledger:
    """Counts what a client asks of the table while the ledger is open: `with Ledger(client) as ledger`.

    Requests made inside `with ledger.entry(label)` belong to that entry. A thread that has opened none belongs to the
    one entry that is open, if there is just one: work that an entry hands to other threads is counted with it.
    """

    def __init__(self, client: BaseClient) -> None:
        self.entries: list[Entry] = []
        self._client = client
        self._ticks = count()
        self._lock = Lock()
        self._open: list[Entry] = []
        self._rest = Entry(_UNLABELLED)
        self._current: ContextVar[Entry | None] = ContextVar("entry", default=None)
        self._known = Remembered()
        self._carried_out: set[str] = set()
        self._handlers = {
            "before-call.dynamodb": self._before_call,
            "after-call.dynamodb": self._after_call,
            "after-call-error.dynamodb": self._after_call_error,
        }

    def __enter__(self) -> Self:
        """Begin to listen."""
        for event, handler in self._handlers.items():
            self._client.meta.events.register(event, handler)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop listening; what was counted stays."""
        for event, handler in self._handlers.items():
            self._client.meta.events.unregister(event, handler)

    @contextmanager
    def entry(self, label: str) -> Iterator[Entry]:
        """Count what this thread asks for under one label; an entry opened inside counts for itself alone."""
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
    def requests(self) -> list[Request]:
        """Every request that was answered so far, labelled or not, in the order in which they were sent."""
        with self._lock:
            found = [request for entry in (self._rest, *self.entries) for request in entry.requests]
        return sorted(found, key=lambda request: request.began)

    @property
    def writes(self) -> list[Request]:
        """Those of the requests that asked for something to be written, carried out or not."""
        return [request for request in self.requests if request.writes]

    def totals(self) -> dict[str, Total]:
        """What each label comes to, in the order in which labels were first used."""
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

    def _settle(self, context: dict[str, Any], answer: Body | None) -> None:
        sent = context.pop(self._mark, None)
        if sent is None:
            return
        with self._lock:
            refusal = "Unanswered" if answer is None else answer.get("Error", {}).get("Code")
            accesses = self._charge(sent, answer, refusal)
            sent.entry.requests.append(
                Request(sent.operation, accesses, sent.tick, next(self._ticks), refusal, sent.aside)
            )

    def _charge(self, sent: _Sent, answer: Body | None, refusal: str | None) -> tuple[Access, ...]:
        changes = changes_of(sent.operation, sent.body, self._known)
        if not changes:
            return self._charge_reads(sent, answer, refusal)
        times = TRANSACTION if sent.operation == "TransactWriteItems" else 1
        token = sent.body.get("ClientRequestToken")
        if token in self._carried_out and refusal in (None, "Unanswered"):
            return charge_repetition(changes, self._known)
        if refusal not in (None, "Unanswered", *_CHARGED_REFUSALS):
            return tuple(Access(change.action, change.key) for change in changes)
        accesses = charge_writes(changes, self._known, times=times)
        if refusal not in _CHARGED_REFUSALS:
            for change in changes:
                self._known.keep(change.key, change.after)
            if token:
                self._carried_out.add(token)
        return accesses

    def _charge_reads(self, sent: _Sent, answer: Body | None, refusal: str | None) -> tuple[Access, ...]:
        if answer is None or refusal:
            return ()
        for item in items_seen(sent.operation, sent.body, answer):
            self._known.keep(item_key(item), item)
        return charge_reads(sent.operation, sent.body, answer)

    @property
    def _mark(self) -> str:
        """Where the context of a call keeps what this ledger knows of it: several may listen."""
        return f"ledger {id(self)}"
