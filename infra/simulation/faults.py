"""What can go wrong with one request, beyond what the table itself refuses."""

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

TRANSACT_WRITE = "TransactWriteItems"


class RequestFault(StrEnum):
    """What happens to one sending of a request."""

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
    RESPONSE_LOST = "the answer is lost"
    LATE = "served after the time-out"
    CRASH_BEFORE = "a crash before"
    CRASH_AFTER = "a crash after"
    STALE = "a stale read"
    PARTIAL = "a part is answered"


# The reasons that a cancelled transaction gives for one of its items.
CANCELLATION_CODES: Mapping[RequestFault, str] = {
    RequestFault.CONDITION: CONDITION_FAILED,
    RequestFault.CONFLICT: "TransactionConflict",
    RequestFault.ITEM_THROTTLED: THROTTLED_ITEM,
    RequestFault.ITEM_OVERLOADED: "ProvisionedThroughputExceeded",
    RequestFault.INVALID: "ValidationError",
}
# What comes of judging a transaction.
CANCELLATIONS = frozenset({*CANCELLATION_CODES, RequestFault.MIXED})
# Refusals of a request as a whole.
_ERROR_CODES: Mapping[RequestFault, str] = {
    RequestFault.IN_PROGRESS: "TransactionInProgressException",
    RequestFault.THROTTLED: "ThrottlingException",
    RequestFault.OVERLOADED: THROTTLED,
    RequestFault.LIMITED: "RequestLimitExceeded",
    RequestFault.INTERNAL_ERROR: "InternalServerError",
}
# What may go wrong with any request.
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

# What the client library sends again by itself, once; a cancelled transaction is not among it.
RETRIED = frozenset({*_ERROR_CODES.values(), "500", "503"})

Request = Mapping[str, Any]


def faults_of(operation: str, request: Request) -> tuple[RequestFault, ...]:
    """The faults that a request can meet, always in the same order."""
    if operation == TRANSACT_WRITE:
        return tuple(fault for fault in _FAULTS_OF_WRITES if positions(fault, request))
    found = list(FAULTS_OF_ANY_REQUEST)
    if not _reads_consistently(operation, request):
        found.append(RequestFault.STALE)
    if operation == "Query" or (operation == "BatchGetItem" and len(_batch(request)["Keys"]) > 1):
        found.append(RequestFault.PARTIAL)
    return tuple(found)


def conditional_positions(request: Request) -> list[int]:
    """The positions of a transaction at which a condition can fail."""
    actions = enumerate(next(iter(entry.values())) for entry in request["TransactItems"])
    return [position for position, action in actions if "ConditionExpression" in action]


def positions(fault: RequestFault, request: Request) -> list[int]:
    """The positions of a transaction at which a fault can be; one where it is not about an item."""
    if fault is RequestFault.CONDITION:
        return conditional_positions(request)
    if fault in CANCELLATION_CODES or fault is RequestFault.MIXED:
        return list(range(len(request["TransactItems"])))
    return [0]


def error_for(fault: RequestFault, operation: str, request: Request, position: int) -> ClientError | ReadTimeoutError:
    """What the client library raises for a request that was not carried out because of the fault."""
    if fault in _ERROR_CODES:
        return client_error(operation, _ERROR_CODES[fault])
    if fault in CANCELLATION_CODES:
        return _cancelled(request, {position: CANCELLATION_CODES[fault]})
    if fault is RequestFault.MIXED:
        # Every third is in conflict, every third throttled: both together count as overloaded.
        number = len(request["TransactItems"])
        codes = (CANCELLATION_CODES[RequestFault.CONFLICT], CANCELLATION_CODES[RequestFault.ITEM_THROTTLED], None)
        return _cancelled(request, {at: code for at in range(number) if (code := codes[(at - position) % 3])})
    return timeout_error()


def timeout_error() -> ReadTimeoutError:
    """No answer came."""
    return ReadTimeoutError(endpoint_url="https://simulated.invalid")


def is_retried(error: Exception) -> bool:
    """Whether the client library sends a request again by itself."""
    return not isinstance(error, ClientError) or error.response["Error"]["Code"] in RETRIED


def partial_request(operation: str, request: Request) -> Request:
    """The request for only a part of what was asked for; what is answered to it says that there is more."""
    if operation == "Query":
        return {**request, "Limit": 1}
    ((name, batch),) = request["RequestItems"].items()
    return {**request, "RequestItems": {name: {**batch, "Keys": batch["Keys"][:1]}}}


def partial_response(operation: str, request: Request, response: dict[str, Any]) -> dict[str, Any]:
    """The answer to a part, saying what was left."""
    if operation == "Query":
        return response
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
