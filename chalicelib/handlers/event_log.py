"""What the service says of itself: one line of JSON for every request, record and run of a schedule. Ids only.

A line is an entry of the log and, where it has something to count, a source of metrics: CloudWatch takes them from the
line (its embedded metric format), and nothing else is sent. What a person wrote never gets into a line, nor does
the message of an exception, which may repeat it: of a failure the kinds and the places are told.
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
# Every metric and its unit; docs/operations.md says what they mean.
METRICS = {
    "LockCommits": "Count",
    "Conflicts": "Count",
    "Retries": "Count",
    "RematchSeconds": "Seconds",
    "OldestWaitingSeconds": "Seconds",
    "WaitingAtStart": "Count",
    "PoisonRecords": "Count",
    "AuditItems": "Count",
    "AuditViolations": "Count",
    "AuditUnsettled": "Count",
    "AuditComplete": "Count",
}
# CloudWatch takes no more values of one metric from a line.
MOST_VALUES = 100
MOST_PLACES = 12

# One number, or several of the same kind.
Values = float | Sequence[float]


class EventFailed(Exception):
    """What was to be handled failed; its line says how. It has no message of what failed, and no cause."""


class Line(Struct):
    """The line of an event that is being handled: what is known of it, and what to count besides what was observed."""

    observation: EventMetrics
    fields: dict[str, Any]
    metrics: dict[str, Values] = field(default_factory=dict)


@contextmanager
def log_event(context: Context, event: str, **fields: Any) -> Iterator[Line]:
    """Observe what is done inside as one event, and tell its line when it ends. Raises EventFailed where that fails."""
    began = context.stopwatch()
    with collect_metrics() as observation:
        line = Line(observation, fields)
        try:
            yield line
        except Exception as error:  # noqa: BLE001 - it is told, and goes on without its message
            observation.error = error
            raise EventFailed(f"This {event} failed: its line in the log says how.") from None
        finally:
            milliseconds = round(1000 * (context.stopwatch() - began), 1)
            metrics = embedded(context, line.metrics | _observed(observation))
            context.log(text({"event": event, **_said(line), "milliseconds": milliseconds, **metrics}))


def text(said: Mapping[str, Any]) -> str:
    """What is said as a line; what is None is left out."""
    return msgspec.json.encode({name: value for name, value in said.items() if value is not None}).decode()


def slot_text(slot: Slot) -> str:
    """A slot as lines have it, such as `2026-03-02T09:00Z/50`."""
    return f"{slot.start:%Y-%m-%dT%H:%MZ}/{slot.minutes}"


def embedded(context: Context, metrics: Mapping[str, Values]) -> dict[str, Any]:
    """Metrics as CloudWatch takes them from a line; nothing where there are none."""
    if not metrics:
        return {}
    declared = {
        "Namespace": NAMESPACE,
        "Dimensions": [["Table"]],
        "Metrics": [{"Name": name, "Unit": METRICS[name]} for name in metrics],
    }
    about = {"Timestamp": int(context.clock().timestamp() * 1000), "CloudWatchMetrics": [declared]}
    return {"_aws": about, "Table": context.settings.table, **metrics}


def _said(line: Line) -> dict[str, Any]:
    seen = line.observation
    failed = seen.error is not None
    return {
        "level": "error" if failed else "warning" if seen.code == Busy.code else "info",
        **line.fields,
        "member": seen.member,
        "outcome": "failed" if failed else "refused" if seen.code else "ok",
        "code": seen.code,
        **(_failure(seen.error) if seen.error is not None else {}),
        "left": seen.left or None,
        "attempts": seen.attempts,
        "readUnits": seen.read_units,
        "writeUnits": seen.write_units,
    }


def _failure(error: BaseException) -> dict[str, Any]:
    """The kinds of an exception and of its causes, the table's word for it, and the places it came by."""
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


def _observed(seen: EventMetrics) -> dict[str, Values]:
    """The metrics that follow from what was observed; what did not happen is not counted."""
    rematched = (
        waited.total_seconds() for commit_metrics in seen.commit_metrics for waited in commit_metrics.rematched
    )
    side_by_side = (
        waited.total_seconds() for commit_metrics in seen.commit_metrics for waited in commit_metrics.side_by_side
    )
    metrics: dict[str, Values] = {
        "LockCommits": sum(commit_metrics.locks for commit_metrics in seen.commit_metrics),
        "Conflicts": seen.conflicts,
        "Retries": seen.retries,
        "RematchSeconds": sorted(rematched, reverse=True)[:MOST_VALUES],
        "OldestWaitingSeconds": max(side_by_side, default=0),
    }
    return {name: values for name, values in metrics.items() if values}
