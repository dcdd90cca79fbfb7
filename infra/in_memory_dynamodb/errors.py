"""The table's errors, as the client library raises them."""

from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError

THROTTLED = "ProvisionedThroughputExceededException"
# The code in a cancelled transaction for an item whose partition is throttled.
THROTTLED_ITEM = "ThrottlingError"
CONDITION_FAILED = "ConditionalCheckFailed"

Reason = dict[str, Any]
NO_REASON: Reason = {"Code": "None"}


def client_error(operation: str, code: str, message: str = "") -> ClientError:
    """Return any error except that of a cancelled transaction."""
    return ClientError({"Error": {"Code": code, "Message": message}, "ResponseMetadata": {}}, operation)


def validation_error(operation: str, message: str) -> ClientError:
    """Return the error for a malformed request."""
    return client_error(operation, "ValidationException", message)


def transaction_cancelled(reasons: Sequence[Reason]) -> ClientError:
    """Return the error of a cancelled transaction, with a reason for each item in their order."""
    codes = ", ".join(reason["Code"] for reason in reasons)
    error = client_error("TransactWriteItems", "TransactionCanceledException", f"Transaction cancelled [{codes}]")
    error.response["CancellationReasons"] = list(reasons)
    return error
