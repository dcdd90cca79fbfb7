"""Tasks on simulated time, one at a time, in an order that one seed determines.

A task is a greenlet: ordinary code that is suspended inside a call and resumed later. A switch costs a hundredth of a
switch between threads. There can be a hundred thousand tasks.
"""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any

from greenlet import GreenletExit, getcurrent, greenlet

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SECOND = 1_000_000

# The instant, a random number that orders equal instants, a unique number, and the task.
_Entry = tuple[int, float, int, greenlet]


class Scheduler:
    """A scheduler that runs the next due task and advances the time to it.

    Outside of tasks the time stands still.
    """

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
        """Return the simulated instant."""
        return _EPOCH + self._now * _MICROSECOND

    def spawn(self, run: Callable[[], object], *, after: float = 0) -> None:
        """Start a task after a number of seconds. `run` raises its exceptions."""
        self._schedule(after, greenlet(run, parent=self._hub))

    @property
    def in_task(self) -> bool:
        """True inside of a task."""
        return getcurrent() is not self._hub

    def pause(self, seconds: float) -> None:
        """Suspend the running task for a number of seconds."""
        if self.in_task:
            self._schedule(seconds, getcurrent())
            self._hub.switch()

    def run(self, until: datetime) -> None:
        """Run all tasks that are due up to an instant, and advance the time to it."""
        end = (until - _EPOCH) // _MICROSECOND
        # Every task is resumed from here. A task that another one resumed would add to that one's call depth.
        while self._agenda and self._agenda[0][0] <= end:
            self._now, _, _, task = heappop(self._agenda)
            task.switch()
        self._now = end

    def wait_for(self, subscribe: Callable[[Callable[[object], None]], None]) -> None:
        """Suspend the running task until the callback that `subscribe` receives is called."""
        me = getcurrent()
        subscribe(lambda _: self._schedule(0, me))
        self._hub.switch()

    def _schedule(self, after: float, who: greenlet) -> None:
        at = self._now + round(after * _SECOND)
        heappush(self._agenda, (at, self._rng.random(), next(self._numbers), who))


class TaskExecutor(Executor):
    """An executor that runs calls in up to `max_workers` tasks, in place of a thread pool."""

    def __init__(self, scheduler: Scheduler, max_workers: int) -> None:
        self._scheduler = scheduler
        self._free = max_workers
        self._waiting: deque[Callable[[], None]] = deque()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run `fn` in parallel with the caller as soon as a worker is free."""
        outcome = _TaskFuture(self._scheduler)

        def run() -> None:
            try:
                outcome.set_result(fn(*args, **kwargs))
            except GreenletExit:
                # The deployment is gone.
                raise
            except BaseException as error:  # noqa: BLE001 - the future raises it in `result`, as that of a pool does
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
        """Return the result. The calling task waits for it on simulated time."""
        if not self.done():
            self._scheduler.wait_for(self.add_done_callback)
        return super().result(timeout)
