"""What stands in the place of botocore's client below PynamoDB: each request takes its time there and back."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.storage.connection import RETRIES
from infra.in_memory_dynamodb.errors import THROTTLED
from infra.in_memory_dynamodb.table import Body, InMemoryTable, Response
from infra.simulation.scheduler import Scheduler

# What the client library sends again by itself; a cancelled transaction is not among it.
_RETRIED = frozenset({THROTTLED, "ThrottlingException", "RequestLimitExceeded", "TransactionInProgressException"})


@dataclass(frozen=True, slots=True)
class Latency:
    """The seconds that a request takes on average: never less than half of that, now and then several times."""

    read: float = 0.005
    transaction: float = 0.010

    def draw(self, operation: str, rng: Random) -> float:
        """The seconds of one way, there or back."""
        whole = self.transaction if operation == "TransactWriteItems" else self.read
        return whole * (0.5 + rng.expovariate(2)) / 2


@dataclass(frozen=True, slots=True)
class ServedRequest:
    """One request at the instant the table served it: what was asked, and the refusal, if it was refused."""

    at: float
    operation: str
    request: Body
    error_code: str | None


@dataclass
class SimulatedClient:
    """Carries requests to the table on simulated time; `listeners` is told of each that was served or refused."""

    table: InMemoryTable
    scheduler: Scheduler
    rng: Random
    latency: Latency = Latency()
    listeners: list[Callable[[ServedRequest], None]] = field(default_factory=list)
    requests: int = 0
    # PynamoDB asks for it, to see whether the client was made without credentials.
    _request_signer: None = None

    def _make_api_call(self, operation: str, request: dict[str, Any]) -> Response:
        """Send a request, and once more after a while where the table takes no more, as botocore does."""
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
    """The text of a request that does not depend on the order in which Python keeps sets."""
    return json.dumps(_ordered(request), sort_keys=True)


def _ordered(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _ordered(held, key) for key, held in value.items()}
    if isinstance(value, list):
        found = [_ordered(held) for held in value]
        return sorted(found, key=json.dumps) if name in ("Keys", "TransactItems", "SS") else found
    return value
