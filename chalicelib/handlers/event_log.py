"""The log of a deployment, one line of JSON for every request, stream record, queue message and scheduled run.

A line is a log entry and, with metrics, also their source: CloudWatch extracts them (embedded metric format). Lines
contain ids and no text that a member wrote. An exception is logged by its type and code locations, never by its
message, which may repeat such a text.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from traceback import walk_tb
from typing import Any

import msgspec
from msgspec import Struct, field

from chalicelib.domain.model.errors import Busy
from chalicelib.domain.model.slot import Slot
from chalicelib.metrics import EventMetrics, collect_metrics, reason_of
from chalicelib.services.context import Context

NAMESPACE = "Lockstep"
# Each metric and its unit. docs/operations.md explains them.
METRICS = {
    "LockCommits": "Count",
    "Conflicts": "Count",
    "Retries": "Count",
    "RematchSeconds": "Seconds",
    "OldestWaitingSeconds": "Seconds",
    "WaitingAtStart": "Count",
    "PoisonRecords": "Count",
    "PoisonMessages": "Count",
    "DeliverySeconds": "Seconds",
    "AuditItems": "Count",
    "AuditViolations": "Count",
    "AuditUnsettled": "Count",
    "AuditComplete": "Count",
}
# CloudWatch accepts at most 100 values of one metric in a line.
MOST_VALUES = 100
MOST_PLACES = 12

# One value of a metric, or several.
Values = float | Sequence[float]


class EventFailed(Exception):
    """A failure of an event that is already logged. It has neither the message nor the cause of the failure."""


class Line(Struct):
    """The log line of the current event, with its fields and with metrics besides the collected ones."""

    collected: EventMetrics
    fields: dict[str, Any]
    metrics: dict[str, Values] = field(default_factory=dict)


@contextmanager
def log_event(context: Context, event: str, **fields: Any) -> Iterator[Line]:
    """Collect the metrics of an event and log its line at the end. Raises EventFailed if the event fails."""
    began = context.stopwatch()
    with collect_metrics() as collected:
        line = Line(collected, fields)
        try:
            yield line
        except Exception as error:  # noqa: BLE001 - logged, then raised again without its message
            collected.error = error
            raise EventFailed(f"This {event} failed: its line in the log says how.") from None
        finally:
            milliseconds = round(1000 * (context.stopwatch() - began), 1)
            metrics = embedded(context, line.metrics | _metrics_of(collected))
            context.log(line_text({"event": event, **_fields_of(line), "milliseconds": milliseconds, **metrics}))


def line_text(fields: Mapping[str, Any]) -> str:
    """Format fields as a line of JSON, without those that are None."""
    return msgspec.json.encode({name: value for name, value in fields.items() if value is not None}).decode()


def slot_text(slot: Slot) -> str:
    """Format a slot as in log lines, such as `2026-03-02T09:00Z/50`."""
    return f"{slot.start:%Y-%m-%dT%H:%MZ}/{slot.minutes}"


def embedded(context: Context, metrics: Mapping[str, Values]) -> dict[str, Any]:
    """Return the fields from which CloudWatch extracts the metrics, none without metrics."""
    if not metrics:
        return {}
    declared = {
        "Namespace": NAMESPACE,
        "Dimensions": [["Table"]],
        "Metrics": [{"Name": name, "Unit": METRICS[name]} for name in metrics],
    }
    metadata = {"Timestamp": int(context.clock().timestamp() * 1000), "CloudWatchMetrics": [declared]}
    return {"_aws": metadata, "Table": context.settings.table, **metrics}


def _fields_of(line: Line) -> dict[str, Any]:
    collected = line.collected
    failed = collected.error is not None
    return {
        "level": "error" if failed else "warning" if collected.code == Busy.code else "info",
        **line.fields,
        "member": collected.member,
        "key": collected.key,
        "outcome": "failed" if failed else "refused" if collected.code else "ok",
        "code": collected.code,
        **(_failure(collected.error) if collected.error is not None else {}),
        "left": collected.left or None,
        "attempts": collected.attempts,
        "readUnits": collected.read_units,
        "writeUnits": collected.write_units,
    }


def _failure(error: BaseException) -> dict[str, Any]:
    """Return the types of an exception and its causes, DynamoDB's error code and the code locations."""
    kinds = [type(one).__name__ for one in _with_causes(error)]
    reason = next(filter(None, map(reason_of, _with_causes(error))), None)
    places = [
        f"{'/'.join(Path(frame.f_code.co_filename).parts[-2:])}:{number} {frame.f_code.co_name}"
        for frame, number in walk_tb(error.__traceback__)
    ]
    return {"error": kinds, "reason": reason, "places": places[-MOST_PLACES:]}


def _with_causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _metrics_of(collected: EventMetrics) -> dict[str, Values]:
    """Return the metrics of an event without those that are 0 or empty."""
    commits = collected.commit_metrics
    rematched = (waited.total_seconds() for commit in commits for waited in commit.rematched)
    side_by_side = (waited.total_seconds() for commit in commits for waited in commit.side_by_side)
    metrics: dict[str, Values] = {
        "LockCommits": sum(commit.locks for commit in commits),
        "Conflicts": collected.conflicts,
        "Retries": collected.retries,
        "RematchSeconds": sorted(rematched, reverse=True)[:MOST_VALUES],
        "OldestWaitingSeconds": max(side_by_side, default=0),
    }
    return {name: values for name, values in metrics.items() if values}
