"""When each alarm of the stack rings and whom it tells, written down once more, and no other alarm."""

from collections.abc import Iterator
from typing import Any

Template = dict[str, Any]

MINUTE = 60
DAY = 24 * 60 * MINUTE

_TABLE = {"Fn::If": ["OwnTable", {"Ref": "Table"}, {"Ref": "TableName"}]}
# What the alarms of a namespace are told of, unless of a function.
OF = {
    "Lockstep": [{"Name": "Table", "Value": _TABLE}],
    "AWS/DynamoDB": [{"Name": "TableName", "Value": _TABLE}],
    "AWS/SQS": [{"Name": "QueueName", "Value": {"Fn::GetAtt": ["Failures", "QueueName"]}}],
    "AWS/ApiGateway": [{"Name": "ApiName", "Value": {"Ref": "AWS::StackName"}}, {"Name": "Stage", "Value": "api"}],
}

# Metric, statistic, seconds of a period, periods in a row, `>` or `<`, threshold, and whether silence rings, too.
Ring = tuple[str, str, int, int, str, float, bool]

ALARMS: dict[str, Ring] = {
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


def rings_as_written_down(template: Template) -> Iterator[str]:
    """Every alarm that is written down rings when it should and tells the topic, and there is no other."""
    resources = template["Resources"].items()
    found = {name: each["Properties"] for name, each in resources if each.get("Type", "").endswith("Alarm")}
    wanted = {f"{name}Alarm": _properties(name, ring) for name, ring in ALARMS.items()}
    for name in sorted(found.keys() | wanted.keys()):
        # The reason is prose, of which another rule asks that it is there.
        if wanted.get(name) != {key: value for key, value in found.get(name, {}).items() if key != "AlarmDescription"}:
            yield name


def _properties(name: str, ring: Ring) -> Template:
    metric, statistic, period, periods, comparison, threshold, silence = ring
    whose, _, metric_name = metric.partition(" ")
    topic = {"Fn::If": ["AlarmTopicArnIsGiven", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]}
    return {
        "AlarmName": {"Fn::Sub": f"${{AWS::StackName}}-{name}"},
        "Namespace": whose if whose in OF else "AWS/Lambda",
        "MetricName": metric_name,
        "Dimensions": OF.get(whose, [{"Name": "FunctionName", "Value": {"Ref": whose}}]),
        "ExtendedStatistic" if statistic == "p99" else "Statistic": statistic,
        "Period": period,
        "EvaluationPeriods": periods,
        "Threshold": threshold,
        "ComparisonOperator": {">": "GreaterThanThreshold", "<": "LessThanThreshold"}[comparison],
        "TreatMissingData": "breaching" if silence else "notBreaching",
        "AlarmActions": topic,
        "OKActions": topic,
    }
