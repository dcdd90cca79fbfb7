"""The expected properties of the stack's template, and rules for all of its resources."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from chalicelib.handlers.http.responses.headers import API_CSP, SECURITY_HEADERS
from infra.cloudformation.intrinsic import FUNCTIONS
from tests.infra.cloudformation.expected_alarms import has_the_expected_alarms
from tests.infra.cloudformation.expected_backups import BACKUPS
from tests.infra.cloudformation.expected_firewall import FIREWALL
from tests.infra.cloudformation.expected_mails import MAILS
from tests.infra.cloudformation.expected_roles import ROLES, has_only_the_expected_grants
from tests.infra.cloudformation.expected_web_app import WEB_APP, WEB_INVITE_URL

Template = dict[str, Any]

SOURCE = "Resources.{0}.Properties.Events.{0}DynamodbEventSource.Properties"
# For each channel the messages of a batch, the concurrent runs, the seconds of a run and the receives of a message, and
# whether the queue keeps an order.
QUEUES = {
    "Email": (5, 10, 90, 30, True),
    "Push": (2, 20, 30, 30, True),
    "Webhook": (1, 50, 60, 10, False),
    "Live": (4, 20, 20, 5, True),
}
DAYS = 24 * 3600
FAILURES = {"MessageRetentionPeriod": 14 * DAYS, "SqsManagedSseEnabled": True}
TABLE = "Resources.Table"
API = "Resources.RestAPI.Properties"
OWN_URL = "https://${RestAPI}.execute-api.${AWS::Region}.${AWS::URLSuffix}/api"
# The access log has neither the path, which may contain the token of an invite link, nor the caller's address.
LOGGED = {
    "requestId": "$context.requestId",
    "method": "$context.httpMethod",
    "route": "$context.resourcePath",
    "status": "$context.status",
    "milliseconds": "$context.responseLatency",
    "functionMilliseconds": "$context.integrationLatency",
    "refused": "$context.error.responseType",
}


def _limit(path: str, method: str, rate: Any, burst: Any) -> Template:
    return {
        "ResourcePath": path,
        "HttpMethod": method,
        "ThrottlingRateLimit": rate,
        "ThrottlingBurstLimit": burst,
        "MetricsEnabled": False,
        "LoggingLevel": "OFF",
        "DataTraceEnabled": False,
    }


def _reads_stream(function: str, batch: int, retries: int, seconds: int, failures: str) -> dict[str, Any]:
    source = SOURCE.format(function)
    return {
        f"{source.removesuffix('.Properties')}.Type": "DynamoDB",
        f"{source}.Stream.Fn::If.1": {"Fn::GetAtt": ["Table", "StreamArn"]},
        f"{source}.StartingPosition": "TRIM_HORIZON",
        f"{source}.BatchSize": batch,
        f"{source}.FunctionResponseTypes": ["ReportBatchItemFailures"],
        f"{source}.BisectBatchOnFunctionError": True,
        f"{source}.MaximumRetryAttempts": retries,
        f"{source}.MaximumRecordAgeInSeconds": seconds,
        f"{source}.ParallelizationFactor": 4,
        f"{source}.DestinationConfig": {"OnFailure": {"Type": "SQS", "Destination": {"Fn::GetAtt": [failures, "Arn"]}}},
        f"{source}.Enabled": {"Fn::If": ["DeliversStream", True, False]},
    }


def _delivers(channel: str, batch: int, runs: int, seconds: int, receives: int, ordered: bool) -> dict[str, Any]:
    fifo = {"FifoQueue": True} if ordered else {}
    groups = {"DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId"} if ordered else {}
    return {
        f"Resources.Deliver{channel}.Properties.Timeout": seconds,
        f"Resources.Deliver{channel}.Properties.Events.Deliver{channel}SqsEventSource": {
            "Type": "SQS",
            "Properties": {
                "Queue": {"Fn::GetAtt": [f"{channel}Queue", "Arn"]},
                "BatchSize": batch,
                "MaximumBatchingWindowInSeconds": 0,
                "ScalingConfig": {"MaximumConcurrency": runs},
                "FunctionResponseTypes": ["ReportBatchItemFailures"],
            },
        },
        f"Resources.{channel}Queue.Properties": {
            **fifo,
            **groups,
            "MessageRetentionPeriod": 4 * DAYS,
            "SqsManagedSseEnabled": True,
            "VisibilityTimeout": 6 * seconds,
            "RedrivePolicy": {
                "deadLetterTargetArn": {"Fn::GetAtt": [f"{channel}Failures", "Arn"]},
                "maxReceiveCount": receives,
            },
        },
        f"Resources.{channel}Failures.Properties": {**fifo, **FAILURES},
    }


SIGN_IN_GIVEN = [
    {"Fn::Not": [{"Fn::Equals": [{"Ref": name}, ""]}]} for name in ("AuthorizationUrl", "TokenUrl", "ClientId")
]

EXPECTED: dict[str, Any] = {
    f"{TABLE}.DeletionPolicy": "Retain",
    f"{TABLE}.UpdateReplacePolicy": "Retain",
    f"{TABLE}.Properties.BillingMode": "PAY_PER_REQUEST",
    f"{TABLE}.Properties.StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
    f"{TABLE}.Properties.TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": True},
    f"{TABLE}.Properties.PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
    f"{TABLE}.Properties.DeletionProtectionEnabled": True,
    f"{TABLE}.Properties.WarmThroughput": {
        "ReadUnitsPerSecond": {"Ref": "WarmReads"},
        "WriteUnitsPerSecond": {"Ref": "WarmWrites"},
    },
    **{
        path: value
        for function, *rule in (
            ("Rematch", 100, 5, 3600, "Failures"),
            # The stream keeps a record for a day.
            ("Events", 25, -1, 24 * 3600, "EventsFailures"),
        )
        for path, value in _reads_stream(function, *rule).items()
    },
    **{path: value for channel, rule in QUEUES.items() for path, value in _delivers(channel, *rule).items()},
    "Resources.Ledger.DeletionPolicy": "Retain",
    "Resources.Ledger.UpdateReplacePolicy": "Retain",
    "Resources.Ledger.Properties.BucketEncryption": {
        "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
    },
    "Resources.Ledger.Properties.PublicAccessBlockConfiguration": dict.fromkeys(
        ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
    ),
    "Resources.Ledger.Properties.VersioningConfiguration": {"Status": "Enabled"},
    "Resources.Ledger.Properties.LifecycleConfiguration.Rules": [
        {
            "Id": "kept",
            "Status": "Enabled",
            "ExpirationInDays": 370,
            "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
        }
    ],
    **BACKUPS,
    "Resources.LedgerPolicy.Properties": {
        "Bucket": {"Ref": "Ledger"},
        "PolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:*",
                    "Resource": [{"Fn::GetAtt": ["Ledger", "Arn"]}, {"Fn::Sub": "${Ledger.Arn}/*"}],
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                }
            ],
        },
    },
    "Resources.Bus": {
        "Type": "AWS::Events::EventBus",
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Delete",
        "Properties": {"Name": {"Ref": "AWS::StackName"}},
    },
    "Resources.MailFeedback.Properties.Events.MailFeedbackSnsSubscription": {
        "Type": "SNS",
        "Properties": {"Topic": {"Fn::Sub": "${MailFeedbackTopic}"}},
    },
    "Resources.MailFeedback.Properties.EventInvokeConfig": {
        "MaximumRetryAttempts": 2,
        "MaximumEventAgeInSeconds": 6 * 3600,
    },
    "Resources.MailFeedback.Properties.DeadLetterQueue": {
        "Type": "SQS",
        "TargetArn": {"Fn::GetAtt": ["MailFeedbackFailures", "Arn"]},
    },
    "Resources.MailConfiguration.Properties": {
        "Name": {"Ref": "AWS::StackName"},
        "DeliveryOptions": {"TlsPolicy": "REQUIRE"},
        "ReputationOptions": {"ReputationMetricsEnabled": True},
        "SuppressionOptions": {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]},
    },
    "Resources.MailFeedbackTopicDestination.Properties": {
        "ConfigurationSetName": {"Ref": "MailConfiguration"},
        "EventDestination": {
            "Name": "feedback",
            "Enabled": True,
            "MatchingEventTypes": ["bounce", "complaint"],
            "SnsDestination": {"TopicARN": {"Ref": "MailFeedbackTopic"}},
        },
    },
    "Resources.Finalize.Properties.Events.FinalizeEvent.Properties.Schedule": "rate(1 minute)",
    "Resources.Sweep.Properties.Events.SweepEvent.Properties.Schedule": "rate(10 minutes)",
    "Resources.Audit.Properties.Events.AuditEvent.Properties.Schedule": "rate(1 day)",
    **{
        f"Resources.{name}.Properties.{key}": value
        for name in ("Failures", "EventsFailures", "UnannouncedRecords", "MailFeedbackFailures")
        for key, value in FAILURES.items()
    },
    f"{API}.EndpointConfiguration": "REGIONAL",
    f"{API}.StageName": "api",
    f"{API}.MinimumCompressionSize": 1024,
    f"{API}.Name": {"Ref": "AWS::StackName"},
    f"{API}.DefinitionBody.info.title": {"Ref": "AWS::StackName"},
    **{
        f"{API}.DefinitionBody.paths./{{proxy+}}.{method}.parameters": [
            {"name": "proxy", "in": "path", "required": True, "type": "string"}
        ]
        for method in ("delete", "get", "head", "patch", "post", "put", "options")
    },
    # The reference makes the stage depend on the account if the condition holds.
    f"{API}.Tags": {
        "access-log-role": {"Fn::If": ["SetsGatewayLogs", {"Ref": "GatewayAccount"}, "the account's"]},
    },
    f"{API}.AccessLogSetting.DestinationArn": {"Fn::GetAtt": ["AccessLogs", "Arn"]},
    f"{API}.AccessLogSetting.Format": json.dumps(LOGGED),
    f"{API}.MethodSettings": [
        _limit("/*", "*", {"Ref": "RequestsPerSecond"}, {"Ref": "RequestBurst"}),
        *(_limit("/~1i~1{token}", method, 50, 100) for method in ("GET", "HEAD", "POST")),
    ],
    **{
        f"{API}.GatewayResponses.{name}.StatusCode": status
        for name, status in {
            "UNAUTHORIZED": 401,
            "ACCESS_DENIED": 403,
            "MISSING_AUTHENTICATION_TOKEN": 404,
            "REQUEST_TOO_LARGE": 413,
            "THROTTLED": 429,
            "DEFAULT_4XX": 404,
            "DEFAULT_5XX": 500,
        }.items()
    },
    "Resources.Domain.Condition": "DomainNameIsGiven",
    "Resources.Domain.Properties": {
        "DomainName": {"Ref": "DomainName"},
        "RegionalCertificateArn": {"Ref": "CertificateArn"},
        "EndpointConfiguration": {"Types": ["REGIONAL"]},
        "SecurityPolicy": "TLS_1_2",
    },
    "Resources.DomainMapping.Condition": "DomainNameIsGiven",
    "Resources.DomainMapping.Properties": {
        "DomainName": {"Ref": "Domain"},
        "RestApiId": {"Ref": "RestAPI"},
        "Stage": {"Ref": "RestAPI.Stage"},
    },
    "Resources.WebsocketAPI.Properties.Name": {"Fn::Sub": "${AWS::StackName}-live"},
    "Resources.WebsocketAPI.Properties.ProtocolType": "WEBSOCKET",
    "Resources.WebsocketAPIStage.Properties.StageName": "api",
    # The messages contain tokens and are not logged.
    "Resources.WebsocketAPIStage.Properties.DefaultRouteSettings": {
        "ThrottlingRateLimit": {"Ref": "RequestsPerSecond"},
        "ThrottlingBurstLimit": {"Ref": "RequestBurst"},
        "DetailedMetricsEnabled": False,
        "LoggingLevel": "OFF",
        "DataTraceEnabled": False,
    },
    **{
        f"Resources.Websocket{name}Route.Properties.RouteKey": f"${key}"
        for name, key in (("Connect", "connect"), ("Message", "default"), ("Disconnect", "disconnect"))
    },
    "Outputs.ApiUrl.Value": {
        "Fn::If": ["DomainNameIsGiven", {"Fn::Sub": "https://${DomainName}"}, {"Fn::Sub": OWN_URL}]
    },
    "Outputs.InviteUrlBase.Value": {
        "Fn::If": [
            "InviteUrlIsGiven",
            {"Ref": "InviteUrl"},
            {
                "Fn::If": [
                    "HasWebUrl",
                    WEB_INVITE_URL,
                    {
                        "Fn::If": [
                            "DomainNameIsGiven",
                            {"Fn::Sub": "https://${DomainName}/i"},
                            {"Fn::Sub": f"{OWN_URL}/i"},
                        ]
                    },
                ]
            },
        ]
    },
    **WEB_APP,
    **FIREWALL,
    **MAILS,
    "Outputs.DomainTarget.Condition": "DomainNameIsGiven",
    "Outputs.DomainTarget.Value": {"Fn::GetAtt": ["Domain", "RegionalDomainName"]},
    "Resources.GatewayAccount.Condition": "SetsGatewayLogs",
    "Resources.GatewayLogsRole.Condition": "SetsGatewayLogs",
    **ROLES,
    "Parameters.CursorKey.NoEcho": True,
    "Parameters.IdentityKey.NoEcho": True,
    "Rules.TableHasAStream": {
        "RuleCondition": {"Fn::Not": [{"Fn::Equals": [{"Ref": "TableName"}, ""]}]},
        "Assertions": [
            {
                "Assert": {"Fn::Not": [{"Fn::Equals": [{"Ref": "TableStreamLabel"}, ""]}]},
                "AssertDescription": "A TableName needs the TableStreamLabel of that table.",
            }
        ],
    },
    "Rules.SignInIsWhole": {
        "RuleCondition": {"Fn::Or": SIGN_IN_GIVEN},
        "Assertions": [
            {
                "Assert": {"Fn::And": SIGN_IN_GIVEN},
                "AssertDescription": "AuthorizationUrl, TokenUrl and ClientId are given together or not at all.",
            }
        ],
    },
    "Resources.Dashboard.Type": "AWS::CloudWatch::Dashboard",
    **{
        f"Resources.{function}.Properties.EventInvokeConfig": {
            "MaximumRetryAttempts": 0,
            "MaximumEventAgeInSeconds": 60,
        }
        for function in ("Finalize", "Sweep", "Audit")
    },
    **{f"Resources.{function}.Properties.Runtime": "python3.13" for function in FUNCTIONS},
    **{f"Resources.{function}.Properties.Architectures": ["arm64"] for function in FUNCTIONS},
    "Resources.APIHandler.Properties.SnapStart": {
        "Fn::If": ["StartsFromSnapshot", {"ApplyOn": "PublishedVersions"}, {"ApplyOn": "None"}]
    },
    "Resources.APIHandler.Properties.Description": {"Ref": "Deployment"},
    "Resources.APIHandlerVersion.Type": "AWS::Lambda::Version",
    "Resources.APIHandlerVersion.Properties.FunctionName": {"Ref": "APIHandler"},
    "Resources.APIHandlerLive": {
        "Type": "AWS::Lambda::Alias",
        "Properties": {
            "Name": "live",
            "FunctionName": {"Ref": "APIHandler"},
            "FunctionVersion": {"Fn::GetAtt": ["APIHandlerVersion", "Version"]},
        },
    },
    **{
        f"Resources.{function}.Properties.RuntimeManagementConfig": {"UpdateRuntimeOn": "FunctionUpdate"}
        for function in FUNCTIONS
    },
    **{
        f"Resources.{name}.Properties.RetentionInDays": {"Ref": "LogDays"}
        for name in ("AccessLogs", *(f"{function}Logs" for function in FUNCTIONS))
    },
    **{
        f"Resources.{function}.Properties.LoggingConfig": {"LogGroup": {"Ref": f"{function}Logs"}}
        for function in FUNCTIONS
    },
}

# AWS has no resource for these actions, so their statements may name every resource.
NO_RESOURCE = {"dynamodb:ListStreams"}
# The ids of these resources are not known before they exist.
UNKNOWN_IDS = ("/@connections/*", "${Ledger.Arn}/*")


def look_up(template: Template, path: str) -> Any:
    """Return the value at a path, or None."""
    found: Any = template
    for step in path.split("."):
        key = int(step) if isinstance(found, list) else step
        try:
            found = found[key]
        except (IndexError, KeyError):
            return None
    return found


def differences(template: Template) -> set[str]:
    """Return the paths whose values differ from the expected ones."""
    return {path for path, value in EXPECTED.items() if look_up(template, path) != value}


def rule_violations(template: Template) -> list[str]:
    """Return the violations of the rules."""
    return [f"{rule.__name__}: {name}" for rule in RULES for name in rule(template)]


def of_type(template: Template, kind: str) -> dict[str, Any]:
    """Return the properties of the resources of a type."""
    found = template["Resources"].items()
    return {name: resource["Properties"] for name, resource in found if resource.get("Type") == kind}


def statements(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each policy statement with its role."""
    for name, role in of_type(template, "AWS::IAM::Role").items():
        for policy in role.get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                yield name, statement


