"""Every event is observed apart, however many are handled at a time."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from chalicelib.metrics import collect_metrics, current_metrics
from chalicelib.storage.connection import Threads


def test_what_is_counted_inside_is_seen_there_and_nowhere_else() -> None:
    with collect_metrics() as outer:
        current_metrics().tried(1)
        with collect_metrics() as inner:
            current_metrics().tried(1)
            current_metrics().tried(2)
        current_metrics().charged(read=1.5, write=2)
    current_metrics().tried(1)
    assert (inner.attempts, inner.retries, inner.read_units) == (2, 1, 0)
    assert (outer.attempts, outer.retries, outer.read_units, outer.write_units) == (1, 0, 1.5, 2)


def test_two_events_that_two_threads_handle_at_a_time_are_two() -> None:
    both_are_observed = Barrier(2)

    def handle(member: str) -> str | None:
        with collect_metrics():
            current_metrics().member = member
            both_are_observed.wait(10)
            return current_metrics().member

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(handle, ("ada", "ben"))) == ["ada", "ben"]


def test_threads_that_work_for_an_event_count_for_it() -> None:
    with collect_metrics() as seen, Threads(8) as threads:
        list(threads.map(lambda _: [current_metrics().charged(read=1) for _ in range(1000)], range(8)))
    assert seen.read_units == 8000
