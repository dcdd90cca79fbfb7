"""The handlers of the `finalize` and `sweep` schedules, with one log line for each run."""

from collections.abc import Iterator
from contextlib import contextmanager

from chalicelib.handlers.event_log import Line, log_event
from chalicelib.metrics import current_metrics
from chalicelib.services.context import Context
from chalicelib.services.jobs import run_jobs
from chalicelib.services.notices.scheduled_events import announce_starts
from chalicelib.services.notices.watch_horizon import announce_entering
from chalicelib.services.notices.watch_rounds import run_rounds
from chalicelib.services.repeats.due_repeats import make_all_due
from chalicelib.services.slot_matching import scheduled_matching
from chalicelib.services.slot_matching.demand_count import Queues, recount_demand
from chalicelib.services.slot_matching.unmatched_count import count_unmatched


def run_finalize(context: Context) -> None:
    """Finalize the slots that start soon, run the unfinished jobs and announce starts (R21, R42).

    A part that fails does not stop the others.
    The metric `WaitingAtStart` counts the waiting members of the slots that start now (R23).
    """
    with _log_run(context, "finalize") as line:
        with _part():
            line.fields["pairs"] = scheduled_matching.finalize(context)
        with _part():
            run_jobs(context)
        with _part():
            run_rounds(context)
        with _part():
            waiting = count_unmatched(context, context.clock())
            # None means that no slot starts in this minute.
            if waiting is not None:
                line.metrics["WaitingAtStart"] = waiting
        with _part():
            line.fields["events"] = announce_starts(context)


def run_sweep(context: Context) -> None:
    """Pair the waiting members of every queue and correct the demand, without relying on the stream (R19, R46).

    Before, it books the occurrences of due repeats (R40). The sessions that have entered the next two weeks are
    announced to the watchers of their members (R45).
    """
    with _log_run(context, "sweep") as line:
        with _part():
            line.fields["repeats"] = make_all_due(context) or None
        queues: Queues = {}
        with _part():
            line.fields["pairs"] = scheduled_matching.sweep(context, queues)
        with _part():
            line.fields["recounted"] = recount_demand(context, queues) or None
        with _part():
            announce_entering(context)


@contextmanager
def _part() -> Iterator[None]:
    """Record the error of one part of a run and go on. The run fails at its end."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the line of the run says it
        current_metrics().error = error


@contextmanager
def _log_run(context: Context, schedule: str) -> Iterator[Line]:
    """Log the line of a run. Raises EventFailed if the run fails, also if only one of its slots or jobs fails."""
    with log_event(context, "tick", schedule=schedule) as line:
        # A run without a late pair reports 0, so that the metric has a value for every run.
        line.metrics["OldestWaitingSeconds"] = 0
        yield line
        # The error of a slot, a job or a part of the run was recorded, and the run went on.
        if line.collected.error is not None:
            raise line.collected.error
