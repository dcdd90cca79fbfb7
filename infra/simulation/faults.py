"""What can go wrong with one request, beyond what the table itself refuses."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from infra.in_memory_dynamodb.errors import CONDITION_FAILED, NO_REASON, THROTTLED, THROTTLED_ITEM, cancelled, refusal

WRITING = "TransactWriteItems"


class Fault(StrEnum):
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
    FAILED = "internal error"
    REQUEST_LOST = "the request is lost"
    ANSWER_LOST = "the answer is lost"
    LATE = "served after the time-out"
    CRASH_BEFORE = "a crash before"
    CRASH_AFTER = "a crash after"
    STALE = "a stale read"
    SHORT = "a part is answered"


# The reasons that a cancelled transaction gives for one of its items.
REASONS: Mapping[Fault, str] = {
    Fault.CONDITION: CONDITION_FAILED,
    Fault.CONFLICT: "TransactionConflict",
    Fault.ITEM_THROTTLED: THROTTLED_ITEM,
    Fault.ITEM_OVERLOADED: "ProvisionedThroughputExceeded",
    Fault.INVALID: "ValidationError",
}
# What comes of judging a transaction.
JUDGED = frozenset({*REASONS, Fault.MIXED})
# Refusals of a request as a whole.
_REFUSED: Mapping[Fault, str] = {
    Fault.IN_PROGRESS: "TransactionInProgressException",
    Fault.THROTTLED: "ThrottlingException",
    Fault.OVERLOADED: THROTTLED,
    Fault.LIMITED: "RequestLimitExceeded",
    Fault.FAILED: "InternalServerError",
}
# What may go wrong with any request.
ANYWHERE = (
    Fault.THROTTLED,
    Fault.OVERLOADED,
    Fault.LIMITED,
    Fault.FAILED,
    Fault.REQUEST_LOST,
    Fault.CRASH_BEFORE,
    Fault.CRASH_AFTER,
)
_OF_WRITES = (*REASONS, Fault.MIXED, Fault.IN_PROGRESS, Fault.ANSWER_LOST, Fault.LATE, *ANYWHERE)

# What the client library sends again by itself, once; a cancelled transaction is not among it.
RETRIED = frozenset({*_REFUSED.values(), "500", "503"})

Request = Mapping[str, Any]


def faults_of(operation: str, request: Request) -> tuple[Fault, ...]:
    """The faults that a request can meet, always in the same order."""
    if operation == WRITING:
        return tuple(fault for fault in _OF_WRITES if positions(fault, request))
    found = list(ANYWHERE)
    if not _reads_consistently(operation, request):
        found.append(Fault.STALE)
    if operation == "Query" or (operation == "BatchGetItem" and len(_asked(request)["Keys"]) > 1):
        found.append(Fault.SHORT)
    return tuple(found)


def conditioned(request: Request) -> list[int]:
    """The positions of a transaction at which a condition can fail."""
    actions = enumerate(next(iter(entry.values())) for entry in request["TransactItems"])
    return [position for position, action in actions if "ConditionExpression" in action]


def positions(fault: Fault, request: Request) -> list[int]:
    """The positions of a transaction at which a fault can be; one where it is not about an item."""
    if fault is Fault.CONDITION:
        return conditioned(request)
    if fault in REASONS or fault is Fault.MIXED:
        return list(range(len(request["TransactItems"])))
    return [0]


def error_of(fault: Fault, operation: str, request: Request, position: int) -> ClientError | ReadTimeoutError:
    """What the client library raises for a request that was not carried out because of the fault."""
    if fault in _REFUSED:
        return refusal(operation, _REFUSED[fault])
    if fault in REASONS:
        return _cancelled(request, {position: REASONS[fault]})
    if fault is Fault.MIXED:
        # Every third is in conflict, every third throttled: both together count as overloaded.
        number = len(request["TransactItems"])
        codes = (REASONS[Fault.CONFLICT], REASONS[Fault.ITEM_THROTTLED], None)
        return _cancelled(request, {at: code for at in range(number) if (code := codes[(at - position) % 3])})
    return lost()


def lost() -> ReadTimeoutError:
    """No answer came."""
    return ReadTimeoutError(endpoint_url="https://simulated.invalid")


def is_retried(error: Exception) -> bool:
    """Whether the client library sends a request again by itself."""
    return not isinstance(error, ClientError) or error.response["Error"]["Code"] in RETRIED


def shortened(operation: str, request: Request) -> Request:
    """The request for only a part of what was asked for; what is answered to it says that there is more."""
    if operation == "Query":
        return {**request, "Limit": 1}
    ((name, asked),) = request["RequestItems"].items()
    return {**request, "RequestItems": {name: {**asked, "Keys": asked["Keys"][:1]}}}


def completed(operation: str, request: Request, answer: dict[str, Any]) -> dict[str, Any]:
    """The answer to a part, saying what was left."""
    if operation == "Query":
        return answer
    ((name, asked),) = request["RequestItems"].items()
    return {**answer, "UnprocessedKeys": {name: {**asked, "Keys": asked["Keys"][1:]}}}


def _cancelled(request: Request, codes: Mapping[int, str]) -> ClientError:
    number = len(request["TransactItems"])
    return cancelled([{"Code": codes[at], "Message": "injected"} if at in codes else NO_REASON for at in range(number)])


def _reads_consistently(operation: str, request: Request) -> bool:
    asked = _asked(request) if operation == "BatchGetItem" else request
    return bool(asked.get("ConsistentRead", False))


def _asked(request: Request) -> Mapping[str, Any]:
    (asked,) = request["RequestItems"].values()
    return asked  # type: ignore[no-any-return]
