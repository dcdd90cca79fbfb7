"""What each role of the stack allows and who takes it on, written down once more, and nothing besides."""

from collections.abc import Iterator
from typing import Any

Template = dict[str, Any]

_GIVEN = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${TableName}"
TABLE = {"Fn::If": ["OwnTable", {"Fn::GetAtt": ["Table", "Arn"]}, {"Fn::Sub": _GIVEN}]}
STREAM = {
    "Fn::If": [
        "OwnTable",
        {"Fn::GetAtt": ["Table", "StreamArn"]},
        {"Fn::Sub": f"{_GIVEN}/stream/${{TableStreamLabel}}"},
    ]
}
QUEUE = {"Fn::GetAtt": ["Failures", "Arn"]}

READS = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"]
CHANGES = [*READS, "dynamodb:ConditionCheckItem", "dynamodb:DeleteItem", "dynamodb:PutItem"]

# What each function may do, and to what; besides, each writes lines to the log group of its own.
RIGHTS: dict[str, list[tuple[list[str], Any]]] = {
    "APIHandler": [([*CHANGES, "dynamodb:UpdateItem"], TABLE)],
    "Rematch": [
        (CHANGES, TABLE),
        (["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"], STREAM),
        (["dynamodb:ListStreams"], "*"),
        (["sqs:SendMessage"], QUEUE),
    ],
    "Finalize": [(CHANGES, TABLE)],
    "Sweep": [(CHANGES, TABLE)],
    "Audit": [([*READS, "dynamodb:Scan"], TABLE)],
}

# What grants something. The permission is Chalice's: the gateway may call the function of the API.
GRANTS = {"APIHandlerInvokePermission", "GatewayLogsRole", *(f"{function}Role" for function in RIGHTS)}


def _taken_on_by(service: str) -> Template:
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [trust]}


def _role(function: str) -> Template:
    logs = (["logs:CreateLogStream", "logs:PutLogEvents"], {"Fn::GetAtt": [f"{function}Logs", "Arn"]})
    # In the order of the template: what it does to the table first, then its log, then what it takes besides.
    table, *besides = RIGHTS[function]
    statements = [
        {"Effect": "Allow", "Action": actions, "Resource": resource} for actions, resource in (table, logs, *besides)
    ]
    return {
        "AssumeRolePolicyDocument": _taken_on_by("lambda.amazonaws.com"),
        "Policies": [
            {
                "PolicyName": "api" if function == "APIHandler" else function.lower(),
                "PolicyDocument": {"Version": "2012-10-17", "Statement": statements},
            }
        ],
    }


ROLES: Template = {
    **{f"Resources.{function}Role.Properties": _role(function) for function in RIGHTS},
    # Here alone a policy of AWS: it allows logs on every resource, since API Gateway has one role for the logs of all
    # APIs of an account and region, and this policy is the one that it documents.
    "Resources.GatewayLogsRole.Properties": {
        "AssumeRolePolicyDocument": _taken_on_by("apigateway.amazonaws.com"),
        "ManagedPolicyArns": [
            {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"}
        ],
    },
    "Resources.APIHandlerInvokePermission.Properties": {
        "Action": "lambda:InvokeFunction",
        "FunctionName": {"Ref": "APIHandler"},
        "Principal": "apigateway.amazonaws.com",
        "SourceArn": {
            "Fn::Sub": [
                "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${RestAPIId}/*",
                {"RestAPIId": {"Ref": "RestAPI"}},
            ]
        },
    },
}


def grants_nothing_besides(template: Template) -> Iterator[str]:
    """No role, policy or permission but those whose rights are written down."""
    kinds = {name: resource.get("Type", "") for name, resource in template["Resources"].items()}
    granting = {name for name, kind in kinds.items() if "::IAM::" in kind or kind.endswith(("Policy", "::Permission"))}
    return iter(sorted(granting ^ GRANTS))
