"""Tasks on simulated time: one runs at a time, hands over wherever it waits, and one seed decides everything.

A task is a greenlet: ordinary code that is left in the middle of a call and taken up again later. Handing over costs a
hundredth of what it costs between threads, and there may be a hundred thousand of them.
"""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any

from greenlet import getcurrent, greenlet

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SECOND = 1_000_000

# When, what chance decides among those who come at once, a number that is never the same, and who.
_Entry = tuple[int, float, int, greenlet]


class Scheduler:
    """Runs whatever comes next and lets time jump there. Outside of all tasks time stands still."""

    def __init__(self, start: datetime, rng: Random) -> None:
        self._now = (start - _EPOCH) // _MICROSECOND
        self._rng = rng
        self._agenda: list[_Entry] = []
        self._numbers = count()
        self._hub = getcurrent()

    @property
    def seconds(self) -> float:
        """The seconds since 1970."""
        return self._now / _SECOND

    def now(self) -> datetime:
        """The instant it is."""
        return _EPOCH + self._now * _MICROSECOND

    def spawn(self, run: Callable[[], object], *, after: float = 0) -> None:
        """Let a task begin after so many seconds. What it raises, `run` raises."""
        self._schedule(after, greenlet(run, parent=self._hub))

    @property
    def in_task(self) -> bool:
        """Whether it is a task that asks."""
        return getcurrent() is not self._hub

    def pause(self, seconds: float) -> None:
        """Let the task that calls wait, and others run meanwhile."""
        if self.in_task:
            self._schedule(seconds, getcurrent())
            self._hub.switch()

    def run(self, until: datetime) -> None:
        """Run everything that comes before an instant or at it; then it is that instant."""
        end = (until - _EPOCH) // _MICROSECOND
        # Every task is taken up from here: one begun by another would count that one's calls against its own depth.
        while self._agenda and self._agenda[0][0] <= end:
            self._now, _, _, task = heappop(self._agenda)
            task.switch()
        self._now = end

    def wait_for(self, subscribe: Callable[[Callable[[object], None]], None]) -> None:
        """Let the task that calls wait until what `subscribe` is given is called."""
        me = getcurrent()
        subscribe(lambda _: self._schedule(0, me))
        self._hub.switch()

    def _schedule(self, after: float, who: greenlet) -> None:
        at = self._now + round(after * _SECOND)
        heappush(self._agenda, (at, self._rng.random(), next(self._numbers), who))


class TaskExecutor(Executor):
    """Stands in for a pool of threads: what is submitted runs in tasks, so many at a time."""

    def __init__(self, scheduler: Scheduler, max_workers: int) -> None:
        self._scheduler = scheduler
        self._free = max_workers
        self._waiting: deque[Callable[[], None]] = deque()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run `fn` side by side with the caller, as soon as a worker is free."""
        outcome = _TaskFuture(self._scheduler)

        def run() -> None:
            try:
                outcome.set_result(fn(*args, **kwargs))
            except Exception as error:  # noqa: BLE001 - it is the caller's, who asks for the result
                outcome.set_exception(error)
            self._free += 1
            self._start()

        self._waiting.append(run)
        self._start()
        return outcome

    def _start(self) -> None:
        while self._free and self._waiting:
            self._free -= 1
            if self._scheduler.in_task:
                self._scheduler.spawn(self._waiting.popleft())
            else:
                self._waiting.popleft()()


class _TaskFuture(Future[Any]):
    def __init__(self, scheduler: Scheduler) -> None:
        super().__init__()
        self._scheduler = scheduler

    def result(self, timeout: float | None = None) -> Any:
        """What came of it; the task that asks waits as long as it takes."""
        if not self.done():
            self._scheduler.wait_for(self.add_done_callback)
        return super().result(timeout)
