"""The dashboard of an operator, from requests down to the table."""

import json
from collections.abc import Sequence

from chalicelib.domain.model.notices import Channel
from infra.cloudformation.channels import EVENTS_FAILURES, FEEDBACK_FAILURES, UNANNOUNCED, failures_of, queue_of
from infra.cloudformation.firewall import RATE
from infra.cloudformation.intrinsic import API_FUNCTION, FUNCTIONS, STAGE, Value
from infra.cloudformation.table import TABLE_NAME

WIDTH, HEIGHT, COLUMNS = 8, 6, 3

TABLE = "${Table}"
API = ("ApiName", "${AWS::StackName}", "Stage", STAGE)

Metric = Sequence[str | dict[str, str]]


def dashboard() -> dict[str, Value]:
    """Return the dashboard as a resource."""
    graphs = [
        _graph("Requests", [("AWS/ApiGateway", metric, *API) for metric in ("Count", "4XXError", "5XXError")]),
        _graph("Refused by the API's firewall", [_of_firewall("BlockedRequests")]),
        _graph("Milliseconds", [("AWS/ApiGateway", "Latency", *API, {"stat": each}) for each in ("p50", "p99")]),
        _graph("Locks, lost races, retries", [_ours(name) for name in ("LockCommits", "Conflicts", "Retries")]),
        _graph("Seconds until re-matched", [_ours("RematchSeconds", each) for each in ("p50", "p99", "Maximum")]),
        _graph("Waiting", [_ours("WaitingAtStart"), _ours("OldestWaitingSeconds", "Maximum")]),
        _graph(
            "The stream",
            [
                ("AWS/Lambda", "IteratorAge", "FunctionName", "${Rematch}", {"stat": "Maximum"}),
                ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "${Failures.QueueName}"),
                _ours("PoisonRecords"),
                ("AWS/Lambda", "IteratorAge", "FunctionName", "${Events}", {"stat": "Maximum"}),
                ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", _name(EVENTS_FAILURES)),
                ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", _name(UNANNOUNCED)),
            ],
        ),
        _graph("Seconds until delivered", [_ours("DeliverySeconds", each) for each in ("p50", "p99", "Maximum")]),
        _graph(
            "Seconds in queues",
            [
                ("AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", _name(queue_of(channel)), {"stat": "Maximum"})
                for channel in Channel
            ],
        ),
        _graph(
            "Messages not delivered",
            [
                *(
                    ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", _name(failures_of(channel)))
                    for channel in Channel
                ),
                ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", _name(FEEDBACK_FAILURES)),
                _ours("PoisonMessages"),
            ],
        ),
        _graph(
            "Mails",
            [
                ("AWS/SES", f"Reputation.{rate}Rate", "ses:configuration-set", "${AWS::StackName}", {"stat": "Maximum"})
                for rate in ("Bounce", "Complaint")
            ],
        ),
        _graph("Errors", [("AWS/Lambda", "Errors", "FunctionName", f"${{{function}}}") for function in FUNCTIONS]),
        _graph(
            "Milliseconds of functions",
            [
                ("AWS/Lambda", "Duration", "FunctionName", f"${{{function}}}", {"stat": "p99"})
                for function in FUNCTIONS
                if function != API_FUNCTION
            ],
        ),
        _graph(
            "The table",
            [
                ("AWS/DynamoDB", metric, "TableName", TABLE)
                for metric in ("ConsumedWriteCapacityUnits", "ConsumedReadCapacityUnits", "WriteThrottleEvents")
            ],
        ),
        _graph(
            "The audit", [_ours(f"Audit{name}", "Maximum") for name in ("Violations", "Unsettled", "Complete", "Items")]
        ),
    ]
    for number, graph in enumerate(graphs):
        row, column = divmod(number, COLUMNS)
        graph |= {"x": WIDTH * column, "y": HEIGHT * row}
    body = {"Fn::Sub": [json.dumps({"widgets": graphs}), {"Table": TABLE_NAME}]}
    return {"Dashboard": {"Type": "AWS::CloudWatch::Dashboard", "Properties": {"DashboardBody": body}}}


def _ours(name: str, statistic: str = "Sum") -> Metric:
    return ("Lockstep", name, "Table", TABLE, {"stat": statistic})


def _of_firewall(metric: str) -> Metric:
    return ("AWS/WAFV2", metric, "Region", "${AWS::Region}", "Rule", RATE, "WebACL", "${AWS::StackName}")


def _name(queue: str) -> str:
    return f"${{{queue}.QueueName}}"


def _graph(title: str, metrics: Sequence[Metric]) -> dict[str, Value]:
    properties = {"title": title, "region": "${AWS::Region}", "period": 300, "stat": "Sum", "metrics": metrics}
    return {"type": "metric", "width": WIDTH, "height": HEIGHT, "properties": properties}
