"""Actors of whom one goes on at a time; at every request to the table whoever leads decides anew who that is.

Unlike the scheduler, which lets simulated time decide, this plays any order that it is told to play.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from datetime import datetime, timedelta
from typing import Any

from greenlet import getcurrent, greenlet

# An operation of the table and what it is asked.
Pending = tuple[str, Mapping[str, Any]]


class Task(greenlet):
    """Something an actor does; `pending` is the request that it is about to send, None before something else."""

    actor: int
    pending: Pending | None


# Of those who can go on, in the order of their numbers, and the one who went on last: who goes on now.
Lead = Callable[[Sequence[Task], Task | None], Task]


class Stage:
    """Runs its tasks by turns until all have ended; every turn takes `step`."""

    def __init__(self, start: datetime, step: timedelta, lead: Lead) -> None:
        self.turns = 0
        self._start = start
        self._step = step
        self._lead = lead
        self._tasks: list[Task] = []
        self._gone: list[Task] = []
        self._hub = getcurrent()

    def now(self) -> datetime:
        """The instant it is."""
        return self._start + self.turns * self._step

    @property
    def task(self) -> Task | None:
        """The task that asks, if it is one."""
        current = getcurrent()
        return current if isinstance(current, Task) else None

    def spawn(self, actor: int, run: Callable[[], object], pending: Pending | None = None) -> None:
        """Let an actor come on stage, up to the first request; one sent by a task comes when it is its turn.

        What it raises, the stage raises.
        """
        task = Task(run, self._hub)
        task.actor, task.pending = actor, pending
        self._tasks.append(task)
        if self.task is None:
            self._go_on(task)

    def pause(self, pending: Pending | None = None) -> None:
        """Let the task that calls wait for its turn."""
        if (task := self.task) is not None:
            task.pending = pending
            self._hub.switch()

    def leave(self) -> None:
        """Let the task that calls never go on: whatever it was in the middle of stays as it is."""
        task = self.task
        assert task  # noqa: S101 - only tasks leave
        self._tasks.remove(task)
        self._gone.append(task)
        self._hub.switch()

    def run(self) -> None:
        """Play until nobody is left."""
        last: Task | None = None
        while self._tasks:
            last = self._lead(self._tasks, last)
            self._go_on(last)
        for task in self._gone:
            task.throw()

    def _go_on(self, task: Task) -> None:
        self.turns += 1
        task.switch()
        if task.dead:
            self._tasks.remove(task)


class OneByOne(Executor):
    """Stands in for a pool of threads: what is submitted is done at once."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Do `fn`; what it raises, the result raises."""
        outcome: Future[Any] = Future()
        try:
            outcome.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - it is the caller's, who asks for the result
            outcome.set_exception(error)
        return outcome
