"""The expected roles of the stack, with their rights and the services that may assume them."""

import re
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


def _arn(resource: str) -> Template:
    return {"Fn::GetAtt": [resource, "Arn"]}


def _reads_stream(failures: str) -> list[tuple[list[str], Any]]:
    return [
        (["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"], STREAM),
        (["dynamodb:ListStreams"], "*"),
        (["sqs:SendMessage"], _arn(failures)),
    ]


def _keeps(failures: str) -> tuple[list[str], Any]:
    return (["sqs:SendMessage"], _arn(failures))


def _reads_queue(queue: str) -> tuple[list[str], Any]:
    return (["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"], _arn(queue))


QUEUES = [f"{channel}Queue" for channel in ("Email", "Push", "Webhook", "Live")]
ANNOUNCES = [(["sqs:SendMessage"], [_arn(queue) for queue in QUEUES]), (["events:PutEvents"], _arn("Bus"))]
POSTS = (["sqs:SendMessage"], _arn("WebhookQueue"))
_SES = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}"
_DOMAIN = {"Fn::Select": [1, {"Fn::Split": ["@", {"Fn::Sub": "${MailFrom}@none"}]}]}
MAILS = (
    ["ses:SendEmail", "ses:SendRawEmail"],
    [
        {"Fn::Sub": f"{_SES}:identity/${{MailFrom}}"},
        {"Fn::Sub": [f"{_SES}:identity/${{domain}}", {"domain": _DOMAIN}]},
        {"Fn::Sub": f"{_SES}:configuration-set/${{MailConfiguration}}"},
    ],
)

READS = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"]
CHANGES = [*READS, "dynamodb:ConditionCheckItem", "dynamodb:DeleteItem", "dynamodb:PutItem"]
# The rights of the functions that requests, the stream or the schedule let run jobs.
UPDATES = [*CHANGES, "dynamodb:UpdateItem"]


# The functions that run jobs record erasures, and can neither read nor delete what is recorded.
RECORDS = (["s3:PutObject"], {"Fn::Sub": "${Ledger.Arn}/*"})


def _connections(*methods: str) -> tuple[list[str], Any]:
    live = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${WebsocketAPI}/api"
    resources = [{"Fn::Sub": f"{live}/{method}/@connections/*"} for method in methods]
    return (["execute-api:ManageConnections"], resources)


# The actions and resources of each function. Each function also writes to its own log group.
RIGHTS: dict[str, list[tuple[list[str], Any]]] = {
    "APIHandler": [([*UPDATES, "dynamodb:Scan"], TABLE), RECORDS, POSTS, MAILS, _connections("DELETE")],
    "Rematch": [(UPDATES, TABLE), RECORDS, *_reads_stream("Failures"), _connections("DELETE")],
    "Events": [(CHANGES, TABLE), *_reads_stream("EventsFailures"), _keeps("UnannouncedRecords"), *ANNOUNCES],
    "DeliverEmail": [(CHANGES, TABLE), _reads_queue("EmailQueue"), MAILS],
    "DeliverPush": [(CHANGES, TABLE), _reads_queue("PushQueue")],
    "DeliverWebhook": [(CHANGES, TABLE), _reads_queue("WebhookQueue"), POSTS, MAILS],
    "DeliverLive": [(CHANGES, TABLE), _reads_queue("LiveQueue"), _connections("POST", "DELETE")],
    "MailFeedback": [(CHANGES, TABLE), _keeps("MailFeedbackFailures")],
    # It uses neither the table nor a connection.
    "WebsocketConnect": [],
    "WebsocketMessage": [(UPDATES, TABLE), _connections("POST", "DELETE")],
    "WebsocketDisconnect": [(CHANGES, TABLE)],
    "Finalize": [(UPDATES, TABLE), RECORDS, *ANNOUNCES, _connections("DELETE")],
    "Sweep": [(CHANGES, TABLE), *ANNOUNCES],
    "Audit": [([*READS, "dynamodb:Scan"], TABLE)],
}