def has_a_type(template: Template) -> Iterator[str]:
    """Yield resources without a type, such as a misspelt name of a resource of Chalice."""
    return (name for name, resource in template["Resources"].items() if "Type" not in resource)


# Their events are routes of the APIs.
OF_GATEWAYS = {"APIHandler", "WebsocketConnect", "WebsocketMessage", "WebsocketDisconnect"}


def has_one_event(template: Template) -> Iterator[str]:
    """Yield functions with a second event, such as a misspelt event of Chalice."""
    functions = of_type(template, "AWS::Serverless::Function")
    return (
        name for name, function in functions.items() if len(function.get("Events", {})) != (name not in OF_GATEWAYS)
    )


def has_a_role_of_its_own(template: Template) -> Iterator[str]:
    """Yield functions without a separate role of the template."""
    for name, function in of_type(template, "AWS::Serverless::Function").items():
        if function["Role"] != {"Fn::GetAtt": [f"{name}Role", "Arn"]}:
            yield name


def names_its_actions(template: Template) -> Iterator[str]:
    """Yield roles with a wildcard in an action."""
    return (role for role, statement in statements(template) for each in statement["Action"] if "*" in each)


def names_its_resources(template: Template) -> Iterator[str]:
    """Yield roles with all resources for actions that have resources."""
    for role, statement in statements(template):
        resources = json.dumps(statement["Resource"])
        for unknown in UNKNOWN_IDS:
            resources = resources.replace(unknown, "")
        if "*" in resources and not set(statement["Action"]) <= NO_RESOURCE:
            yield role


