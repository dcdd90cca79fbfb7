"""Runner processes on one engine, like functions on one table, of which any may be killed."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from types import TracebackType
from typing import Any, Self

from tests.contract.client import Runner

RUNNERS = 2


class RunnerProcesses:
    """Runners of one table, each with its own stream delivery and schedules."""

    def __init__(self, engine: str) -> None:
        """Start the runners one after the other, because the first creates what all share."""
        self._engine = engine
        self._runners = [Runner(engine) for _ in range(RUNNERS)]
        self._turn = count()
        self._change = threading.Lock()
        self._complaints: list[str] = []

    def next(self) -> Runner:
        """Return the runners in turn."""
        return self._runners[next(self._turn) % RUNNERS]

    def restart(self, number: int) -> None:
        """Kill a runner and start another in its place on the same engine."""
        with self._change:
            killed = self._runners[number]
            self._runners[number] = self._runners[1 - number]
            self._complaints += killed.complaints()
            killed.kill()
            self._runners[number] = Runner(self._engine)

    def each(self, call: Callable[[Runner], Any]) -> None:
        """Call every runner concurrently."""
        with ThreadPoolExecutor(RUNNERS) as threads:
            list(threads.map(call, self._runners))

    def complaints(self) -> list[str]:
        """Return the error lines that the runners logged."""
        return self._complaints + [line for runner in self._runners for line in runner.complaints()]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.each(Runner.stop)
