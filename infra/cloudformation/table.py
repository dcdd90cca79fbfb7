"""The table as a resource, and the names of the stack's own or a given table for other resources."""

from infra.cloudformation.intrinsic import Value, attribute, ref, sub, when
from infra.table import EXPIRY_ATTRIBUTE, table_definition

TABLE = "Table"
OWN = "OwnTable"
_GIVEN = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${TableName}"

TABLE_NAME: Value = when(OWN, ref(TABLE), ref("TableName"))
TABLE_ARN: Value = when(OWN, attribute(TABLE, "Arn"), sub(_GIVEN))
TABLE_STREAM_ARN: Value = when(OWN, attribute(TABLE, "StreamArn"), sub(f"{_GIVEN}/stream/${{TableStreamLabel}}"))


def table_resource() -> Value:
    """Return the table. It is retained when the stack is deleted."""
    definition = table_definition(name="")
    return {
        "Type": "AWS::DynamoDB::Table",
        "Condition": OWN,
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "AttributeDefinitions": definition["AttributeDefinitions"],
            "KeySchema": definition["KeySchema"],
            "BillingMode": definition["BillingMode"],
            "StreamSpecification": {"StreamViewType": definition["StreamSpecification"]["StreamViewType"]},
            "TimeToLiveSpecification": {"AttributeName": EXPIRY_ATTRIBUTE, "Enabled": True},
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
            "DeletionProtectionEnabled": True,
            "WarmThroughput": {
                "ReadUnitsPerSecond": ref("WarmReads"),
                "WriteUnitsPerSecond": ref("WarmWrites"),
            },
        },
    }
