"""Each failure of a request has one outcome, and an error of the program has none."""

import pytest
from botocore.exceptions import ClientError
from pynamodb.exceptions import (
    CancellationReason,
    GetError,
    PutError,
    TransactGetError,
    TransactWriteError,
    VerboseClientError,
)

from chalicelib.storage import keys, queries
from chalicelib.storage.errors import (
    Conflict,
    OutcomeUnknown,
    Throttled,
    outcome_of,
    outcome_of_put,
    translate_errors,
)
from tests.fault_proxy import Fault, FaultProxy
from tests.harness import World

CANCELLED = "TransactionCanceledException"


def client_error(code: str, operation: str, *reasons: str | None) -> VerboseClientError:
    """Return an error response as PynamoDB raises it."""
    response = {"Error": {"Code": code, "Message": "made for a test"}}
    found = [CancellationReason(reason) if reason else None for reason in reasons]
    return VerboseClientError(response, operation, cancellation_reasons=found)


def failure(code: str, *reasons: str | None) -> TransactWriteError:
    """Return a failed transaction as PynamoDB raises it."""
    return TransactWriteError("failed", client_error(code, "TransactWriteItems", *reasons))


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (failure(CANCELLED, None, "ConditionalCheckFailed"), Conflict),
        (failure(CANCELLED, "TransactionConflict", None), Conflict),
        (failure(CANCELLED, "ConditionalCheckFailed", "ThrottlingError"), Throttled),
        (failure(CANCELLED, "ProvisionedThroughputExceeded"), Throttled),
        (failure(CANCELLED, "ConditionalCheckFailed", "ValidationError"), None),
        (failure(CANCELLED, "ItemCollectionSizeLimitExceeded"), None),
        (failure("ThrottlingException"), Throttled),
        (failure("ProvisionedThroughputExceededException"), Throttled),
        (failure("RequestLimitExceeded"), Throttled),
        (failure("InternalServerError"), OutcomeUnknown),
        (failure("TransactionInProgressException"), OutcomeUnknown),
        (TransactWriteError("failed", ConnectionError()), OutcomeUnknown),
        (failure("ValidationException"), None),
        (failure("IdempotentParameterMismatchException"), None),
        (failure("AccessDeniedException"), None),
        (failure("ResourceNotFoundException"), None),
    ],
)
def test_a_failed_transaction_has_the_outcome_of_its_code_and_reasons(
    error: TransactWriteError, outcome: type | None
) -> None:
    found = outcome_of(error)
    assert (type(found) if found else None) is outcome


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (GetError("failed", client_error("ThrottlingException", "GetItem")), Throttled),
        (GetError("failed", client_error("ServiceUnavailable", "GetItem")), OutcomeUnknown),
        (GetError("failed", ConnectionError()), OutcomeUnknown),
        (TransactGetError("failed", client_error(CANCELLED, "TransactGetItems", "TransactionConflict")), Conflict),
        (GetError("failed", client_error("ValidationException", "GetItem")), GetError),
        (ValueError("no request failed"), ValueError),
    ],
)
def test_a_failed_read_is_raised_as_its_outcome(error: Exception, outcome: type[Exception]) -> None:
    with pytest.raises(outcome), translate_errors():
        raise error


@pytest.mark.parametrize(
    ("code", "retries", "outcome"),
    [
        ("ConditionalCheckFailedException", 0, Conflict),
        ("TransactionConflictException", 0, Conflict),
        ("ConditionalCheckFailedException", 1, OutcomeUnknown),
        ("TransactionConflictException", 1, OutcomeUnknown),
        ("ThrottlingException", 1, Throttled),
        ("InternalServerError", 1, OutcomeUnknown),
        ("ValidationException", 0, None),
    ],
)
def test_a_put_that_was_sent_again_may_conflict_with_its_own_first_sending(
    code: str, retries: int, outcome: type | None
) -> None:
    error = PutError("failed", client_error(code, "PutItem"))
    response = {"Error": {"Code": code}, "ResponseMetadata": {"RetryAttempts": retries}}
    error.cause.__cause__ = ClientError(response, "PutItem")
    found = outcome_of_put(error)
    assert (type(found) if found else None) is outcome


def test_a_read_without_a_response_has_an_unknown_outcome(world: World, faults: FaultProxy) -> None:
    """The client library sends a request twice."""
    ada = world.member("Ada")
    faults.meets = "GetItem"
    faults.plan += [Fault.LOSE_REQUEST] * 2
    with pytest.raises(OutcomeUnknown):
        queries.get(world.table, keys.profile(ada.member_id))
    faults.plan += [Fault.LOSE_REQUEST]
    assert queries.get(world.table, keys.profile(ada.member_id)) is not None
