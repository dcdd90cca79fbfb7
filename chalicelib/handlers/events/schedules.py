"""The schedules: what each runs, and the line of each run."""

from collections.abc import Iterator
from contextlib import contextmanager

from chalicelib.handlers.event_log import Line, log_event
from chalicelib.services.context import Context
from chalicelib.services.jobs import run_jobs
from chalicelib.services.slot_matching import scheduled_matching
from chalicelib.services.slot_matching.unmatched_count import unmatched


def run_finalize(context: Context) -> None:
    """Finalize the slots that start soon, finish what was begun, and count who is left where one starts (R21, R23)."""
    with _told(context, "finalize") as line:
        line.fields["pairs"] = scheduled_matching.finalize(context)
        run_jobs(context)
        left = unmatched(context, context.clock())
        if left is not None:
            line.metrics["WaitingAtStart"] = left


def run_sweep(context: Context) -> None:
    """Pair whoever waits, whatever the stream did or did not do (R19)."""
    with _told(context, "sweep") as line:
        line.fields["pairs"] = scheduled_matching.sweep(context)


@contextmanager
def _told(context: Context, schedule: str) -> Iterator[Line]:
    """Tell the line of a run. Raises EventFailed where it fails, also where all but one slot could be settled."""
    with log_event(context, "tick", schedule=schedule) as line:
        # Told also where nobody had waited in vain: so it is seen to be none, and not only unknown.
        line.metrics["OldestWaitingSeconds"] = 0
        yield line
        if line.observation.error is not None:
            raise line.observation.error
