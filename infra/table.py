"""The definition of the table for the stack, the local run, the tests and the benchmarks."""

from typing import Any

from botocore.client import BaseClient

KEY_ATTRIBUTES = ("PK", "SK")
EXPIRY_ATTRIBUTE = "expires"
# The stream's function needs the keys, and the origin of a new pair row. It reads the items with strong consistency.
# The other images are for operators: for a day they show each change, and a damaged table can be repaired from them.
STREAM_VIEW = "NEW_AND_OLD_IMAGES"


def create_table(client: BaseClient, name: str) -> str:
    """Create the table `name` unless it exists, and return the ARN of its stream.

    Time to live is off: the engine deletes by real time, but the service's clock can be moved.
    """
    try:
        description = client.create_table(**table_definition(name))["TableDescription"]
    except client.exceptions.ResourceInUseException:
        return str(client.describe_table(TableName=name)["Table"]["LatestStreamArn"])
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    return str(description["LatestStreamArn"])


def table_definition(name: str) -> dict[str, Any]:
    """Return the arguments of CreateTable."""
    partition, sort = KEY_ATTRIBUTES
    return {
        "TableName": name,
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"} for key in KEY_ATTRIBUTES],
        "KeySchema": [
            {"AttributeName": partition, "KeyType": "HASH"},
            {"AttributeName": sort, "KeyType": "RANGE"},
        ],
        "BillingMode": "PAY_PER_REQUEST",
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": STREAM_VIEW},
    }
