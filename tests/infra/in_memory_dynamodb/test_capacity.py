"""A partition key serves its units of each second and refuses more."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.in_memory_dynamodb.capacity import Capacity, CapacityLimits
from infra.in_memory_dynamodb.table import InMemoryTable

TABLE = "simulated"


class CapacityFixture:
    """A table that serves 10 write and 3 read units per second and key, with a clock that the test sets."""

    def __init__(self) -> None:
        self.now = 0.0
        self.capacity = Capacity(lambda: self.now, CapacityLimits(write=10, read=3))
        self.table = InMemoryTable(TABLE, lambda: self.now, capacity=self.capacity)

    def write(self, *keys: str) -> list[str]:
        """Put items of one KB in one transaction and return the reasons of a refusal."""
        actions = [{"Put": {"TableName": TABLE, "Item": item(key)}} for key in keys]
        try:
            self.table.call("TransactWriteItems", {"TransactItems": actions})
        except ClientError as error:
            return [reason["Code"] for reason in error.response["CancellationReasons"]]
        return []

    def get(self, key: str) -> str | None:
        """Read an item and return the error code of a refusal."""
        request = {"TableName": TABLE, "Key": primary(key), "ConsistentRead": True}
        try:
            self.table.call("GetItem", request)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return None


def primary(key: str) -> dict[str, Any]:
    pk, sk = key.split()
    return {"PK": {"S": pk}, "SK": {"S": sk}}


def item(key: str) -> dict[str, Any]:
    return {**primary(key), "f": {"S": "f" * 1000}}


@pytest.fixture
def fixture() -> CapacityFixture:
    return CapacityFixture()


def test_a_transaction_beyond_the_limit_is_refused_as_a_whole(fixture: CapacityFixture) -> None:
    for number in range(5):
        assert fixture.write(f"hot {number}") == []
    assert fixture.write("hot 5", "cold 0") == ["ThrottlingError", "None"]
    assert fixture.capacity.writes.refused == {"hot": 1}
    assert fixture.capacity.writes.total == 10
    assert fixture.capacity.writes.highest == (10, "hot", 0)
    # The refused transaction spent no units of the other partition key.
    assert fixture.write(*(f"cold {number}" for number in range(5))) == []


def test_each_second_has_its_own_units(fixture: CapacityFixture) -> None:
    fixture.now = 0.999
    for number in range(5):
        fixture.write(f"hot {number}")
    assert fixture.write("hot 5") == ["ThrottlingError"]
    fixture.now = 1.0
    assert fixture.write("hot 5") == []


def test_a_transaction_with_a_failed_condition_is_charged(fixture: CapacityFixture) -> None:
    check = {"TableName": TABLE, "Key": primary("hot 0"), "ConditionExpression": "attribute_exists (#0)"}
    action = {"ConditionCheck": {**check, "ExpressionAttributeNames": {"#0": "PK"}}}
    for _ in range(5):
        with pytest.raises(ClientError, match="ConditionalCheckFailed"):
            fixture.table.call("TransactWriteItems", {"TransactItems": [action]})
    assert fixture.write("hot 1") == ["ThrottlingError"]


def test_reads_have_their_own_limit(fixture: CapacityFixture) -> None:
    fixture.write("hot 0")
    for _ in range(3):
        assert fixture.get("hot 0") is None
    assert fixture.get("hot 0") == "ProvisionedThroughputExceededException"
    assert fixture.get("cold 0") is None
    assert fixture.capacity.reads.refused == {"hot": 1}


def test_a_batch_returns_the_keys_that_it_cannot_serve(fixture: CapacityFixture) -> None:
    batch = {"Keys": [primary(f"hot {number}") for number in range(4)] + [primary("cold 0")], "ConsistentRead": True}
    response = fixture.table.call("BatchGetItem", {"RequestItems": {TABLE: batch}})
    assert response["UnprocessedKeys"] == {TABLE: {"Keys": [primary("hot 3")], "ConsistentRead": True}}
    with pytest.raises(ClientError, match="ProvisionedThroughputExceededException"):
        fixture.table.call("BatchGetItem", {"RequestItems": response["UnprocessedKeys"]})


def test_units_are_counted_without_limits() -> None:
    capacity = Capacity(lambda: 0)
    table = InMemoryTable(TABLE, lambda: 0, capacity=capacity)
    for number in range(1000):
        table.call(
            "TransactWriteItems", {"TransactItems": [{"Put": {"TableName": TABLE, "Item": item(f"hot {number}")}}]}
        )
    assert capacity.writes.highest.units == 2000
    assert not capacity.writes.refused
