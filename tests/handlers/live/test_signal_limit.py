"""Tests of the limit of signals (R36)."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.model.errors import RateLimited
from chalicelib.handlers.live.signal_limit import MINUTE, MOST_SIGNALS, SignalLimit

NOON = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


def test_r36_each_member_sends_200_signals_in_each_minute() -> None:
    limit = SignalLimit()
    for number in range(MOST_SIGNALS):
        limit.count("ada", NOON + timedelta(milliseconds=100 * number))
    with pytest.raises(RateLimited) as refused:
        limit.count("ada", NOON + MINUTE - timedelta(seconds=1))
    assert refused.value.retry_after == MINUTE
    limit.count("ben", NOON)
    limit.count("ada", NOON + MINUTE)


def test_r36_a_member_who_sent_too_many_signals_is_known_until_the_minute_ends() -> None:
    limit = SignalLimit()
    for _ in range(MOST_SIGNALS):
        limit.count("ada", NOON)
    limit.check("ada", NOON)
    with pytest.raises(RateLimited):
        limit.count("ada", NOON)
    with pytest.raises(RateLimited):
        limit.check("ada", NOON + MINUTE - timedelta(seconds=1))
    limit.check("ben", NOON)
    limit.check("ada", NOON + MINUTE)
    assert dict(limit.counts) == {}


def test_r36_the_counts_of_earlier_minutes_take_no_memory() -> None:
    limit = SignalLimit()
    for number in range(1000):
        limit.count(f"{number}", NOON)
    limit.count("ada", NOON + MINUTE)
    assert dict(limit.counts) == {"ada": 1}
