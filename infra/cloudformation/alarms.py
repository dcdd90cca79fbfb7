"""The alarms on which an operator acts; docs/operations.md says how."""

from dataclasses import dataclass, field

from infra.cloudformation.intrinsic import API_FUNCTION, FUNCTIONS, NOTHING, Value, attribute, ref, sub, when
from infra.cloudformation.parameters import given
from infra.cloudformation.table import TABLE_NAME

MINUTE = 60
DAY = 24 * 60 * MINUTE

LOCKSTEP = "Lockstep"
OF_TABLE = {"Table": TABLE_NAME}


@dataclass(frozen=True)
class Alarm:
    """The threshold at which a metric needs an operator, and its reason.

    It rings when the statistic of a period (in seconds) is above, or with `below` beneath, the threshold for that many
    periods in a row. `silence` is what a period without data means.
    """

    reason: str
    metric: str
    threshold: float
    statistic: str = "Sum"
    namespace: str = LOCKSTEP
    dimensions: dict[str, Value] = field(default_factory=lambda: OF_TABLE)
    period: int = 5 * MINUTE
    periods: int = 1
    below: bool = False
    silence: str = "notBreaching"

    def resource(self, name: str) -> Value:
        """The alarm as a resource."""
        statistic = "Statistic" if self.statistic.isalpha() else "ExtendedStatistic"
        topic = when(given("AlarmTopicArn"), [ref("AlarmTopicArn")], NOTHING)
        return {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {
                "AlarmName": sub(f"${{AWS::StackName}}-{name}"),
                "AlarmDescription": self.reason,
                "Namespace": self.namespace,
                "MetricName": self.metric,
                "Dimensions": [{"Name": key, "Value": value} for key, value in self.dimensions.items()],
                statistic: self.statistic,
                "Period": self.period,
                "EvaluationPeriods": self.periods,
                "Threshold": self.threshold,
                "ComparisonOperator": "LessThanThreshold" if self.below else "GreaterThanThreshold",
                "TreatMissingData": self.silence,
                "AlarmActions": topic,
                "OKActions": topic,
            },
        }


def of_function(function: str) -> dict[str, Value]:
    """The dimension of Lambda's own metrics."""
    return {"FunctionName": ref(function)}


OF_API = {"ApiName": ref("AWS::StackName"), "Stage": "api"}
OF_FAILURES = {"QueueName": attribute("Failures", "QueueName")}