# Both page through the whole table, the audit daily and the API for the members that staff search (R47).
SCANNING = ("APIHandlerRole", "AuditRole")


def scans_only_to_audit_or_to_search(template: Template) -> Iterator[str]:
    """Yield roles that scan the table, except those that must, and the audit's if it writes."""
    writes = {f"dynamodb:{verb}Item" for verb in ("Put", "Update", "Delete")}
    for role, statement in statements(template):
        actions = set(statement["Action"])
        if ("dynamodb:Scan" in actions) != (role in SCANNING and "dynamodb:Query" in actions):
            yield role
        if role == "AuditRole" and statement["Effect"] == "Allow" and actions & writes:
            yield role


def reads_the_stream_only_where_it_is_delivered(template: Template) -> Iterator[str]:
    """Yield roles with rights to the stream, except those of its two functions."""
    special = {"dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream"}
    held = {role for role, statement in statements(template) if special & set(statement["Action"])}
    return iter(held ^ {"RematchRole", "EventsRole"})


def reads_each_queue_in_one_function(template: Template) -> Iterator[str]:
    """Yield roles that receive messages, except that of each channel's function from its own queue."""
    wanted = [(f"Deliver{channel}Role", {"Fn::GetAtt": [f"{channel}Queue", "Arn"]}) for channel in QUEUES]
    found = [(role, each["Resource"]) for role, each in statements(template) if "sqs:ReceiveMessage" in each["Action"]]
    return (role for role, queue in found if (role, queue) not in wanted)


