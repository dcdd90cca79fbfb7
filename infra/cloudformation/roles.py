"""A role for each function, with the rights that it uses and no others."""

from chalicelib.domain.model.notices import Channel
from chalicelib.event_sources import QUEUE_SOURCES
from chalicelib.storage.document_keys import STAFF_LOG
from infra.cloudformation.channels import (
    BUS,
    DELIVERS,
    DISCARDED,
    FEEDBACK_FAILURES,
    MAIL_SENDERS,
    UNANNOUNCED,
    queue_of,
)
from infra.cloudformation.intrinsic import API_FUNCTION, FUNCTIONS, LIVE_API, STAGE, Value, attribute, sub
from infra.cloudformation.ledger import OBJECTS
from infra.cloudformation.table import TABLE_ARN, TABLE_STREAM_ARN

READ = ("dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query")
# A transaction needs the right of each kind of its actions.
WRITE = ("dynamodb:ConditionCheckItem", "dynamodb:DeleteItem", "dynamodb:PutItem")
# An update of some attributes keeps the others: the version of a day, the end of a favorite, the use of an API key.
UPDATE = ("dynamodb:UpdateItem",)
READ_STREAM = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")

READ_QUEUE = ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
SEND = ("sqs:SendMessage",)
SEND_MAIL = ("ses:SendEmail", "ses:SendRawEmail")

# The rights that nothing has in the log of staff (R47). A line is put on the condition that it does not exist.
CHANGE = ("dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:UpdateItem")
TABLE_ACTIONS = {
    # It scans the table for the members that staff search.
    API_FUNCTION: (*READ, *WRITE, *UPDATE, "dynamodb:Scan"),
    # These two run jobs. The deletion of an account updates the relations of its followers.
    "Rematch": (*READ, *WRITE, *UPDATE),
    "Finalize": (*READ, *WRITE, *UPDATE),
    "Sweep": (*READ, *WRITE),
    "Events": (*READ, *WRITE),
    "MailFeedback": (*READ, *WRITE),
    # The first message records the use of its token.
    "WebsocketMessage": (*READ, *WRITE, *UPDATE),
    "WebsocketDisconnect": (*READ, *WRITE),
    **dict.fromkeys(DELIVERS, (*READ, *WRITE)),
    # It scans the whole table and writes nothing.
    "Audit": (*READ, "dynamodb:Scan"),
}
# The functions that run jobs record erasures. They can neither read nor delete what is recorded.
RECORDS = (API_FUNCTION, "Rematch", "Finalize")
# The queue in which a function, or Lambda with its role, keeps what it could not handle.
KEEPS = {"Events": UNANNOUNCED, "MailFeedback": FEEDBACK_FAILURES}
# The functions that announce events. The schedules find events that no change of a day reports.
ANNOUNCES = ("Events", "Finalize", "Sweep")
# The functions that send messages of a webhook: a test of its owner, and a later attempt.
POSTS = (API_FUNCTION, "DeliverWebhook")
# The functions that send mails: to verify an address, to notify, and to say that a webhook is off.
MAILS = (API_FUNCTION, "DeliverEmail", "DeliverWebhook")
# The methods of the management API of live connections that a function calls. The deletion of an account closes them.
CONNECTIONS = {
    **dict.fromkeys((API_FUNCTION, "Rematch", "Finalize"), ("DELETE",)),
    **dict.fromkeys(("WebsocketMessage", "DeliverLive"), ("POST", "DELETE")),
}
_LIVE = f"arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{{LIVE_API}}}/{STAGE}"


def role_of(function: str) -> str:
    """Return the name of a function's role."""
    return f"{function}Role"


def log_group_of(function: str) -> str:
    """Return the name of a function's log group."""
    return f"{function}Logs"


def roles() -> dict[str, Value]:
    """Return the roles by name."""
    return {role_of(function): _role(function) for function in FUNCTIONS}


def _statements(function: str) -> list[Value]:
    """Return the rights of a function."""
    statements = []
    if function in TABLE_ACTIONS:
        statements.append(_allow(TABLE_ACTIONS[function], TABLE_ARN))
        statements.append(_keep_staff_log(function))
    # The ARN of a log group ends in a wildcard for its streams, which Lambda names.
    statements.append(_allow(("logs:CreateLogStream", "logs:PutLogEvents"), attribute(log_group_of(function), "Arn")))
    if function in RECORDS:
        statements.append(_allow(("s3:PutObject",), OBJECTS))
    if function in DISCARDED:
        statements += [
            _allow(READ_STREAM, TABLE_STREAM_ARN),
            # AWS requires this right of each reader of a stream and has no resource for it.
            _allow(("dynamodb:ListStreams",), "*"),
            _allow(SEND, attribute(DISCARDED[function], "Arn")),
        ]
    if function in KEEPS:
        statements.append(_allow(SEND, attribute(KEEPS[function], "Arn")))
    if function in ANNOUNCES:
        statements += [
            _allow(SEND, [attribute(queue_of(channel), "Arn") for channel in QUEUE_SOURCES]),
            _allow(("events:PutEvents",), attribute(BUS, "Arn")),
        ]
    if function in DELIVERS:
        statements.append(_allow(READ_QUEUE, attribute(queue_of(DELIVERS[function]), "Arn")))
    if function in POSTS:
        statements.append(_allow(SEND, attribute(queue_of(Channel.WEBHOOK), "Arn")))
    if function in MAILS:
        statements.append(_allow(SEND_MAIL, list(MAIL_SENDERS)))
    if function in CONNECTIONS:
        # The ids of connections are not known before they are opened.
        connections = [sub(f"{_LIVE}/{method}/@connections/*") for method in CONNECTIONS[function]]
        statements.append(_allow(("execute-api:ManageConnections",), connections))
    return statements


def _role(function: str) -> Value:
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "lambda.amazonaws.com"},
                        "Action": "sts:AssumeRole",
                    }
                ],
            },
            "Policies": [
                {
                    "PolicyName": FUNCTIONS[function],
                    "PolicyDocument": {"Version": "2012-10-17", "Statement": _statements(function)},
                }
            ],
        },
    }


def _keep_staff_log(function: str) -> Value:
    """Return the statement that denies each change of the log of staff. Only the API's function adds lines."""
    actions = CHANGE if function == API_FUNCTION else (*CHANGE, "dynamodb:PutItem")
    lines = {"ForAnyValue:StringLike": {"dynamodb:LeadingKeys": [f"{STAFF_LOG}*"]}}
    return {"Effect": "Deny", "Action": list(actions), "Resource": TABLE_ARN, "Condition": lines}


def _allow(actions: tuple[str, ...], resource: Value) -> Value:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource}
