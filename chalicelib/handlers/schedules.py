"""The schedules: what each runs, and the line of each run."""

from chalicelib.handlers.telemetry import told
from chalicelib.services import finalize
from chalicelib.services.chores import do_chores
from chalicelib.services.lockstep import Lockstep
from chalicelib.services.unmatched import unmatched


def run_finalize(lockstep: Lockstep) -> None:
    """Finalize the slots that start soon, finish what was begun, and count who is left where one starts (R21, R23)."""
    with told(lockstep, "tick", schedule="finalize") as line:
        line.fields["pairs"] = finalize.finalize(lockstep)
        do_chores(lockstep)
        left = unmatched(lockstep.clock())
        if left is not None:
            line.metrics["WaitingAtStart"] = left
        # Told also where nobody had waited: that it is told says that the schedule runs.
        line.metrics["OldestWaitingSeconds"] = 0


def run_sweep(lockstep: Lockstep) -> None:
    """Pair whoever waits, whatever the stream did or did not do (R19)."""
    with told(lockstep, "tick", schedule="sweep") as line:
        line.fields["pairs"] = finalize.sweep(lockstep)
        line.metrics["OldestWaitingSeconds"] = 0
