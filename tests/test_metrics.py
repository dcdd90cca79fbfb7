"""The metrics of events, which are separate also for concurrent events."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from chalicelib.metrics import collect_metrics, current_metrics
from chalicelib.storage.connection import Threads


def test_an_event_counts_only_what_happens_in_its_block() -> None:
    with collect_metrics() as outer:
        current_metrics().count_attempt(1)
        with collect_metrics() as inner:
            current_metrics().count_attempt(1)
            current_metrics().count_attempt(2)
        current_metrics().count_units(read=1.5, write=2)
    current_metrics().count_attempt(1)
    assert (inner.attempts, inner.retries, inner.read_units) == (2, 1, 0)
    assert (outer.attempts, outer.retries, outer.read_units, outer.write_units) == (1, 0, 1.5, 2)


def test_two_concurrent_events_have_separate_metrics() -> None:
    both_have_begun = Barrier(2)

    def handle(member: str) -> str | None:
        with collect_metrics():
            current_metrics().member = member
            both_have_begun.wait(60)
            return current_metrics().member

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(handle, ("ada", "ben"))) == ["ada", "ben"]


def test_threads_that_an_event_starts_count_for_it() -> None:
    with collect_metrics() as metrics, Threads(8) as threads:
        list(threads.map(lambda _: [current_metrics().count_units(read=1) for _ in range(1000)], range(8)))
    assert metrics.read_units == 8000
