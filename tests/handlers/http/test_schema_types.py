"""Tests of the shared field types."""

import msgspec
import pytest

from chalicelib.handlers.http.responses.serializers import instant_text
from chalicelib.handlers.http.schema_types import Duration, Instant, SessionState
from tests.harness import MONDAY


def test_a_duration_is_one_of_three_lengths_in_milliseconds() -> None:
    assert msgspec.json.schema(Duration)["enum"] == [1_500_000, 3_000_000, 4_500_000]


def test_the_states_of_a_session_end_with_unmatched() -> None:
    assert msgspec.json.schema(SessionState)["enum"] == [
        "waiting",
        "matched",
        "locked_in",
        "cancelled",
        "missed",
        "unmatched",
    ]


def test_an_instant_is_in_utc_without_fractions() -> None:
    assert msgspec.convert(instant_text(MONDAY.replace(microsecond=7)), Instant) == "2026-03-02T08:00:00+00:00"
    for text in ("2026-03-02T08:00:00Z", "2026-03-02T08:00:00.5+00:00", "2026-03-02T09:00:00+01:00"):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(text, Instant)
