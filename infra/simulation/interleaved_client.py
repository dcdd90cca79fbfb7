"""A replacement of botocore's client below PynamoDB whose requests wait for their turn."""

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from chalicelib.storage.connection import RETRIES
from infra.in_memory_dynamodb.table import InMemoryTable, Response
from infra.simulation.channel_services import CHANNEL_OPERATIONS, ChannelServices
from infra.simulation.faults import (
    CANCELLATIONS,
    TRANSACT_WRITE,
    Request,
    RequestFault,
    error_for,
    faults_of,
    is_retried,
    partial_request,
    partial_response,
    positions,
    timeout_error,
)
from infra.simulation.interleaver import Interleaver

OK = "ok"
STALE_LAG = 10_000_000.0
_SERVED_BEFORE_FAULT = frozenset({RequestFault.RESPONSE_LOST, RequestFault.CRASH_AFTER})


@dataclass(frozen=True, slots=True)
class PlannedFault:
    """A fault to inject into a request.

    A number selects among the faults that the request can meet. `position` selects among the positions in a
    transaction. `times` successive attempts meet the fault.
    """

    fault: RequestFault | int
    position: int = 0
    times: int = 1


@dataclass(frozen=True, slots=True)
class SentRequest:
    """One attempt to send a request, with its actor, outcome and fault."""

    actor: int | None
    operation: str
    request: Request
    outcome: str
    fault: RequestFault | None = None
    position: int = 0


@dataclass
class InterleavedClient:
    """A client that sends each request in its actor's turn and injects the planned faults.

    Requests of the channels go to `services`, all others to `table`.
    `plan` has the planned faults by actor and request number; -1 is the first write. `rewrite` may change a request
    before it is sent.
    """

    table: InMemoryTable
    interleaver: Interleaver
    plan: Mapping[tuple[int, int], PlannedFault]
    on_sent: Callable[[SentRequest], None]
    rewrite: Callable[[int | None, str, Request], Request] | None = None
    services: ChannelServices = field(default_factory=lambda: ChannelServices(lambda _message: None))
    # The lag of the current read in seconds.
    lag: float = 0

    def __post_init__(self) -> None:
        self._sent: Counter[int] = Counter()
        self._written: Counter[int] = Counter()
        self._left: dict[int, tuple[PlannedFault, int]] = {}

    def send(self, operation: str, request: Request) -> Response:
        """Send a request with the client library's retries. Raises the library's errors."""
        if self.rewrite and self.interleaver.task:
            request = self.rewrite(self.interleaver.task.actor, operation, request)
        for _ in range(RETRIES):
            try:
                return self._send(operation, request)
            except (ClientError, ReadTimeoutError) as error:
                if not is_retried(error):
                    raise
        try:
            return self._send(operation, request)
        except ClientError as error:
            error.response["ResponseMetadata"]["RetryAttempts"] = RETRIES
            raise

    def _send(self, operation: str, request: Request) -> Response:
        self.interleaver.pause((operation, request))
        task = self.interleaver.task
        if task is None:
            return self._serve(None, operation, request)
        planned = self._planned(task.actor, operation)
        fault = planned and _fault(planned, operation, request)
        if fault in CANCELLATIONS and self.table.has_committed(request.get("ClientRequestToken")):
            # DynamoDB answers a repeated token from its record, without an evaluation.
            fault = None
        if planned is None or fault is None:
            return self._serve(task.actor, operation, request)
        at = positions(fault, request) if operation == TRANSACT_WRITE else [0]
        return self._inject(task.actor, operation, request, fault, at[planned.position % len(at)])

    def _planned(self, actor: int, operation: str) -> PlannedFault | None:
        self._sent[actor] += 1
        self._written[actor] += operation == TRANSACT_WRITE
        planned, times = self._left.pop(actor, (None, 0))
        if planned is None:
            planned = self.plan.get((actor, self._sent[actor]))
            if planned is None and operation == TRANSACT_WRITE:
                planned = self.plan.get((actor, -self._written[actor]))
            times = planned.times if planned else 0
        if planned and times > 1:
            self._left[actor] = (planned, times - 1)
        return planned

    def _inject(self, actor: int, operation: str, request: Request, fault: RequestFault, position: int) -> Response:
        if fault in _SERVED_BEFORE_FAULT:
            with suppress(ClientError):
                self._serve(actor, operation, request, fault)
        else:
            self.on_sent(SentRequest(actor, operation, request, fault.value, fault, position))
        match fault:
            case RequestFault.CRASH_BEFORE | RequestFault.CRASH_AFTER:
                self.interleaver.abandon()
            case RequestFault.RESPONSE_LOST:
                raise timeout_error()
            case RequestFault.LATE:
                # A request on the network arrives even if its sender has ended.
                self.interleaver.spawn(actor, lambda: self._serve_late(actor, operation, request), (operation, request))
                raise timeout_error()
            case RequestFault.STALE:
                return self._stale_read(operation, request)
            case RequestFault.PARTIAL:
                return partial_response(operation, request, self._call(operation, partial_request(operation, request)))
        raise error_for(fault, operation, request, position)

    def _serve_late(self, actor: int, operation: str, request: Request) -> None:
        # The response has no receiver.
        with suppress(ClientError):
            self._serve(actor, operation, request)

    def _stale_read(self, operation: str, request: Request) -> Response:
        """Return the response of a replica that has none of this run's writes."""
        self.lag = STALE_LAG
        try:
            return self.table.call(operation, request)
        finally:
            self.lag = 0

    def _serve(
        self, actor: int | None, operation: str, request: Request, fault: RequestFault | None = None
    ) -> Response:
        try:
            response = self._call(operation, request)
        except ClientError as error:
            self.on_sent(SentRequest(actor, operation, request, error.response["Error"]["Code"], fault))
            raise
        self.on_sent(SentRequest(actor, operation, request, OK, fault))
        return response

    def _call(self, operation: str, request: Request) -> Response:
        """Pass a request to the channels or the table."""
        if operation in CHANNEL_OPERATIONS:
            return self.services.call(operation, request)
        return self.table.call(operation, request)


def _fault(planned: PlannedFault, operation: str, request: Request) -> RequestFault | None:
    """Return the planned fault if the request can meet it."""
    faults = faults_of(operation, request)
    if isinstance(planned.fault, RequestFault):
        return planned.fault if planned.fault in faults else None
    return faults[planned.fault % len(faults)]


def canonical_request(operation: str, request: Request) -> Request:
    """Return the request in an order independent of Python's order of sets."""
    if operation == TRANSACT_WRITE:
        return {**request, "TransactItems": sorted(request["TransactItems"], key=_by_key)}
    if operation == "BatchGetItem":
        ((name, batch),) = request["RequestItems"].items()
        keys = sorted(batch["Keys"], key=lambda key: (key["PK"]["S"], key["SK"]["S"]))
        return {**request, "RequestItems": {name: {**batch, "Keys": keys}}}
    return request


def _by_key(entry: Mapping[str, Any]) -> tuple[str, str]:
    (action,) = entry.values()
    key = action.get("Key") or action["Item"]
    return key["PK"]["S"], key["SK"]["S"]
