"""Delivery of streams in the embedded engine, by the rules of Lambda.

The engine's own hands a batch over and asks no further: what the function's answer says of failures is lost. This takes
its place. It uses what the engine keeps to itself, which is one more reason to pin its version.
"""

import json
import time
from dataclasses import dataclass
from typing import Any

from infra.local.stream import settled

FIRST_RETRY_SECONDS = 0.1
LONGEST_RETRY_SECONDS = 2.0


@dataclass
class Shard:
    """How far an event source has come, and how often it tried what comes next; `size` is what a batch may hold."""

    position: int
    size: int
    tries: int = 0
    not_before: float = 0.0


def install() -> None:
    """Take the place of the engine's own delivery."""
    from ministack.services import lambda_svc

    shards: dict[str, Shard] = {}
    # Every caller looks the name up again.
    lambda_svc._poll_dynamodb_streams = lambda: deliver_all(shards)


def deliver_all(shards: dict[str, Shard]) -> bool:
    """Deliver one batch of every stream, and tell whether any got further."""
    from ministack.services import lambda_svc

    further = False
    for account, region, source in lambda_svc._iter_all_esms():
        if ":dynamodb:" not in source["EventSourceArn"] or not source.get("Enabled", True):
            continue
        scope = lambda_svc._request_account_id.set(account), lambda_svc._request_region.set(region)
        try:
            further |= _deliver(source, shards)
        finally:
            lambda_svc._request_account_id.reset(scope[0])
            lambda_svc._request_region.reset(scope[1])
    return further


def _deliver(source: dict[str, Any], shards: dict[str, Shard]) -> bool:
    from ministack.services import dynamodb, lambda_svc

    table = source["EventSourceArn"].split("/")[1]
    if source["UUID"] not in shards:
        shards[source["UUID"]] = Shard(dynamodb.stream_start_position(table), source["BatchSize"])
    shard = shards[source["UUID"]]
    if shard.not_before > time.time():
        return False
    read = dynamodb.stream_records_since(table, shard.position, shard.size)
    wanted = [(number, each) for number, each in enumerate(read) if lambda_svc._apply_filter_criteria([each], source)]
    if not wanted:
        shard.position += len(read)
        return bool(read)
    function, _ = lambda_svc._get_func_record_for_qualifier(source["FunctionName"], source.get("Qualifier"))
    batch = [record for _, record in wanted]
    result = lambda_svc._execute_function(function, {"Records": batch})
    done = _done(source, batch, result)
    if done == len(batch):
        shard.position += len(read)
        shard.tries, shard.size = 0, source["BatchSize"]
        return True
    first_failed, _ = wanted[done]
    shard.position += first_failed
    shard.tries = 1 if done else shard.tries + 1
    if len(batch) - done > 1:
        # Halved until what fails stands alone: only that may be given up.
        shard.tries, shard.size = 1, max(1, (len(read) - first_failed) // 2)
    if shard.tries > source.get("MaximumRetryAttempts", 1):
        failed = batch[done : done + 1]
        lambda_svc._send_ddb_stream_failure_record(
            source, function, failed, source["EventSourceArn"], result, "RetryAttemptsExhausted"
        )
        shard.position += 1
        shard.tries, shard.size = 0, source["BatchSize"]
        return True
    shard.not_before = time.time() + min(FIRST_RETRY_SECONDS * 2**shard.tries, LONGEST_RETRY_SECONDS)
    return False


def _done(source: dict[str, Any], batch: list[dict[str, Any]], result: dict[str, Any]) -> int:
    """How many records of the batch, from the first, are done with."""
    if result.get("error"):
        return 0
    if "ReportBatchItemFailures" not in source.get("FunctionResponseTypes", ()):
        return len(batch)
    answer = result.get("body")
    return settled(batch, json.loads(answer) if isinstance(answer, str) else answer)