ALARMS = {
    "AuditViolations": Alarm(
        "The audit found something out of order. Nothing ever is: one violation is a defect.",
        "AuditViolations",
        0,
        period=DAY,
    ),
    "AuditIncomplete": Alarm(
        "Two days in a row the daily audit did not come to the end of the table, or did not run: what it did not see "
        "it cannot tell. One day may have none, where a run takes longer than the one before.",
        "AuditComplete",
        1,
        "Minimum",
        period=DAY,
        periods=2,
        below=True,
        silence="breaching",
    ),
    "AuditUnsettled": Alarm(
        "More than a hundred items changed whenever the audit looked at them: a handful is the traffic of a busy "
        "minute, so many are something that writes over and over.",
        "AuditUnsettled",
        100,
        period=DAY,
    ),
    "PoisonRecords": Alarm(
        "A record of the stream can never be handled. The schedule makes up for it; one is a defect all the same.",
        "PoisonRecords",
        0,
    ),
    "Failures": Alarm(
        "The stream gave up on a batch after five retries or an hour. The schedule makes up for it within ten minutes; "
        "what kept failing has to be found.",
        "ApproximateNumberOfMessagesVisible",
        0,
        "Maximum",
        "AWS/SQS",
        OF_FAILURES,
    ),
    "StreamLag": Alarm(
        "The stream is more than a minute late for a quarter of an hour: it takes a second or two, and the schedule, "
        "which finds what the stream should, comes once a minute.",
        "IteratorAge",
        60_000,
        "Maximum",
        "AWS/Lambda",
        of_function("Rematch"),
        periods=3,
    ),
    "RematchSeconds": Alarm(
        "One in a hundred who lost a partner waited more than a minute though somebody fitted: it takes seconds, and "
        "after a minute it was the schedule and no longer the stream that matched.",
        "RematchSeconds",
        60,
        "p99",
    ),
    "OldestWaiting": Alarm(
        "Two who fit each other have waited side by side for more than a quarter of an hour: the sweep, which comes "
        "every ten minutes and misses nobody, did not do its work.",
        "OldestWaitingSeconds",
        15 * MINUTE,
        "Maximum",
    ),
    "ScheduleStopped": Alarm(
        "The schedule that finalizes slots did not run for ten minutes: it comes every minute.",
        "Invocations",
        1,
        "Sum",
        "AWS/Lambda",
        of_function("Finalize"),
        periods=2,
        below=True,
        silence="breaching",
    ),
    "SweepStopped": Alarm(
        "The schedule that sweeps the whole horizon did not run for half an hour: it comes every ten minutes, and what "
        "the stream gave up waits for it.",
        "Invocations",
        1,
        "Sum",
        "AWS/Lambda",
        of_function("Sweep"),
        period=30 * MINUTE,
        below=True,
        silence="breaching",
    ),
    "WaitingAtStart": Alarm(
        "More than twenty in a quarter of an hour had nobody when their slot started: an odd number leaves one in a "
        "slot and few kinds are left apart, so many are a matcher that does not run.",
        "WaitingAtStart",
        20,
        period=15 * MINUTE,
    ),
    "LockCommits": Alarm(
        "Not one session was locked in for a day: in a service that is used it means that nobody can.",
        "LockCommits",
        1,
        period=DAY,
        below=True,
        silence="breaching",
    ),
    "Conflicts": Alarm(
        "Ten races a second were lost for a quarter of an hour: a popular slot loses some within seconds of its rush, "
        "and each costs a try of ten milliseconds; as many without end are something that tries over and over.",
        "Conflicts",
        3_000,
        periods=3,
    ),
    "Retries": Alarm(
        "Ten decisions a second were made again for a quarter of an hour: next come answers of `busy`.",
        "Retries",
        3_000,
        periods=3,
    ),
    "TableThrottled": Alarm(
        "The table refused more than a hundred writes in five minutes: all were tried again; a partition, or the "
        "account, is at its limit.",
        "WriteThrottleEvents",
        100,
        "Sum",
        "AWS/DynamoDB",
        {"TableName": TABLE_NAME},
    ),
    "ApiFailures": Alarm(
        "More than one request in a hundred failed on our side for ten minutes: a 5xx is a defect or an overload, "
        "never the caller.",
        "5XXError",
        0.01,
        "Average",
        "AWS/ApiGateway",
        OF_API,
        periods=2,
    ),
    "ApiLatency": Alarm(
        "One request in a hundred took more than three seconds for a quarter of an hour: by then the person who "
        "waits has given up. A guess, to be set by what a deployment shows.",
        "Latency",
        3_000,
        "p99",
        "AWS/ApiGateway",
        OF_API,
        periods=3,
    ),
    **{
        f"{FUNCTIONS[function].title()}Errors": Alarm(
            "The function failed three times in a quarter of an hour: what it catches it answers itself, once may be "
            "the platform, so this is a defect or a time-out.",
            "Errors",
            2,
            "Sum",
            "AWS/Lambda",
            of_function(function),
            period=15 * MINUTE,
        )
        for function in FUNCTIONS
        if function != "Audit"
    },
    **{
        f"{FUNCTIONS[function].title()}Throttles": Alarm(
            "The function was not started for want of concurrency: the account's limit is shared by all functions.",
            "Throttles",
            0,
            "Sum",
            "AWS/Lambda",
            of_function(function),
        )
        for function in (API_FUNCTION, "Rematch", "Finalize")
    },
}


def alarms() -> dict[str, Value]:
    """The alarms, by name."""
    return {f"{name}Alarm": alarm.resource(name) for name, alarm in ALARMS.items()}
