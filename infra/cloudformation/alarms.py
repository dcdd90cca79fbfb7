"""The alarms of the stack. docs/operations.md lists the action for each."""

from dataclasses import dataclass, field

from chalicelib.domain.model.notices import Channel
from infra.cloudformation.alarm_mails import ALARM_TOPICS
from infra.cloudformation.channels import EVENTS_FAILURES, FEEDBACK_FAILURES, UNANNOUNCED, failures_of, queue_of
from infra.cloudformation.firewall import RATE
from infra.cloudformation.intrinsic import API_FUNCTION, FUNCTIONS, STAGE, Value, attribute, ref, sub
from infra.cloudformation.table import TABLE_NAME

MINUTE = 60
DAY = 24 * 60 * MINUTE

LOCKSTEP = "Lockstep"
OF_TABLE = {"Table": TABLE_NAME}


@dataclass(frozen=True)
class Alarm:
    """A metric, the threshold at which it needs an operator, and the reason.

    The alarm rings if the statistic of a period (in seconds) is above the threshold, or with `below` under it, for
    `periods` periods in a row. `silence` is the meaning of a period without data.
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
        """Return the alarm as a resource."""
        statistic = "Statistic" if self.statistic.isalpha() else "ExtendedStatistic"
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
                "AlarmActions": ALARM_TOPICS,
                "OKActions": ALARM_TOPICS,
            },
        }


def of_function(function: str) -> dict[str, Value]:
    """Return the dimension of Lambda's metrics of a function."""
    return {"FunctionName": ref(function)}


def of_queue(queue: str) -> dict[str, Value]:
    """Return the dimension of the metrics of a queue."""
    return {"QueueName": attribute(queue, "QueueName")}


def label(function: str) -> str:
    """Return the name of a function in the names of its alarms."""
    return "Api" if function == API_FUNCTION else function


OF_API = {"ApiName": ref("AWS::StackName"), "Stage": STAGE}
# The dimensions of a rule of a regional firewall, by the names of its metrics.
OF_FIREWALL = {"WebACL": ref("AWS::StackName"), "Rule": RATE, "Region": ref("AWS::Region")}
OF_MAILS = {"ses:configuration-set": ref("AWS::StackName")}
# Minutes after which a queue is late. The retries of a webhook are messages that wait 15 minutes at a time.
LATE = {Channel.EMAIL: 15, Channel.PUSH: 15, Channel.WEBHOOK: 30, Channel.LIVE: 5}

