"""The alarms of a deployed stack that ring for the data of an incident.

The engine emits no metrics of Lambda, the gateway, the queues and the table, so a test states what AWS would emit. The
service's own metrics are those of its log lines. An incident is assumed to go on with the same data in each period.
"""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from statistics import fmean
from typing import Any, NamedTuple

from infra.local_stack.stack import Rehearsal

Dimensions = frozenset[tuple[str, str]]
STATISTICS = {"Sum": sum, "Maximum": max, "Minimum": min, "Average": fmean}


class MetricData(NamedTuple):
    """The values of a metric in one period."""

    name: str
    dimensions: Dimensions
    values: list[float]


def data_of(name: str, values: Iterable[float], **dimensions: str) -> MetricData:
    """Return the data of a metric."""
    return MetricData(name, frozenset(dimensions.items()), list(values))


def logged_data(rehearsal: Rehearsal, since: datetime) -> list[MetricData]:
    """Return the metrics that CloudWatch would extract from the log lines since an instant."""
    found: dict[tuple[str, Dimensions], list[float]] = {}
    for line in lines_since(rehearsal, since):
        for declared in line.get("_aws", {}).get("CloudWatchMetrics", []):
            (names,) = declared["Dimensions"]
            dimensions = frozenset((name, line[name]) for name in names)
            for metric in declared["Metrics"]:
                value = line[metric["Name"]]
                found.setdefault((metric["Name"], dimensions), []).extend(value if isinstance(value, list) else [value])
    return [MetricData(name, dimensions, values) for (name, dimensions), values in found.items()]


def lines_since(rehearsal: Rehearsal, since: datetime) -> Iterator[dict[str, Any]]:
    """Yield the log lines of all functions since an instant."""
    logs, start = rehearsal.session.client("logs"), int(since.timestamp() * 1000)
    for group in logs.describe_log_groups()["logGroups"]:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"], startTime=start)
        for event in (event for page in pages for event in page["events"]):
            found = re.search(r"\{.*\}", event["message"])
            try:
                line = json.loads(found[0]) if found else None
            except ValueError:
                continue
            if isinstance(line, dict):
                yield line


def queue_data(rehearsal: Rehearsal) -> list[MetricData]:
    """Return the number of messages in each queue."""
    queues = rehearsal.session.client("sqs")
    found = []
    for url in queues.list_queues().get("QueueUrls", []):
        attribute = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
        number = float(attribute["Attributes"]["ApproximateNumberOfMessages"])
        name = url.rsplit("/", 1)[1]
        found.append(data_of("ApproximateNumberOfMessagesVisible", [number], QueueName=name))
    return found


def ringing(rehearsal: Rehearsal, data: Iterable[MetricData]) -> set[str]:
    """Return the names of the deployed alarms that ring for the data. An alarm without data is left out."""
    alarms = rehearsal.session.client("cloudwatch").get_paginator("describe_alarms").paginate()
    known = {(name, dimensions): values for name, dimensions, values in data if values}
    prefix = f"{rehearsal.stack.name}-"
    return {
        alarm["AlarmName"].removeprefix(prefix)
        for page in alarms
        for alarm in page["MetricAlarms"]
        if is_ringing(alarm, known.get((alarm["MetricName"], _dimensions(alarm)), []))
    }


def _dimensions(alarm: dict[str, Any]) -> Dimensions:
    return frozenset((each["Name"], each["Value"]) for each in alarm["Dimensions"])


def is_ringing(alarm: dict[str, Any], values: list[float]) -> bool:
    """Return whether an alarm rings for the values of a period, never without one."""
    if not values:
        return False
    if alarm.get("Statistic"):
        value = STATISTICS[alarm["Statistic"]](values)
    else:
        # The 99th percentile of fewer than 100 values is close to the largest.
        value = max(values)
    if alarm["ComparisonOperator"] == "LessThanThreshold":
        return value < alarm["Threshold"]
    return value > alarm["Threshold"]
