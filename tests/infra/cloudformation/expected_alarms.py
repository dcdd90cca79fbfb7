"""The expected alarms of the stack, with their thresholds and actions."""

from collections.abc import Iterator
from typing import Any

Template = dict[str, Any]

MINUTE = 60
DAY = 24 * 60 * MINUTE

_TABLE = {"Fn::If": ["OwnTable", {"Ref": "Table"}, {"Ref": "TableName"}]}
# The dimensions of the alarms of a namespace. Other alarms have a function or a queue as dimension.
DIMENSIONS = {
    "Lockstep": [{"Name": "Table", "Value": _TABLE}],
    "AWS/DynamoDB": [{"Name": "TableName", "Value": _TABLE}],
    "AWS/SES": [{"Name": "ses:configuration-set", "Value": {"Ref": "AWS::StackName"}}],
    "AWS/WAFV2": [
        {"Name": "WebACL", "Value": {"Ref": "AWS::StackName"}},
        {"Name": "Rule", "Value": "rate"},
        {"Name": "Region", "Value": {"Ref": "AWS::Region"}},
    ],
    "AWS/ApiGateway": [{"Name": "ApiName", "Value": {"Ref": "AWS::StackName"}}, {"Name": "Stage", "Value": "api"}],
}

# Metric, statistic, seconds of a period, periods in a row, `>` or `<`, threshold, and whether missing data rings.
Rule = tuple[str, str, int, int, str, float, bool]

ALARMS: dict[str, Rule] = {
    "AuditViolations": ("Lockstep AuditViolations", "Sum", DAY, 1, ">", 0, False),
    "AuditIncomplete": ("Lockstep AuditComplete", "Minimum", DAY, 2, "<", 1, True),
    "AuditUnsettled": ("Lockstep AuditUnsettled", "Sum", DAY, 1, ">", 100, False),
    "PoisonRecords": ("Lockstep PoisonRecords", "Sum", 5 * MINUTE, 1, ">", 0, False),
    "RematchSeconds": ("Lockstep RematchSeconds", "p99", 5 * MINUTE, 1, ">", 60, False),
    "OldestWaiting": ("Lockstep OldestWaitingSeconds", "Maximum", 5 * MINUTE, 1, ">", 900, False),
    "WaitingAtStart": ("Lockstep WaitingAtStart", "Sum", 15 * MINUTE, 1, ">", 20, False),
    "LockCommits": ("Lockstep LockCommits", "Sum", DAY, 1, "<", 1, True),
    "Conflicts": ("Lockstep Conflicts", "Sum", 5 * MINUTE, 3, ">", 3000, False),
    "Retries": ("Lockstep Retries", "Sum", 5 * MINUTE, 3, ">", 3000, False),
    "PoisonMessages": ("Lockstep PoisonMessages", "Sum", 5 * MINUTE, 1, ">", 0, False),
    "DeliverySeconds": ("Lockstep DeliverySeconds", "p99", 5 * MINUTE, 3, ">", 60, False),
    "MailBounces": ("AWS/SES Reputation.BounceRate", "Maximum", 60 * MINUTE, 1, ">", 0.05, False),
    "MailComplaints": ("AWS/SES Reputation.ComplaintRate", "Maximum", 60 * MINUTE, 1, ">", 0.001, False),
    **{
        name: (f"{name} ApproximateNumberOfMessagesVisible", "Maximum", 5 * MINUTE, 1, ">", 0, False)
        for name in (
            "Failures",
            "EventsFailures",
            "UnannouncedRecords",
            "MailFeedbackFailures",
            "EmailFailures",
            "PushFailures",
            "WebhookFailures",
            "LiveFailures",
        )
    },
    **{
        f"{name}Age": (f"{name} ApproximateAgeOfOldestMessage", "Maximum", 5 * MINUTE, 1, ">", minutes * MINUTE, False)
        for name, minutes in {"EmailQueue": 15, "PushQueue": 15, "WebhookQueue": 30, "LiveQueue": 5}.items()
    },
    "StreamLag": ("Rematch IteratorAge", "Maximum", 5 * MINUTE, 3, ">", 60_000, False),
    "EventsLag": ("Events IteratorAge", "Maximum", 5 * MINUTE, 3, ">", 60_000, False),
    "ScheduleStopped": ("Finalize Invocations", "Sum", 5 * MINUTE, 2, "<", 1, True),
    "SweepStopped": ("Sweep Invocations", "Sum", 30 * MINUTE, 1, "<", 1, True),
    "TableThrottled": ("AWS/DynamoDB WriteThrottleEvents", "Sum", 5 * MINUTE, 1, ">", 100, False),
    "ApiFailures": ("AWS/ApiGateway 5XXError", "Average", 5 * MINUTE, 2, ">", 0.01, False),
    "ApiLatency": ("AWS/ApiGateway Latency", "p99", 5 * MINUTE, 3, ">", 3000, False),
    "FirewallBlocks": ("AWS/WAFV2 BlockedRequests", "Sum", 5 * MINUTE, 3, ">", 1000, False),
    "ApiErrors": ("APIHandler Errors", "Sum", 15 * MINUTE, 1, ">", 2, False),
    **{
        f"{name}Errors": (f"{name} Errors", "Sum", 15 * MINUTE, 1, ">", 2, False)
        for name in (
            "Rematch",
            "Events",
            "DeliverEmail",
            "DeliverPush",
            "DeliverWebhook",
            "DeliverLive",
            "MailFeedback",
            "WebsocketConnect",
            "WebsocketMessage",
            "WebsocketDisconnect",
            "Finalize",
            "Sweep",
        )
    },
    "ApiThrottles": ("APIHandler Throttles", "Sum", 5 * MINUTE, 1, ">", 0, False),
    "RematchThrottles": ("Rematch Throttles", "Sum", 5 * MINUTE, 1, ">", 0, False),
    "EventsThrottles": ("Events Throttles", "Sum", 5 * MINUTE, 1, ">", 0, False),
    "FinalizeThrottles": ("Finalize Throttles", "Sum", 5 * MINUTE, 1, ">", 0, False),
}


