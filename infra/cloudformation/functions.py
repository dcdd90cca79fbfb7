"""The settings, roles, log groups and event sources of the functions, which Chalice leaves open."""

import json
from datetime import timedelta

from chalicelib.domain.model.notices import Channel
from chalicelib.event_sources import EVENTS, PARALLELISM, REMATCH, StreamSource
from chalicelib.storage.items import BY_LOCK, PairItem
from chalicelib.storage.keys import DAY, JOB, PAIRS, POOL, member
from infra.cloudformation.channels import DELIVERS, DISCARDED, FEEDBACK, FEEDBACK_FAILURES, queue_of
from infra.cloudformation.intrinsic import API_FUNCTION, FUNCTIONS, Value, attribute, ref, sub
from infra.cloudformation.parameters import environment
from infra.cloudformation.published_api import published_api
from infra.cloudformation.roles import log_group_of, role_of
from infra.cloudformation.table import TABLE_STREAM_ARN

# The records that each function of the stream gets. The matching gets new waiting rows, new jobs, and new pair rows
# that a lock made. The events get written days.
WANTED: dict[str, tuple[Value, ...]] = {
    "Rematch": (
        {"eventName": ["INSERT"], "dynamodb": {"Keys": {"PK": {"S": [{"prefix": POOL}, {"prefix": JOB}]}}}},
        {
            "eventName": ["INSERT"],
            "dynamodb": {
                "Keys": {"PK": {"S": [{"prefix": PAIRS}]}},
                "NewImage": {PairItem.origin.attr_name: {"S": [BY_LOCK]}},
            },
        },
    ),
    "Events": (
        {
            "eventName": ["INSERT", "MODIFY"],
            "dynamodb": {"Keys": {"PK": {"S": [{"prefix": member("")}]}, "SK": {"S": [{"prefix": DAY}]}}},
        },
    ),
}
SOURCES = {"Rematch": REMATCH, "Events": EVENTS}
# The functions run on this version of Python and on processors of this kind, which cost a fifth less than the others.
PYTHON = "3.13"
RUNTIME, ARCHITECTURE = f"python{PYTHON}", "arm64"


def functions() -> dict[str, Value]:
    """Return the additions to every function, and its log group."""
    added = {function: {"Properties": _properties(function)} for function in FUNCTIONS}
    for function in WANTED:
        source = {f"{function}DynamodbEventSource": {"Properties": _stream_source(function, SOURCES[function])}}
        added[function]["Properties"]["Events"] = source
    for function, channel in DELIVERS.items():
        source = {f"{function}SqsEventSource": {"Properties": _queue_source(channel)}}
        added[function]["Properties"]["Events"] = source
    # It replaces the text of the name with which app.py declares the topic.
    topic = {"MailFeedbackSnsSubscription": {"Properties": {"Topic": sub(f"${{{FEEDBACK}}}")}}}
    added["MailFeedback"]["Properties"]["Events"] = topic
    # SES reports a bounce once. After two retries, or six hours without a run, the event waits in the failure queue.
    failures = {"Type": "SQS", "TargetArn": attribute(FEEDBACK_FAILURES, "Arn")}
    added["MailFeedback"]["Properties"] |= {
        "DeadLetterQueue": failures,
        "EventInvokeConfig": {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 6 * 3600},
    }
    for function in ("Finalize", "Sweep", "Audit"):
        # A failed or late run is not retried, because the next run does its work.
        added[function]["Properties"]["EventInvokeConfig"] = {
            "MaximumRetryAttempts": 0,
            "MaximumEventAgeInSeconds": 60,
        }
    published = published_api()
    api = published.pop(API_FUNCTION)
    added[API_FUNCTION] |= {
        "Metadata": api["Metadata"],
        "Properties": added[API_FUNCTION]["Properties"] | api["Properties"],
    }
    return {**added, **published, **{log_group_of(function): _log_group(function) for function in FUNCTIONS}}


def _properties(function: str) -> Value:
    return {
        "Role": attribute(role_of(function), "Arn"),
        "Runtime": RUNTIME,
        "Architectures": [ARCHITECTURE],
        "Environment": {"Variables": environment()},
        "LoggingConfig": {"LogGroup": ref(log_group_of(function))},
        # The runtime contains the client library. It changes only with a release, and a rollback restores it.
        "RuntimeManagementConfig": {"UpdateRuntimeOn": "FunctionUpdate"},
    }


def _log_group(function: str) -> Value:
    return {
        "Type": "AWS::Logs::LogGroup",
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Delete",
        "Properties": {
            "LogGroupName": sub(f"/lockstep/${{AWS::StackName}}/{FUNCTIONS[function]}"),
            "RetentionInDays": ref("LogDays"),
        },
    }


def _stream_source(function: str, source: StreamSource) -> Value:
    return {
        "Stream": TABLE_STREAM_ARN,
        "Enabled": {"Fn::If": ["DeliversStream", True, False]},
        "FilterCriteria": {"Filters": [{"Pattern": json.dumps(wanted)} for wanted in WANTED[function]]},
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        # A failing record is separated from its batch.
        "BisectBatchOnFunctionError": True,
        "MaximumRetryAttempts": source.retries,
        "MaximumRecordAgeInSeconds": source.kept // timedelta(seconds=1),
        "ParallelizationFactor": PARALLELISM,
        "DestinationConfig": {"OnFailure": {"Type": "SQS", "Destination": attribute(DISCARDED[function], "Arn")}},
    }


def _queue_source(channel: Channel) -> Value:
    return {"Queue": attribute(queue_of(channel), "Arn"), "FunctionResponseTypes": ["ReportBatchItemFailures"]}
