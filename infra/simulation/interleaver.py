"""Actors of whom one goes on at a time; at every request to the table whoever leads decides anew who that is.

Unlike the scheduler, which lets simulated time decide, this plays any order that it is told to play.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from datetime import datetime, timedelta
from typing import Any

from greenlet import getcurrent, greenlet

# An operation of the table and what it is asked.
Pending = tuple[str, Mapping[str, Any]]


# An actor, and which of the tasks that came on stage for it.
TaskId = tuple[int, int]


class Task(greenlet):
    """Something an actor does; `pending` is the request that it is about to send, None before something else."""

    task_id: TaskId
    actor: int
    pending: Pending | None


# Of those who can go on, in the order of their numbers, and the one who went on last: who goes on now.
TaskChooser = Callable[[Sequence[Task], Task | None], Task]


class Interleaver:
    """Runs its tasks by turns until all have ended; every turn takes `step`. The last to have gone on is `last`."""

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
        task.task_id, task.actor, task.pending = (actor, self._spawned[actor]), actor, pending
        self._spawned[actor] += 1
        self.tasks.append(task)
        if self.task is None:
            self._resume(task)

    def pause(self, pending: Pending | None = None) -> None:
        """Let the task that calls wait for its turn."""
        if (task := self.task) is not None:
            task.pending = pending
            self._hub.switch()

    def abandon(self) -> None:
        """Let the task that calls never go on: whatever it was in the middle of stays as it is."""
        task = self.task
        assert task  # noqa: S101 - only tasks leave
        self.tasks.remove(task)
        self._abandoned.append(task)
        self._hub.switch()

    def run(self, chooser: TaskChooser) -> None:
        """Play until nobody is left."""
        while self.tasks:
            self.step(chooser(self.tasks, self.last))
        self.end()

    def end(self) -> None:
        """Let nobody go on who has not ended; what they stand in the middle of is kept no longer."""
        for task in (*self.tasks, *self._abandoned):
            task.throw()

    def step(self, task: Task) -> None:
        """Let a task go on, up to its next request."""
        self.last = task
        self._resume(task)

    def _resume(self, task: Task) -> None:
        self.turns += 1
        task.switch()
        if task.dead:
            self.tasks.remove(task)


class InlineExecutor(Executor):
    """Stands in for a pool of threads: what is submitted is done at once."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Do `fn`; what it raises, the result raises."""
        outcome: Future[Any] = Future()
        try:
            outcome.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - it is the caller's, who asks for the result
            outcome.set_exception(error)
        return outcome
