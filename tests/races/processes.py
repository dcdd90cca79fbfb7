"""Several runners on one engine, as several functions serve one table; any of them may be killed in the middle."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from types import TracebackType
from typing import Any, Self

from tests.contract.client import Runner

RUNNERS = 2


class Fleet:
    """Runners that serve one table, each with stream and schedules of its own: what one does, another does as well."""

    def __init__(self, engine: str) -> None:
        """Start them, one after the other: the first makes what all share."""
        self._engine = engine
        self._runners = [Runner(engine) for _ in range(RUNNERS)]
        self._turn = count()
        self._change = threading.Lock()
        self._complaints: list[str] = []

    def next(self) -> Runner:
        """The runner whose turn it is."""
        return self._runners[next(self._turn) % RUNNERS]

    def restart(self, number: int) -> None:
        """End a runner in the middle of whatever it does, and start another in its place, on the same engine."""
        with self._change:
            killed = self._runners[number]
            self._runners[number] = self._runners[1 - number]
            self._complaints += killed.complaints()
            killed.kill()
            self._runners[number] = Runner(self._engine)

    def each(self, call: Callable[[Runner], Any]) -> None:
        """Let every runner do something, all at once."""
        with ThreadPoolExecutor(RUNNERS) as threads:
            list(threads.map(call, self._runners))

    def complaints(self) -> list[str]:
        """The lines in which any of them said that something failed."""
        return self._complaints + [line for runner in self._runners for line in runner.complaints()]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.each(Runner.stop)