def refuses_with_problems(template: Template) -> Iterator[str]:
    """Yield errors of the gateway that are not problems of the API."""
    for name, response in look_up(template, f"{API}.GatewayResponses").items():
        headers = response["ResponseParameters"]["Headers"]
        body = json.loads(response["ResponseTemplates"]["application/json"])
        if (
            headers.get("Content-Type") != "'application/problem+json'"
            or body["status"] != response["StatusCode"]
            or body["code"] not in body["type"]
            or (body["message"], body["error"]) != (body["detail"], body["title"])
        ):
            yield name


def hardens_refusals(template: Template) -> Iterator[str]:
    """Yield errors of the gateway without the security headers of the service."""
    hardened = {**SECURITY_HEADERS, "Content-Security-Policy": API_CSP, "Cache-Control": "no-store"}
    for name, response in look_up(template, f"{API}.GatewayResponses").items():
        headers = response["ResponseParameters"]["Headers"].items()
        if not {header: f"'{value}'" for header, value in hardened.items()}.items() <= headers:
            yield name


def lets_the_first_origin_read_refusals(template: Template) -> Iterator[str]:
    """Yield errors of the gateway that do not name the first origin, or name one without origins."""
    first = {"Fn::Select": [0, {"Fn::Split": [",", {"Ref": "Origins"}]}]}
    wanted = {
        "Access-Control-Allow-Origin": {"Fn::Sub": ["'${origin}'", {"origin": first}]},
        "Access-Control-Expose-Headers": "'Date,ETag,Location,RateLimit,RateLimit-Policy,Retry-After'",
    }
    for name, response in look_up(template, f"{API}.GatewayResponses").items():
        headers = response["ResponseParameters"]["Headers"]
        for header, value in wanted.items():
            if headers.get(header) != {"Fn::If": ["OriginsIsGiven", value, {"Ref": "AWS::NoValue"}]}:
                yield f"{name} {header}"


def describes_its_alarms(template: Template) -> Iterator[str]:
    """Yield alarms without a description of at least 60 characters."""
    alarms = of_type(template, "AWS::CloudWatch::Alarm")
    return (name for name, alarm in alarms.items() if len(alarm.get("AlarmDescription", "")) < 60)


RULES: list[Callable[[Template], Iterator[str]]] = [
    has_a_type,
    has_one_event,
    has_a_role_of_its_own,
    names_its_actions,
    names_its_resources,
    scans_only_to_audit_or_to_search,
    reads_the_stream_only_where_it_is_delivered,
    reads_each_queue_in_one_function,
    refuses_with_problems,
    hardens_refusals,
    lets_the_first_origin_read_refusals,
    has_only_the_expected_grants,
    has_the_expected_alarms,
    describes_its_alarms,
]