# The resources that grant rights. The permissions are Chalice's and let the gateways call their functions.
GRANTS = {
    "APIHandlerInvokePermission",
    *(f"Websocket{route}InvokePermission" for route in ("Connect", "Message", "Disconnect")),
    "GatewayLogsRole",
    "MailFeedbackTopicPolicy",
    # The policy of the ledger denies requests without encryption, and grants nothing.
    "LedgerPolicy",
    # The policy of the web app's bucket, and the headers of its files, which grant nothing.
    "WebFilesPolicy",
    "WebHeaders",
    *(f"{function}Role" for function in RIGHTS),
}


def _assumed_by(service: str) -> Template:
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [trust]}


def _denied(function: str) -> Template:
    """Return the statement that keeps the log of staff (R47). Only the API's function may add a line."""
    changes = ["dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:UpdateItem"]
    lines = {"ForAnyValue:StringLike": {"dynamodb:LeadingKeys": ["STAFFLOG#*"]}}
    actions = changes if function == "APIHandler" else [*changes, "dynamodb:PutItem"]
    return {"Effect": "Deny", "Action": actions, "Resource": TABLE, "Condition": lines}


def _role(function: str) -> Template:
    logs = (["logs:CreateLogStream", "logs:PutLogEvents"], {"Fn::GetAtt": [f"{function}Logs", "Arn"]})
    # The order of the template is the table, the log group, then other resources.
    rights = RIGHTS[function]
    statements = [
        {"Effect": "Allow", "Action": actions, "Resource": resource}
        for actions, resource in (*rights[:1], logs, *rights[1:])
    ]
    if rights:
        # Beside the rights on the table.
        statements.insert(1, _denied(function))
    return {
        "AssumeRolePolicyDocument": _assumed_by("lambda.amazonaws.com"),
        "Policies": [
            {
                "PolicyName": "api" if function == "APIHandler" else re.sub(r"(?<!^)(?=[A-Z])", "_", function).lower(),
                "PolicyDocument": {"Version": "2012-10-17", "Statement": statements},
            }
        ],
    }


ROLES: Template = {
    **{f"Resources.{function}Role.Properties": _role(function) for function in RIGHTS},
    # Only this role has an AWS policy, the one that API Gateway documents. It allows logs on every resource, since all
    # APIs of an account and region share the role.
    "Resources.GatewayLogsRole.Properties": {
        "AssumeRolePolicyDocument": _assumed_by("apigateway.amazonaws.com"),
        "ManagedPolicyArns": [
            {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"}
        ],
    },
    # SES of this account may publish the feedback of mails.
    "Resources.MailFeedbackTopicPolicy.Properties": {
        "Topics": [{"Ref": "MailFeedbackTopic"}],
        "PolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "ses.amazonaws.com"},
                    "Action": "sns:Publish",
                    "Resource": {"Ref": "MailFeedbackTopic"},
                    "Condition": {"StringEquals": {"AWS:SourceAccount": {"Ref": "AWS::AccountId"}}},
                }
            ],
        },
    },
    **{
        f"Resources.{function}InvokePermission.Properties": {
            "Action": "lambda:InvokeFunction",
            "FunctionName": {"Ref": function},
            "Principal": "apigateway.amazonaws.com",
            "SourceArn": {
                "Fn::Sub": [
                    "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${WebsocketAPIId}/*",
                    {"WebsocketAPIId": {"Ref": "WebsocketAPI"}},
                ]
            },
        }
        for function in ("WebsocketConnect", "WebsocketMessage", "WebsocketDisconnect")
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


def has_only_the_expected_grants(template: Template) -> Iterator[str]:
    """Yield the missing and the unexpected roles, policies and permissions."""
    kinds = {name: resource.get("Type", "") for name, resource in template["Resources"].items()}
    granting = {name for name, kind in kinds.items() if "::IAM::" in kind or kind.endswith(("Policy", "::Permission"))}
    return iter(sorted(granting ^ GRANTS))
