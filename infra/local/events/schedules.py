"""The scheduled jobs, on real time and on demand."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from infra.local.events.sources import DeclaredSchedule, schedule_event

log = logging.getLogger(__name__)

DAY = timedelta(days=1)


class Schedules:
    """The declared jobs, each in a thread of its own. No job overlaps itself."""

    def __init__(self, declared: list[DeclaredSchedule], clock: Callable[[], datetime]) -> None:
        self._jobs = [(job, threading.Lock()) for job in declared]
        self._clock = clock
        self._stopping = threading.Event()

    def start(self) -> None:
        """Begin to run each job once in its period."""
        for job, turn in self._jobs:
            threading.Thread(target=self._run_in_each_period, args=(job, turn), name=job.name, daemon=True).start()

    def stop(self) -> None:
        """Start no further job."""
        self._stopping.set()

    def run_all(self) -> list[str]:
        """Run once each job that runs more often than daily. Return their names when all are done."""
        often = [(job, turn) for job, turn in self._jobs if job.period < DAY]
        for job, turn in often:
            self._run(job, turn)
        return [job.name for job, _ in often]

    def _run_in_each_period(self, job: DeclaredSchedule, turn: threading.Lock) -> None:
        while not self._stopping.wait(job.period.total_seconds()):
            try:
                self._run(job, turn)
            except Exception:
                log.exception("The scheduled job %s failed; it runs again as scheduled.", job.name)

    def _run(self, job: DeclaredSchedule, turn: threading.Lock) -> None:
        with turn:
            job.handler(schedule_event(job.name, self._clock()))
