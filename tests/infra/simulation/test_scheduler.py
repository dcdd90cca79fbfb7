"""Tasks on simulated time run one at a time, in an order that one seed determines."""

from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random

import pytest

from infra.simulation.scheduler import Scheduler, TaskExecutor

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LATER = START + timedelta(hours=1)


def scheduler(seed: int = 1) -> Scheduler:
    return Scheduler(START, Random(seed))


def test_time_advances_to_the_next_due_task() -> None:
    on = scheduler()
    seen = []

    def task(name: str, *pauses: float) -> None:
        for pause in pauses:
            on.pause(pause)
            seen.append((name, (on.now() - START).total_seconds()))

    on.spawn(partial(task, "slow", 5, 5))
    on.spawn(partial(task, "quick", 1, 1, 6), after=1)
    on.run(LATER)
    assert seen == [("quick", 2), ("quick", 3), ("slow", 5), ("quick", 9), ("slow", 10)]
    assert on.now() == LATER


def test_a_task_that_is_due_later_waits_for_the_next_run() -> None:
    on = scheduler()
    seen: list[str] = []

    def task() -> None:
        seen.append("begun")
        on.pause(10)
        seen.append("ended")

    on.spawn(task)
    on.run(START + timedelta(seconds=9.999))
    assert seen == ["begun"]
    on.run(START + timedelta(seconds=10))
    assert seen == ["begun", "ended"]


def order_of_simultaneous_tasks(seed: int) -> list[int]:
    on = scheduler(seed)
    seen: list[int] = []
    for number in range(8):
        on.spawn(partial(seen.append, number))
    on.run(LATER)
    return seen


def test_the_seed_orders_tasks_that_are_due_at_once() -> None:
    orders = {tuple(order_of_simultaneous_tasks(seed)) for seed in range(20)}
    assert len(orders) == 20
    assert order_of_simultaneous_tasks(3) == order_of_simultaneous_tasks(3)


def test_time_stands_still_outside_of_tasks() -> None:
    on = scheduler()
    on.pause(5)
    assert on.now() == START


def test_run_raises_the_error_of_a_task() -> None:
    on = scheduler()
    on.spawn(partial(int, "no number"), after=1)
    with pytest.raises(ValueError, match="no number"):
        on.run(LATER)


def test_tasks_that_start_each_other_do_not_add_call_depth() -> None:
    on = scheduler()
    depth: list[int] = []

    def task(left: int) -> None:
        depth.append(left)
        if left:
            on.spawn(partial(task, left - 1))
        on.pause(1)

    on.spawn(partial(task, 5000))
    on.run(LATER)
    assert depth[-1] == 0


def test_parallel_calls_take_as_long_as_the_longest() -> None:
    on = scheduler()
    found: list[tuple[list[int], float]] = []

    def work(number: int) -> int:
        on.pause(number)
        return number

    def task(workers: int) -> None:
        with TaskExecutor(on, workers) as workers_at_hand:
            results = list(workers_at_hand.map(work, (3, 1, 2)))
        found.append((results, (on.now() - START).total_seconds()))

    on.spawn(partial(task, 3))
    on.spawn(partial(task, 2))
    on.spawn(partial(task, 1))
    on.run(LATER)
    assert sorted(found) == [([3, 1, 2], 3), ([3, 1, 2], 3), ([3, 1, 2], 6)]


def test_the_result_raises_the_error_of_the_call() -> None:
    on = scheduler()
    raised_at: list[str] = []

    def task() -> None:
        outcome = TaskExecutor(on, 1).submit(int, "no number")
        with pytest.raises(ValueError, match="no number"):
            outcome.result()
        raised_at.append("raised")

    on.spawn(task)
    on.run(LATER)
    assert raised_at == ["raised"]
