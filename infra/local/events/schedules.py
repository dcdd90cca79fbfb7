"""The scheduled functions, in real time and on demand."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from infra.local.events.sources import DeclaredSchedule, schedule_event

log = logging.getLogger(__name__)

DAY = timedelta(days=1)


class Schedules:
    """The declared schedules, each in its own thread. Runs of one schedule never overlap."""

    def __init__(self, declared: list[DeclaredSchedule], clock: Callable[[], datetime]) -> None:
        self._schedules = [(schedule, threading.Lock()) for schedule in declared]
        self._clock = clock
        self._stopping = threading.Event()

    def start(self) -> None:
        """Start running each schedule once per period."""
        for schedule, lock in self._schedules:
            arguments = schedule, lock
            threading.Thread(target=self._run_periodically, args=arguments, name=schedule.name, daemon=True).start()

    def stop(self) -> None:
        """Start no further run."""
        self._stopping.set()

    def run_all(self) -> list[str]:
        """Run once each schedule with a period below a day, and return their names."""
        often = [(schedule, lock) for schedule, lock in self._schedules if schedule.period < DAY]
        for schedule, lock in often:
            self._run(schedule, lock)
        return [schedule.name for schedule, _ in often]

    def _run_periodically(self, schedule: DeclaredSchedule, lock: threading.Lock) -> None:
        while not self._stopping.wait(schedule.period.total_seconds()):
            try:
                self._run(schedule, lock)
            except Exception:
                log.exception("The schedule %s failed; it runs again after its period.", schedule.name)

    def _run(self, schedule: DeclaredSchedule, lock: threading.Lock) -> None:
        with lock:
            schedule.handler(schedule_event(schedule.name, self._clock()))