ALARMS = {
    "AuditViolations": Alarm(
        "The daily audit found an item that violates an invariant. A violation is always a defect.",
        "AuditViolations",
        0,
        period=DAY,
    ),
    "AuditIncomplete": Alarm(
        "The daily audit did not reach the end of the table, or did not run, for two days in a row. Part of the table "
        "is not checked. A single day may have no run, if a run takes longer than the one before.",
        "AuditComplete",
        1,
        "Minimum",
        period=DAY,
        periods=2,
        below=True,
        silence="breaching",
    ),
    "AuditUnsettled": Alarm(
        "More than a hundred items changed at each read of the audit. A busy minute leaves a few; more come from a "
        "client or a job that writes the same items repeatedly.",
        "AuditUnsettled",
        100,
        period=DAY,
    ),
    "PoisonRecords": Alarm(
        "The handling of a stream record fails with a defect. The schedules pair the members of a waiting row, and the "
        "events of a day wait in a failure queue.",
        "PoisonRecords",
        0,
    ),
    "Failures": Alarm(
        "The stream discarded a batch after five retries or an hour. The sweep pairs its members within ten minutes; "
        "the cause of the failure must be found.",
        "ApproximateNumberOfMessagesVisible",
        0,
        "Maximum",
        "AWS/SQS",
        of_queue("Failures"),
    ),
    "StreamLag": Alarm(
        "The stream is more than a minute late for 15 minutes. Normal is one to two seconds.",
        "IteratorAge",
        60_000,
        "Maximum",
        "AWS/Lambda",
        of_function("Rematch"),
        periods=3,
    ),
    "EventsFailures": Alarm(
        "The announcement of events failed for the 24 hours for which the stream keeps a record. The events of the "
        "records before are lost.",
        "ApproximateNumberOfMessagesVisible",
        0,
        "Maximum",
        "AWS/SQS",
        of_queue(EVENTS_FAILURES),
    ),
    "UnannouncedRecords": Alarm(
        "The events of a record could not be announced because of a defect. The whole record waits 14 days in this "
        "queue. After the fix, redrive it.",
        "ApproximateNumberOfMessagesVisible",
        0,
        "Maximum",
        "AWS/SQS",
        of_queue(UNANNOUNCED),
    ),
    "MailFeedbackFailures": Alarm(
        "A bounce or a complaint could not be handled, and mails to its address go on. It waits 14 days in this queue. "
        "After the fix, redrive it.",
        "ApproximateNumberOfMessagesVisible",
        0,
        "Maximum",
        "AWS/SQS",
        of_queue(FEEDBACK_FAILURES),
    ),
    "EventsLag": Alarm(
        "The announcement of events is more than a minute late for 15 minutes. Normal is one to two seconds.",
        "IteratorAge",
        60_000,
        "Maximum",
        "AWS/Lambda",
        of_function("Events"),
        periods=3,
    ),
    **{
        failures_of(channel): Alarm(
            "A message was received as often as its queue permits and was never delivered. Its log lines give the "
            "reason. After the fix, start a redrive of the queue.",
            "ApproximateNumberOfMessagesVisible",
            0,
            "Maximum",
            "AWS/SQS",
            of_queue(failures_of(channel)),
        )
        for channel in LATE
    },
    **{
        f"{queue_of(channel)}Age": Alarm(
            f"The oldest message of the channel {channel.value} is more than {minutes} minutes old. Normal is below a "
            "second, except for later attempts of webhooks.",
            "ApproximateAgeOfOldestMessage",
            minutes * MINUTE,
            "Maximum",
            "AWS/SQS",
            of_queue(queue_of(channel)),
        )
        for channel, minutes in LATE.items()
    },
    "PoisonMessages": Alarm(
        "The delivery of a message fails with a defect, not for a passing reason such as a service that is down.",
        "PoisonMessages",
        0,
    ),
    "DeliverySeconds": Alarm(
        "One percent of the first deliveries came more than a minute after the change. Normal is one to two seconds.",
        "DeliverySeconds",
        60,
        "p99",
        periods=3,
    ),
    "MailBounces": Alarm(
        "Five percent of the mails bounced. AWS reviews an account at this rate and stops its mails at ten percent.",
        "Reputation.BounceRate",
        0.05,
        "Maximum",
        "AWS/SES",
        OF_MAILS,
        period=60 * MINUTE,
    ),
    "MailComplaints": Alarm(
        "One in a thousand mails was reported as spam. AWS reviews an account at this rate and stops its mails at five "
        "in a thousand.",
        "Reputation.ComplaintRate",
        0.001,
        "Maximum",
        "AWS/SES",
        OF_MAILS,
        period=60 * MINUTE,
    ),
    "RematchSeconds": Alarm(
        "One percent of the members who lost a partner waited more than a minute for the next. The stream takes "
        "seconds; after a minute a schedule matched them.",
        "RematchSeconds",
        60,
        "p99",
    ),
    "OldestWaiting": Alarm(
        "Two compatible members have waited in one slot for more than 15 minutes. The sweep runs every ten minutes and "
        "should have paired them.",
        "OldestWaitingSeconds",
        15 * MINUTE,
        "Maximum",
    ),
    "ScheduleStopped": Alarm(
        "The schedule that finalizes slots did not run for ten minutes. It should run every minute.",
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
        "The sweep did not run for half an hour. It should run every ten minutes, and members whose stream records "
        "were discarded wait for it.",
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
        "More than twenty members had no partner at the start of their slot within 15 minutes. An odd number leaves "
        "one per slot and incompatible members a few; more mean that the matcher does not run.",
        "WaitingAtStart",
        20,
        period=15 * MINUTE,
    ),
    "LockCommits": Alarm(
        "No session was locked in for a day. In a service with users this means that locking fails.",
        "LockCommits",
        1,
        period=DAY,
        below=True,
        silence="breaching",
    ),
    "Conflicts": Alarm(
        "Ten transactions a second failed with a conflict for 15 minutes. A popular slot has conflicts for seconds; "
        "constant conflicts come from a client that repeats its requests.",
        "Conflicts",
        3_000,
        periods=3,
    ),
    "Retries": Alarm(
        "Ten use cases a second retried for 15 minutes. With more retries, requests get `busy`.",
        "Retries",
        3_000,
        periods=3,
    ),
    "TableThrottled": Alarm(
        "The table throttled more than a hundred writes in five minutes. All were retried. A partition or the account "
        "is at its limit.",
        "WriteThrottleEvents",
        100,
        "Sum",
        "AWS/DynamoDB",
        {"TableName": TABLE_NAME},
    ),
    "ApiFailures": Alarm(
        "More than one percent of the requests failed with 5xx for ten minutes. A 5xx is a defect or an overload, "
        "never the caller's fault.",
        "5XXError",
        0.01,
        "Average",
        "AWS/ApiGateway",
        OF_API,
        periods=2,
    ),
    "ApiLatency": Alarm(
        "One percent of the requests took more than three seconds for 15 minutes. The threshold is an estimate of how "
        "long a person waits; adjust it to the deployment.",
        "Latency",
        3_000,
        "p99",
        "AWS/ApiGateway",
        OF_API,
        periods=3,
    ),
    "FirewallBlocks": Alarm(
        "The firewall of the API refused more than a thousand requests in five minutes, for 15 minutes. Few addresses "
        "send a large part of all requests.",
        "BlockedRequests",
        1_000,
        namespace="AWS/WAFV2",
        dimensions=OF_FIREWALL,
        periods=3,
    ),
    **{
        f"{label(function)}Errors": Alarm(
            "The function failed three times in 15 minutes. It handles its own failures, and a single one may come "
            "from the platform, so this is a defect or a time-out.",
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
        f"{label(function)}Throttles": Alarm(
            "Lambda throttled the function. All functions share the account's limit of concurrency, which is used up.",
            "Throttles",
            0,
            "Sum",
            "AWS/Lambda",
            of_function(function),
        )
        for function in (API_FUNCTION, "Rematch", "Events", "Finalize")
    },
}


def alarms() -> dict[str, Value]:
    """Return the alarms by name."""
    return {f"{name}Alarm": alarm.resource(name) for name, alarm in ALARMS.items()}
