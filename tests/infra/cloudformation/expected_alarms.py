"""The expected alarms of the stack, with their thresholds and actions."""

from collections.abc import Iterator
from typing import Any

Template = dict[str, Any]

MINUTE = 60
DAY = 24 * 60 * MINUTE

_TABLE = {"Fn::If": ["OwnTable", {"Ref": "Table"}, {"Ref": "TableName"}]}
# The dimensions of the alarms of a namespace. Other alarms have a function as dimension.
DIMENSIONS = {
    "Lockstep": [{"Name": "Table", "Value": _TABLE}],
    "AWS/DynamoDB": [{"Name": "TableName", "Value": _TABLE}],
    "AWS/SQS": [{"Name": "QueueName", "Value": {"Fn::GetAtt": ["Failures", "QueueName"]}}],
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
    "Failures": ("AWS/SQS ApproximateNumberOfMessagesVisible", "Maximum", 5 * MINUTE, 1, ">", 0, False),
    "StreamLag": ("Rematch IteratorAge", "Maximum", 5 * MINUTE, 3, ">", 60_000, False),
    "ScheduleStopped": ("Finalize Invocations", "Sum", 5 * MINUTE, 2, "<", 1, True),
    "SweepStopped": ("Sweep Invocations", "Sum", 30 * MINUTE, 1, "<", 1, True),
    "TableThrottled": ("AWS/DynamoDB WriteThrottleEvents", "Sum", 5 * MINUTE, 1, ">", 100, False),
    "ApiFailures": ("AWS/ApiGateway 5XXError", "Average", 5 * MINUTE, 2, ">", 0.01, False),
    "ApiLatency": ("AWS/ApiGateway Latency", "p99", 5 * MINUTE, 3, ">", 3000, False),
    "ApiErrors": ("APIHandler Errors", "Sum", 15 * MINUTE, 1, ">", 2, False),
    "RematchErrors": ("Rematch Errors", "Sum", 15 * MINUTE, 1, ">", 2, False),
    "FinalizeErrors": ("Finalize Errors", "Sum", 15 * MINUTE, 1, ">", 2, False),
    "SweepErrors": ("Sweep Errors", "Sum", 15 * MINUTE, 1, ">", 2, False),
    "ApiThrottles": ("APIHandler Throttles", "Sum", 5 * MINUTE, 1, ">", 0, False),
    "RematchThrottles": ("Rematch Throttles", "Sum", 5 * MINUTE, 1, ">", 0, False),
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
    topic = {"Fn::If": ["AlarmTopicArnIsGiven", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]}
    return {
        "AlarmName": {"Fn::Sub": f"${{AWS::StackName}}-{name}"},
        "Namespace": source if source in DIMENSIONS else "AWS/Lambda",
        "MetricName": metric_name,
        "Dimensions": DIMENSIONS.get(source, [{"Name": "FunctionName", "Value": {"Ref": source}}]),
        "ExtendedStatistic" if statistic == "p99" else "Statistic": statistic,
        "Period": period,
        "EvaluationPeriods": periods,
        "Threshold": threshold,
        "ComparisonOperator": {">": "GreaterThanThreshold", "<": "LessThanThreshold"}[comparison],
        "TreatMissingData": "breaching" if silence else "notBreaching",
        "AlarmActions": topic,
        "OKActions": topic,
    }
