"""The outcomes of failed requests that a use case must distinguish."""

from collections.abc import Iterator
from contextlib import contextmanager

from pynamodb.exceptions import PutError, PynamoDBException, TransactGetError, TransactWriteError

from chalicelib.metrics import reason_of

_CONFLICTS = frozenset({"ConditionalCheckFailed", "TransactionConflict"})
_THROTTLED = frozenset({"ThrottlingError", "ProvisionedThroughputExceeded", "RequestLimitExceeded"})
_THROTTLING_ERRORS = frozenset(
    {"ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"}
)
_UNKNOWN_OUTCOME_ERRORS = frozenset(
    {
        None,
        "InternalServerError",
        "InternalFailure",
        "ServiceUnavailable",
        "TransactionInProgressException",
        "500",
        "503",
    }
)


_CONFLICT_ERRORS = frozenset({"ConditionalCheckFailedException", "TransactionConflictException"})


class TableRequestFailed(Exception):
    """A request to the table, read or write, that failed or got no response. A retry may succeed."""


class Conflict(TableRequestFailed):
    """A write that failed because another one changed, or is changing, an item. Nothing was written."""


class Throttled(TableRequestFailed):
    """A request that the table refused because of its load. Nothing was written."""


class OutcomeUnknown(TableRequestFailed):
    """A request without a response.

    The write may have happened, or may still happen. Only the next read shows it.
    """


def outcome_of(error: TransactWriteError | TransactGetError) -> TableRequestFailed | None:
    """Return the outcome of a failed transaction, or None for an error of the program.

    Every cancellation reason counts. A throttled item outweighs conflicts, and an invalid item outweighs both.
    """
    if reason_of(error) == "TransactionCanceledException":
        reasons = {reason.code for reason in error.cancellation_reasons if reason}
        if reasons - _CONFLICTS - _THROTTLED:
            return None
        return Throttled() if reasons & _THROTTLED else Conflict()
    return outcome_of_request(error)


def outcome_of_request(error: PynamoDBException) -> TableRequestFailed | None:
    """Return the outcome of any failed request, or None for an error of the program."""
    code = reason_of(error)
    if code in _CONFLICT_ERRORS:
        return Conflict()
    if code in _THROTTLING_ERRORS:
        return Throttled()
    return OutcomeUnknown() if code in _UNKNOWN_OUTCOME_ERRORS else None


def outcome_of_put(error: PutError) -> TableRequestFailed | None:
    """Return the outcome of a failed conditional put, or None for an error of the program.

    A put has no token. If the client library has sent it again, the first sending may be what it conflicts with.
    """
    outcome = outcome_of_request(error)
    return OutcomeUnknown() if isinstance(outcome, Conflict) and _was_sent_again(error) else outcome


def _was_sent_again(error: PutError) -> bool:
    # PynamoDB keeps the code of a response. The number of retries is in the error of the client library below it.
    response = getattr(getattr(error.cause, "__cause__", None), "response", None) or {}
    return bool(response.get("ResponseMetadata", {}).get("RetryAttempts"))


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise a failed read as its outcome. An error of the program is raised unchanged."""
    try:
        yield
    except PynamoDBException as error:
        outcome = outcome_of(error) if isinstance(error, TransactGetError) else outcome_of_request(error)
        if outcome is None:
            raise
        raise outcome from error
