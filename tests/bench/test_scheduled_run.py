"""The bench of the schedule's runs measures what it says."""

from bench.scheduled_run import runs


def test_run_after_run_pairs_everybody_and_then_there_is_none() -> None:
    found = list(runs(61, seed=3))
    assert [run.pairs for run in found] == [30]
    (run,) = found
    # A look at the queue, days and profiles, a query for each who waits; then two reads and a transaction for a pair.
    assert run.requests >= 61 + 3 * 30
    assert 0 < run.waited < run.seconds
