"""The benchmark of a recovery measures a whole one, with the replay and an audit without a violation."""

import pytest

from bench.recovery import measure


@pytest.mark.long  # It fills a table by requests.
def test_r33_every_deletion_of_a_small_table_is_replayed(engine: str) -> None:
    found = measure(engine, 20)
    assert found.deleted == 2
    # Each member has a profile, a relation and days, at least.
    assert found.items > 60
    assert min(found.replay_seconds, found.audit_seconds) > 0
