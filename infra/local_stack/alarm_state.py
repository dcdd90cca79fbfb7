"""The states of alarms in the embedded engine by the rules of CloudWatch.

The engine mixes all dimensions of a metric, takes several periods for one, and skips an alarm without data. This module
replaces its evaluation, with private names of the engine. It runs whenever a metric gets a value.
"""

import time
from typing import Any

Alarm = dict[str, Any]


def install() -> None:
    """Replace the engine's evaluation of an alarm."""
    # The engine reads its environment when it is imported, and `serve` sets it first.
    from ministack.services import cloudwatch

    cloudwatch._evaluate_alarm = _evaluate


def _evaluate(alarm: Alarm) -> None:
    from ministack.services import cloudwatch

    periods = [_is_breaching(alarm, number) for number in range(alarm["EvaluationPeriods"])]
    before, state = alarm["StateValue"], "ALARM" if all(periods) else "OK"
    if before == state:
        return
    alarm |= {"StateValue": state, "StateReason": f"Periods: {periods}", "StateUpdatedTimestamp": int(time.time())}
    cloudwatch._record_history(alarm["AlarmName"], before, state, alarm["StateReason"])
    cloudwatch._dispatch_alarm_actions(alarm, before, state, alarm["StateReason"])


def _is_breaching(alarm: Alarm, number: int) -> bool:
    """Return whether a period rings, with number 0 for the one that ends now."""
    from ministack.services import cloudwatch

    dimensions = {each["Name"]: each["Value"] for each in alarm["Dimensions"]}
    key = (alarm["Namespace"], alarm["MetricName"], cloudwatch._dims_key(dimensions))
    end = time.time() - number * alarm["Period"]
    points = [each for each in cloudwatch._metrics.get(key) or () if end - alarm["Period"] < each["Timestamp"] <= end]
    if not points:
        return bool(alarm["TreatMissingData"] == "breaching")
    statistic = alarm["ExtendedStatistic"] or alarm["Statistic"]
    value = cloudwatch._stat_value(cloudwatch._calc_stats(points), statistic, points)
    below = alarm["ComparisonOperator"] == "LessThanThreshold"
    return bool(value < alarm["Threshold"] if below else value > alarm["Threshold"])
