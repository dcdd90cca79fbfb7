"""The scheduled jobs, on real time and on demand."""

import logging
import re
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from infra.local.events import DeclaredSchedule, schedule_event

log = logging.getLogger(__name__)

UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}


class Schedules:
    """Every declared job in a thread of its own; none ever overlaps itself."""

    def __init__(self, declared: list[DeclaredSchedule], clock: Callable[[], datetime]) -> None:
        self._jobs = [(job, period(job.expression), threading.Lock()) for job in declared]
        self._clock = clock
        self._stopping = threading.Event()

    def start(self) -> None:
        """Begin to run each job at its rate."""
        for job, rate, turn in self._jobs:
            threading.Thread(target=self._run_at_rate, args=(job, rate, turn), name=job.name, daemon=True).start()

    def stop(self) -> None:
        """Start no further job."""
        self._stopping.set()

    def run_all(self) -> list[str]:
        """Run every job that runs more often than daily once, now, and answer their names when all are done."""
        often = [(job, turn) for job, rate, turn in self._jobs if rate < UNITS["day"]]
        for job, turn in often:
            self._run(job, turn)
        return [job.name for job, _ in often]

    def _run_at_rate(self, job: DeclaredSchedule, rate: timedelta, turn: threading.Lock) -> None:
        while not self._stopping.wait(rate.total_seconds()):
            try:
                self._run(job, turn)
            except Exception:
                log.exception("The scheduled job %s failed; it runs again as scheduled.", job.name)

    def _run(self, job: DeclaredSchedule, turn: threading.Lock) -> None:
        with turn:
            job.handler(schedule_event(job.name, self._clock()))


def period(expression: str) -> timedelta:
    """Answer the time between two runs of `rate(...)`, the only kind of schedule known here."""
    rate = re.fullmatch(r"rate\(([1-9]\d*) (minute|hour|day)s?\)", expression)
    if rate is None:
        raise ValueError(f"The local runner knows rate(...) only, not {expression}.")
    return int(rate[1]) * UNITS[rate[2]]
