from botocore.client import BaseClient

from infra.table import create_table


def test_the_table_is_made_as_deployed(database: BaseClient) -> None:
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
    # The engine would forget by real time what the service's clock, moved back, still needs.
    assert expiry["TimeToLiveStatus"] == "DISABLED"


def test_making_it_again_changes_nothing(database: BaseClient) -> None:
    arn = create_table(database, "made-twice")
    database.put_item(TableName="made-twice", Item={"PK": {"S": "a"}, "SK": {"S": "b"}})

    assert create_table(database, "made-twice") == arn
    assert database.scan(TableName="made-twice")["Count"] == 1
