"""The executors in place of a thread pool."""

import pytest

from infra.simulation.interleaver import DeferredExecutor, InlineExecutor


def test_one_executor_runs_a_call_at_once_and_the_other_when_its_result_is_asked_for() -> None:
    for executor, order in ((InlineExecutor(), ["call", "caller"]), (DeferredExecutor(), ["caller", "call"])):
        done: list[str] = []
        with executor:
            call = executor.submit(done.append, "call")
            done.append("caller")
            call.result()
            call.result()
        assert done == order


def test_a_deferred_call_runs_at_the_end_if_nothing_asks_for_its_result() -> None:
    done: list[int] = []
    with DeferredExecutor() as executor:
        executor.submit(done.append, 1)
        assert list(executor.map(abs, [-2, -3])) == [2, 3]
        assert done == []
    assert done == [1]


def test_a_deferred_call_raises_its_exception_to_the_caller() -> None:
    with DeferredExecutor() as executor, pytest.raises(ZeroDivisionError):
        executor.submit(lambda: 1 // 0).result()