def has_the_expected_alarms(template: Template) -> Iterator[str]:
    """Yield the alarms that differ from the expected ones."""
    resources = template["Resources"].items()
    found = {name: each["Properties"] for name, each in resources if each.get("Type", "").endswith("Alarm")}
    wanted = {f"{name}Alarm": _properties(name, rule) for name, rule in ALARMS.items()}
    for name in sorted(found.keys() | wanted.keys()):
        # Another rule checks that the description exists.
        if wanted.get(name) != {key: value for key, value in found.get(name, {}).items() if key != "AlarmDescription"}:
            yield name


def _properties(name: str, rule: Rule) -> Template:
    metric, statistic, period, periods, comparison, threshold, silence = rule
    source, _, metric_name = metric.partition(" ")
    further = {"Fn::If": ["AlarmTopicArnIsGiven", {"Ref": "AlarmTopicArn"}, {"Ref": "AWS::NoValue"}]}
    topic = [{"Ref": "AlarmTopic"}, further]
    kind, dimensions = "AWS/Lambda", [{"Name": "FunctionName", "Value": {"Ref": source}}]
    if source in DIMENSIONS:
        kind, dimensions = source, DIMENSIONS[source]
    elif metric_name.startswith("Approximate"):
        kind, dimensions = "AWS/SQS", [{"Name": "QueueName", "Value": {"Fn::GetAtt": [source, "QueueName"]}}]
    return {
        "AlarmName": {"Fn::Sub": f"${{AWS::StackName}}-{name}"},
        "Namespace": kind,
        "MetricName": metric_name,
        "Dimensions": dimensions,
        "ExtendedStatistic" if statistic == "p99" else "Statistic": statistic,
        "Period": period,
        "EvaluationPeriods": periods,
        "Threshold": threshold,
        "ComparisonOperator": {">": "GreaterThanThreshold", "<": "LessThanThreshold"}[comparison],
        "TreatMissingData": "breaching" if silence else "notBreaching",
        "AlarmActions": topic,
        "OKActions": topic,
    }
