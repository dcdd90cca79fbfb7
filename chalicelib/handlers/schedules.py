"""The schedules: what each runs, and the line of each run."""

from collections.abc import Iterator
from contextlib import contextmanager

from chalicelib.handlers.telemetry import Line, told
from chalicelib.services import finalize
from chalicelib.services.chores import do_chores
from chalicelib.services.lockstep import Lockstep
from chalicelib.services.unmatched import unmatched


def run_finalize(lockstep: Lockstep) -> None:
    """Finalize the slots that start soon, finish what was begun, and count who is left where one starts (R21, R23)."""
    with _told(lockstep, "finalize") as line:
        line.fields["pairs"] = finalize.finalize(lockstep)
        do_chores(lockstep)
        left = unmatched(lockstep, lockstep.clock())
        if left is not None:
            line.metrics["WaitingAtStart"] = left


def run_sweep(lockstep: Lockstep) -> None:
    """Pair whoever waits, whatever the stream did or did not do (R19)."""
    with _told(lockstep, "sweep") as line:
        line.fields["pairs"] = finalize.sweep(lockstep)


@contextmanager
def _told(lockstep: Lockstep, schedule: str) -> Iterator[Line]:
    """Tell the line of a run. Raises EventFailed where it fails, also where all but one slot could be settled."""
    with told(lockstep, "tick", schedule=schedule) as line:
        # Told also where nobody had waited in vain: so it is seen to be none, and not only unknown.
        line.metrics["OldestWaitingSeconds"] = 0
        yield line
        if line.observation.error is not None:
            raise line.observation.error
