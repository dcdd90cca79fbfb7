"""Delivery of streams in the embedded engine by Lambda's rules.

The engine's own delivery ignores partial failures in a function's response. This module replaces it with private names
of the engine, which is one more reason to pin its version.
"""

import json
import time
from dataclasses import dataclass
from typing import Any

from infra.shard import Record, Shard, count_done


@dataclass
class Cursor:
    """The position of an event source in a shard, and the earliest time of its next delivery."""

    position: int
    shard: Shard
    not_before: float = 0.0


def install() -> None:
    """Replace the engine's own delivery."""
    # The engine reads its environment when it is imported, and `serve` sets it first.
    from ministack.services import lambda_svc

    cursors: dict[str, Cursor] = {}
    # The engine looks this name up at each call.
    lambda_svc._poll_dynamodb_streams = lambda: deliver_all(cursors)


def deliver_all(cursors: dict[str, Cursor]) -> bool:
    """Deliver one batch of every stream. Return whether any record is done."""
    # The engine reads its environment when it is imported, and `serve` sets it first.
    from ministack.services import lambda_svc

    further = False
    for account, region, source in lambda_svc._iter_all_esms():
        if ":dynamodb:" not in source["EventSourceArn"] or not source.get("Enabled", True):
            continue
        scope = lambda_svc._request_account_id.set(account), lambda_svc._request_region.set(region)
        try:
            further |= _deliver(source, cursors)
        finally:
            lambda_svc._request_account_id.reset(scope[0])
            lambda_svc._request_region.reset(scope[1])
    return further


def _deliver(source: dict[str, Any], cursors: dict[str, Cursor]) -> bool:
    # The engine reads its environment when it is imported, and `serve` sets it first.
    from ministack.services import dynamodb, lambda_svc

    table = source["EventSourceArn"].split("/")[1]
    if source["UUID"] not in cursors:
        shard = Shard(source["BatchSize"], source["MaximumRetryAttempts"])
        cursors[source["UUID"]] = Cursor(dynamodb.stream_start_position(table), shard)
    cursor = cursors[source["UUID"]]
    if cursor.not_before > time.time():
        return False
    read = dynamodb.stream_records_since(table, cursor.position, cursor.shard.size)
    wanted = [(number, each) for number, each in enumerate(read) if lambda_svc._apply_filter_criteria([each], source)]
    if not wanted:
        cursor.position += len(read)
        return bool(read)
    function, _ = lambda_svc._get_func_record_for_qualifier(source["FunctionName"], source.get("Qualifier"))
    batch = [record for _, record in wanted]
    result = lambda_svc._execute_function(function, {"Records": batch})
    outcome = cursor.shard.record_delivery(batch, _done(batch, result))
    if outcome.discarded:
        lambda_svc._send_ddb_stream_failure_record(
            source, function, [outcome.discarded], source["EventSourceArn"], result, "RetryAttemptsExhausted"
        )
    # The next read begins at the first record that is not done. Filtered records count as done.
    cursor.position += len(read) if outcome.done == len(batch) else wanted[outcome.done][0]
    cursor.not_before = time.time() + outcome.pause
    return outcome.done > 0


def _done(batch: list[Record], result: dict[str, Any]) -> int | None:
    """Return the number of records done, or None if the function failed."""
    if result.get("error"):
        return None
    response = result.get("body")
    return count_done(batch, json.loads(response) if isinstance(response, str) else response)
