"""The one definition of the table, for the stack, the local runner, the tests and the bench."""

from typing import Any

from botocore.client import BaseClient

KEY_ATTRIBUTES = ("PK", "SK")
EXPIRY_ATTRIBUTE = "expires"
# Whoever is woken by the stream reads the table itself, strongly, and needs the keys alone. The images are for people:
# a day long they tell what a change was, and a table that was damaged can be mended by them.
STREAM_VIEW = "NEW_AND_OLD_IMAGES"


def create_table(client: BaseClient, name: str) -> str:
    """Make the table `name` unless it exists, and answer the ARN of its stream.

    Without time to live: it goes by real time, and on one machine the service's clock can be moved.
    """
    try:
        description = client.create_table(**table_definition(name))["TableDescription"]
    except client.exceptions.ResourceInUseException:
        return str(client.describe_table(TableName=name)["Table"]["LatestStreamArn"])
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    return str(description["LatestStreamArn"])


def table_definition(name: str) -> dict[str, Any]:
    """Answer the arguments of CreateTable."""
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
