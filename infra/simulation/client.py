"""A replacement of botocore's client below PynamoDB, with simulated latency."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.storage.connection import RETRIES, WRITES
from infra.in_memory_dynamodb.errors import THROTTLED
from infra.in_memory_dynamodb.table import Body, InMemoryTable, Response
from infra.simulation.scheduler import Scheduler

# The error codes that the client library retries. A cancelled transaction is not among them.
_RETRIED = frozenset({THROTTLED, "ThrottlingException", "RequestLimitExceeded", "TransactionInProgressException"})


@dataclass(frozen=True, slots=True)
class Latency:
    """The mean seconds of a request, exponentially distributed above half of the mean."""

    read: float = 0.005
    transaction: float = 0.010

    def draw(self, operation: str, rng: Random) -> float:
        """Return the seconds of one way, to the table or back."""
        whole = self.transaction if operation in WRITES else self.read
        return whole * (0.5 + rng.expovariate(2)) / 2


@dataclass(frozen=True, slots=True)
class ServedRequest:
    """One request at the instant of its execution, with its error code if it was refused."""

    at: float
    operation: str
    request: Body
    error_code: str | None


@dataclass
class SimulatedClient:
    """A client that sends requests to the table on simulated time and reports each to `listeners`."""

    table: InMemoryTable
    scheduler: Scheduler
    rng: Random
    latency: Latency = Latency()
    listeners: list[Callable[[ServedRequest], None]] = field(default_factory=list)
    requests: int = 0
    # PynamoDB reads it to check whether the client was made without credentials.
    _request_signer: None = None

    def _make_api_call(self, operation: str, request: dict[str, Any]) -> Response:
        """Send a request, and retry it after a pause if the table is throttled, as botocore does."""
        for _ in range(RETRIES):
            try:
                return self._send(operation, request)
            except ClientError as error:
                if error.response["Error"]["Code"] not in _RETRIED:
                    raise
            self.scheduler.pause(self.rng.random())
        return self._send(operation, request)

    def _send(self, operation: str, request: dict[str, Any]) -> Response:
        self.scheduler.pause(self.latency.draw(operation, self.rng))
        try:
            return self._serve(operation, request)
        finally:
            self.scheduler.pause(self.latency.draw(operation, self.rng))

    def _serve(self, operation: str, request: dict[str, Any]) -> Response:
        self.requests += 1
        error_code = None
        try:
            return self.table.call(operation, request)
        except ClientError as error:
            error_code = error.response["Error"]["Code"]
            raise
        finally:
            for listener in self.listeners:
                listener(ServedRequest(self.scheduler.seconds, operation, request, error_code))


def canonical_text(request: Body) -> str:
    """Return the text of a request, independent of Python's order of sets."""
    return json.dumps(_ordered(request), sort_keys=True)


def _ordered(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _ordered(held, key) for key, held in value.items()}
    if isinstance(value, list):
        found = [_ordered(held) for held in value]
        return sorted(found, key=json.dumps) if name in ("Keys", "TransactItems", "SS") else found
    return value
