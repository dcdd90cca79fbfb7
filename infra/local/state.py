"""The stored state of a local run, for a restart on the same engine."""

import json
from typing import Any

from botocore.client import BaseClient

TABLE = "lockstep-local"


class LocalState:
    """Named JSON values in a separate table of the engine."""

    def __init__(self, client: BaseClient) -> None:
        """Create the table unless it exists."""
        self._client = client
        try:
            client.create_table(
                TableName=TABLE,
                AttributeDefinitions=[{"AttributeName": "name", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "name", "KeyType": "HASH"}],
                BillingMode="PAY_PER_REQUEST",
            )
        except client.exceptions.ResourceInUseException:
            return
        client.get_waiter("table_exists").wait(TableName=TABLE, WaiterConfig={"Delay": 1})

    def read(self, name: str) -> Any:
        """Return the value with this name, or None."""
        found = self._client.get_item(TableName=TABLE, Key={"name": {"S": name}}, ConsistentRead=True)
        return json.loads(found["Item"]["value"]["S"]) if "Item" in found else None

    def write(self, name: str, value: Any) -> None:
        """Store the value under this name."""
        self._client.put_item(TableName=TABLE, Item=_item(name, value))

    def keep_first(self, name: str, value: Any) -> Any:
        """Store the value unless this name has one, and return the stored one."""
        try:
            self._client.put_item(
                TableName=TABLE,
                Item=_item(name, value),
                ConditionExpression="attribute_not_exists(#name)",
                ExpressionAttributeNames={"#name": "name"},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return self.read(name)
        return value


def _item(name: str, value: Any) -> dict[str, Any]:
    return {"name": {"S": name}, "value": {"S": json.dumps(value)}}
