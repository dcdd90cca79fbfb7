"""The table's refusals, as the client library raises them."""

from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError

THROTTLED = "ProvisionedThroughputExceededException"
# What a transaction says of an item whose partition takes no more.
THROTTLED_ITEM = "ThrottlingError"
CONDITION_FAILED = "ConditionalCheckFailed"

Reason = dict[str, Any]
NO_REASON: Reason = {"Code": "None"}


def client_error(operation: str, code: str, message: str = "") -> ClientError:
    """Any refusal but that of a transaction for the sake of its items."""
    return ClientError({"Error": {"Code": code, "Message": message}, "ResponseMetadata": {}}, operation)


def validation_error(operation: str, message: str) -> ClientError:
    """The refusal of a request that is wrong, whatever the table holds."""
    return client_error(operation, "ValidationException", message)


def transaction_cancelled(reasons: Sequence[Reason]) -> ClientError:
    """The refusal of a transaction, with a reason for each of its items in their order."""
    codes = ", ".join(reason["Code"] for reason in reasons)
    error = client_error("TransactWriteItems", "TransactionCanceledException", f"Transaction cancelled [{codes}]")
    error.response["CancellationReasons"] = list(reasons)
    return error
