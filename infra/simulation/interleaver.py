"""Actors that run in any given order, one at a time, with a choice before every request.

In the scheduler the simulated time determines the order. Here the caller chooses it.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from greenlet import getcurrent, greenlet

# A table operation and its request.
Pending = tuple[str, Mapping[str, Any]]


# An actor and the number of the task among the actor's tasks.
TaskId = tuple[int, int]


class Task(greenlet):
    """A task of an actor, and the `pending` request that it sends next.

    `pending` is None where the task waits before something other than a request.
    """

    task_id: TaskId
    actor: int
    pending: Pending | None


# Chooses the next task from the runnable tasks and the last one.
TaskChooser = Callable[[Sequence[Task], Task | None], Task]


class Interleaver:
    """The tasks of a run, executed in turns of `step` simulated time.

    `last` is the task of the last turn.
    """

    def __init__(self, start: datetime, step: timedelta) -> None:
        self.turns = 0
        self.tasks: list[Task] = []
        self.last: Task | None = None
        self._spawned: Counter[int] = Counter()
        self._start = start
        self._step = step
        self._abandoned: list[Task] = []
        self._hub = getcurrent()

    def now(self) -> datetime:
        """Return the simulated instant."""
        return self._start + self.turns * self._step

    def advance(self, time: timedelta) -> None:
        """Advance the simulated time without a turn."""
        self._start += time

    @property
    def task(self) -> Task | None:
        """The running task, or None outside of all tasks."""
        current = getcurrent()
        return current if isinstance(current, Task) else None

    def spawn(self, actor: int, run: Callable[[], object], pending: Pending | None = None) -> None:
        """Start a task of an actor and run it to its first request.

        A task that another task starts waits for its turn. The interleaver raises the exceptions of its tasks.
        """
        task = Task(run, self._hub)
        task.task_id, task.actor, task.pending = (actor, self._spawned[actor]), actor, pending
        self._spawned[actor] += 1
        self.tasks.append(task)
        if self.task is None:
            self._resume(task)

    def pause(self, pending: Pending | None = None) -> None:
        """Suspend the running task until its next turn."""
        if (task := self.task) is not None:
            task.pending = pending
            self._hub.switch()

    def abandon(self) -> None:
        """Suspend the running task for ever, in the state of a crash."""
        task = self.task
        assert task  # noqa: S101 - only a running task calls this method
        self.tasks.remove(task)
        self._abandoned.append(task)
        self._hub.switch()

    @property
    def crashed(self) -> frozenset[int]:
        """The actors of the abandoned tasks."""
        return frozenset(task.actor for task in self._abandoned)

    def run(self, chooser: TaskChooser) -> None:
        """Run all tasks to their end."""
        while self.tasks:
            self.step(chooser(self.tasks, self.last))
        self.end()

    def end(self) -> None:
        """Stop the tasks that have not ended and release their state."""
        for task in (*self.tasks, *self._abandoned):
            task.throw()

    def step(self, task: Task) -> None:
        """Run a task to its next request."""
        self.last = task
        self._resume(task)

    def _resume(self, task: Task) -> None:
        self.turns += 1
        task.switch()
        if task.dead:
            self.tasks.remove(task)


class InlineExecutor(Executor):
    """An executor that runs each call at once, in place of a thread pool."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run `fn`. Its exception becomes that of the future."""
        outcome: Future[Any] = Future()
        try:
            outcome.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - the future raises it in `result`
            outcome.set_exception(error)
        return outcome


class _DeferredCall(Future[Any]):
    """A call that runs when its result is asked for."""

    def __init__(self, call: Callable[[], Any]) -> None:
        super().__init__()
        self._call: Callable[[], Any] | None = call

    def run(self) -> None:
        """Run the call once. Its exception becomes that of the future."""
        call, self._call = self._call, None
        if call:
            try:
                self.set_result(call())
            except Exception as error:  # noqa: BLE001 - the future raises it in `result`
                self.set_exception(error)

    def result(self, timeout: float | None = None) -> Any:
        """Run the call and return its result."""
        self.run()
        return super().result(timeout)


class DeferredExecutor(Executor):
    """An executor whose calls run last, in place of a thread pool. It is the other order of an `InlineExecutor`."""

    def __init__(self) -> None:
        self._calls: list[_DeferredCall] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Keep a call until its result is asked for, or until the executor ends."""
        call = _DeferredCall(partial(fn, *args, **kwargs))
        self._calls.append(call)
        return call

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002 - of the base class
        """Run the calls whose results were not asked for."""
        for call in self._calls:
            call.run()
