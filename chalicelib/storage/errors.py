"""What can become of a request to the table, as far as a use case must know."""

from collections.abc import Iterator
from contextlib import contextmanager

from pynamodb.exceptions import PynamoDBException, TransactGetError, TransactWriteError

from chalicelib.metrics import reason_of

_CONTENDED = frozenset({"ConditionalCheckFailed", "TransactionConflict"})
_OVERLOADED = frozenset({"ThrottlingError", "ProvisionedThroughputExceeded", "RequestLimitExceeded"})
_OVERLOADED_ERRORS = frozenset(
    {"ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"}
)
_UNANSWERED_ERRORS = frozenset(
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


class NotCommitted(Exception):
    """The transaction was not carried out, or nobody knows. Read everything again and decide again."""


class Conflict(NotCommitted):
    """Something the decision rested on has changed, or is being changed right now. Nothing was written."""


class Throttled(NotCommitted):
    """The table takes no more at the moment. Nothing was written."""


class OutcomeUnknown(NotCommitted):
    """No answer came: the write may have happened, or may still happen. The next read tells."""


def outcome_of(error: TransactWriteError | TransactGetError) -> NotCommitted | None:
    """What a failed transaction means, or None where it is a mistake of ours.

    Every reason counts: one item that is overloaded outweighs others that are contended, and an invalid item
    outweighs all.
    """
    if reason_of(error) == "TransactionCanceledException":
        reasons = {reason.code for reason in error.cancellation_reasons if reason}
        if reasons - _CONTENDED - _OVERLOADED:
            return None
        return Throttled() if reasons & _OVERLOADED else Conflict()
    return outcome_of_request(error)


def outcome_of_request(error: PynamoDBException) -> NotCommitted | None:
    """What any failed request means, or None where it is a mistake of ours."""
    code = reason_of(error)
    if code in _OVERLOADED_ERRORS:
        return Throttled()
    return OutcomeUnknown() if code in _UNANSWERED_ERRORS else None


@contextmanager
def translate_errors() -> Iterator[None]:
    """Tell what a failed read means to a use case; a mistake of ours stays what it is."""
    try:
        yield
    except PynamoDBException as error:
        outcome = outcome_of(error) if isinstance(error, TransactGetError) else outcome_of_request(error)
        if outcome is None:
            raise
        raise outcome from error
