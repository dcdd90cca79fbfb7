from botocore.client import BaseClient

from infra.table import create_table


def test_the_table_has_the_deployed_definition(database: BaseClient) -> None:
    arn = create_table(database, "made-once")

    table = database.describe_table(TableName="made-once")["Table"]
    assert table["KeySchema"] == [
        {"AttributeName": "PK", "KeyType": "HASH"},
        {"AttributeName": "SK", "KeyType": "RANGE"},
    ]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert table["LatestStreamArn"] == arn
    expiry = database.describe_time_to_live(TableName="made-once")["TimeToLiveDescription"]
    # The engine would delete items by real time that the service still needs after its clock was moved back.
    assert expiry["TimeToLiveStatus"] == "DISABLED"


def test_creating_the_table_again_changes_nothing(database: BaseClient) -> None:
    arn = create_table(database, "made-twice")
    database.put_item(TableName="made-twice", Item={"PK": {"S": "a"}, "SK": {"S": "b"}})

    assert create_table(database, "made-twice") == arn
    assert database.scan(TableName="made-twice")["Count"] == 1
