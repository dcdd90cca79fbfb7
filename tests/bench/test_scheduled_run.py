"""The benchmark of scheduled matching on a small slot."""

from bench.scheduled_run import runs


def test_the_runs_pair_all_members_and_then_end() -> None:
    found = list(runs(61, seed=3))
    assert [run.pairs for run in found] == [30]
    (run,) = found
    # One query per waiting member, then two reads and a transaction per pair.
    assert run.requests >= 61 + 3 * 30
    assert 0 < run.waited < run.seconds
