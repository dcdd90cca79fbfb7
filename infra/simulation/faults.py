"""Faults that the simulator injects into a request."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from infra.in_memory_dynamodb.errors import (
    CONDITION_FAILED,
    NO_REASON,
    THROTTLED,
    THROTTLED_ITEM,
    client_error,
    transaction_cancelled,
)
from infra.simulation import channel_services
from infra.simulation.channel_services import CHANNEL_OPERATIONS

TRANSACT_WRITE = "TransactWriteItems"
PUT = "PutItem"
UPDATE = "UpdateItem"
# The writes of one item without a transaction.
SINGLE_WRITES = frozenset({PUT, UPDATE})


class RequestFault(StrEnum):
    """A fault of one attempt to send a request."""

    CONDITION = "a condition fails"
    CONFLICT = "an item conflicts"
    ITEM_THROTTLED = "an item is throttled"
    ITEM_OVERLOADED = "an item's partition is overloaded"
    MIXED = "mixed reasons"
    INVALID = "an item is invalid"
    IN_PROGRESS = "still in progress"
    THROTTLED = "throttled"
    OVERLOADED = "overloaded"
    LIMITED = "too many requests"
    INTERNAL_ERROR = "internal error"
    REQUEST_LOST = "the request is lost"
    RESPONSE_LOST = "the response is lost"
    LATE = "served after the time-out"
    CRASH_BEFORE = "a crash before it"
    CRASH_AFTER = "a crash after it"
    STALE = "a stale read"
    PARTIAL = "a partial response"


# The codes in a cancelled transaction for one of its items.
CANCELLATION_CODES: Mapping[RequestFault, str] = {
    RequestFault.CONDITION: CONDITION_FAILED,
    RequestFault.CONFLICT: "TransactionConflict",
    RequestFault.ITEM_THROTTLED: THROTTLED_ITEM,
    RequestFault.ITEM_OVERLOADED: "ProvisionedThroughputExceeded",
    RequestFault.INVALID: "ValidationError",
}
# Faults in the evaluation of a transaction.
CANCELLATIONS = frozenset({*CANCELLATION_CODES, RequestFault.MIXED})
# Error codes of a whole request.
_ERROR_CODES: Mapping[RequestFault, str] = {
    RequestFault.IN_PROGRESS: "TransactionInProgressException",
    RequestFault.THROTTLED: "ThrottlingException",
    RequestFault.OVERLOADED: THROTTLED,
    RequestFault.LIMITED: "RequestLimitExceeded",
    RequestFault.INTERNAL_ERROR: "InternalServerError",
}
# Faults that any request can meet.
FAULTS_OF_ANY_REQUEST = (
    RequestFault.THROTTLED,
    RequestFault.OVERLOADED,
    RequestFault.LIMITED,
    RequestFault.INTERNAL_ERROR,
    RequestFault.REQUEST_LOST,
    RequestFault.CRASH_BEFORE,
    RequestFault.CRASH_AFTER,
)
_FAULTS_OF_WRITES = (
    *CANCELLATION_CODES,
    RequestFault.MIXED,
    RequestFault.IN_PROGRESS,
    RequestFault.RESPONSE_LOST,
    RequestFault.LATE,
    *FAULTS_OF_ANY_REQUEST,
)

_FAULTS_OF_SINGLE_WRITES = (
    RequestFault.CONFLICT,
    RequestFault.RESPONSE_LOST,
    RequestFault.LATE,
    *FAULTS_OF_ANY_REQUEST,
)

# A queue and the bus may accept messages and lose the response, accept a part of them, or accept them late.
_FAULTS_OF_CHANNELS = (
    RequestFault.RESPONSE_LOST,
    RequestFault.LATE,
    RequestFault.PARTIAL,
    RequestFault.THROTTLED,
    RequestFault.INTERNAL_ERROR,
    RequestFault.REQUEST_LOST,
    RequestFault.CRASH_BEFORE,
    RequestFault.CRASH_AFTER,
)

# The error codes and states that the client library retries once. A cancelled transaction is not among them.
RETRIED = frozenset({*_ERROR_CODES.values(), "500", "503"})

Request = Mapping[str, Any]


def faults_of(operation: str, request: Request) -> tuple[RequestFault, ...]:
    """Return the faults that a request can meet, in a fixed order."""
    if operation == TRANSACT_WRITE:
        return tuple(fault for fault in _FAULTS_OF_WRITES if positions(fault, request))
    if operation in SINGLE_WRITES:
        return _FAULTS_OF_SINGLE_WRITES
    if operation in CHANNEL_OPERATIONS:
        return _FAULTS_OF_CHANNELS
    found = list(FAULTS_OF_ANY_REQUEST)
    if not _reads_consistently(operation, request):
        found.append(RequestFault.STALE)
    if operation == "Query" or (operation == "BatchGetItem" and len(_batch(request)["Keys"]) > 1):
        found.append(RequestFault.PARTIAL)
    return tuple(found)


def conditional_positions(request: Request) -> list[int]:
    """Return the positions in a transaction that have a condition."""
    actions = enumerate(next(iter(entry.values())) for entry in request["TransactItems"])
    return [position for position, action in actions if "ConditionExpression" in action]


def positions(fault: RequestFault, request: Request) -> list[int]:
    """Return the positions in a transaction where a fault can be injected.

    A fault of the whole request has one position.
    """
    if fault is RequestFault.CONDITION:
        return conditional_positions(request)
    if fault in CANCELLATION_CODES or fault is RequestFault.MIXED:
        return list(range(len(request["TransactItems"])))
    return [0]


def error_for(fault: RequestFault, operation: str, request: Request, position: int) -> ClientError | ReadTimeoutError:
    """Return the error that the client library raises for a request that the fault prevented."""
    if fault in _ERROR_CODES:
        return client_error(operation, _ERROR_CODES[fault])
    if operation in SINGLE_WRITES and fault is RequestFault.CONFLICT:
        return client_error(operation, "TransactionConflictException")
    if fault in CANCELLATION_CODES:
        return _cancelled(request, {position: CANCELLATION_CODES[fault]})
    if fault is RequestFault.MIXED:
        # A third of the items conflicts and a third is throttled. Both together count as overloaded.
        number = len(request["TransactItems"])
        codes = (CANCELLATION_CODES[RequestFault.CONFLICT], CANCELLATION_CODES[RequestFault.ITEM_THROTTLED], None)
        return _cancelled(request, {at: code for at in range(number) if (code := codes[(at - position) % 3])})
    return timeout_error()


def timeout_error() -> ReadTimeoutError:
    """Return the error for a missing response."""
    return ReadTimeoutError(endpoint_url="https://simulated.invalid")


def is_retried(error: Exception) -> bool:
    """Return True if the client library retries after the error."""
    return not isinstance(error, ClientError) or error.response["Error"]["Code"] in RETRIED


def partial_request(operation: str, request: Request) -> Request:
    """Return a request for a part of the items. Its response says that there are more."""
    if operation == "Query":
        return {**request, "Limit": 1}
    if operation in CHANNEL_OPERATIONS:
        return channel_services.partial_request(request)
    ((name, batch),) = request["RequestItems"].items()
    return {**request, "RequestItems": {name: {**batch, "Keys": batch["Keys"][:1]}}}


def partial_response(operation: str, request: Request, response: dict[str, Any]) -> dict[str, Any]:
    """Return the response to a partial request with the keys that are left."""
    if operation == "Query":
        return response
    if operation in CHANNEL_OPERATIONS:
        return channel_services.partial_response(operation, request)
    ((name, batch),) = request["RequestItems"].items()
    return {**response, "UnprocessedKeys": {name: {**batch, "Keys": batch["Keys"][1:]}}}


def _cancelled(request: Request, codes: Mapping[int, str]) -> ClientError:
    number = len(request["TransactItems"])
    return transaction_cancelled(
        [{"Code": codes[at], "Message": "injected"} if at in codes else NO_REASON for at in range(number)]
    )


def _reads_consistently(operation: str, request: Request) -> bool:
    batch = _batch(request) if operation == "BatchGetItem" else request
    return bool(batch.get("ConsistentRead", False))


def _batch(request: Request) -> Mapping[str, Any]:
    (batch,) = request["RequestItems"].values()
    return batch  # type: ignore[no-any-return]
