"""The settings, roles, log groups and event sources of the functions, which Chalice leaves open."""

import json

from chalicelib.settings import PARALLELISM, RETRIES
from chalicelib.storage.items import BY_LOCK, PairItem
from chalicelib.storage.keys import JOB, PAIRS, POOL
from infra.cloudformation.intrinsic import FUNCTIONS, Value, attribute, ref, sub
from infra.cloudformation.parameters import environment
from infra.cloudformation.roles import log_group_of, role_of
from infra.cloudformation.table import TABLE_STREAM_ARN

# The records that the stream's function gets: new waiting rows, new jobs, and new pair rows that a lock made.
WANTED: tuple[Value, ...] = (
    {"eventName": ["INSERT"], "dynamodb": {"Keys": {"PK": {"S": [{"prefix": POOL}, {"prefix": JOB}]}}}},
    {
        "eventName": ["INSERT"],
        "dynamodb": {
            "Keys": {"PK": {"S": [{"prefix": PAIRS}]}},
            "NewImage": {PairItem.origin.attr_name: {"S": [BY_LOCK]}},
        },
    },
)


def functions() -> dict[str, Value]:
    """Return the additions to every function, and its log group."""
    added = {function: {"Properties": _properties(function)} for function in FUNCTIONS}
    added["Rematch"]["Properties"]["Events"] = {"RematchDynamodbEventSource": {"Properties": _event_source()}}
    for function in ("Finalize", "Sweep", "Audit"):
        # A failed or late run is not retried, because the next run does its work.
        added[function]["Properties"]["EventInvokeConfig"] = {
            "MaximumRetryAttempts": 0,
            "MaximumEventAgeInSeconds": 60,
        }
    return {**added, **{log_group_of(function): _log_group(function) for function in FUNCTIONS}}


def _properties(function: str) -> Value:
    return {
        "Role": attribute(role_of(function), "Arn"),
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


def _event_source() -> Value:
    return {
        "Stream": TABLE_STREAM_ARN,
        "Enabled": {"Fn::If": ["DeliversStream", True, False]},
        "FilterCriteria": {"Filters": [{"Pattern": json.dumps(wanted)} for wanted in WANTED]},
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        # A failing record is separated from its batch, retried and then discarded. The schedules find all waiting
        # members (R19).
        "BisectBatchOnFunctionError": True,
        "MaximumRetryAttempts": RETRIES,
        # After an hour the sweep has run six times.
        "MaximumRecordAgeInSeconds": 3600,
        # The parallel batches of one shard; records of one partition stay in order.
        "ParallelizationFactor": PARALLELISM,
        "DestinationConfig": {"OnFailure": {"Type": "SQS", "Destination": attribute("Failures", "Arn")}},
    }
