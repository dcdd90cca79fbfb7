"""The times around the start of a session."""

from datetime import timedelta

from chalicelib.domain.model.session_start import STARTING_BEFORE, STARTS_KEPT
from chalicelib.event_sources import FINALIZE_EVERY


def test_r42_a_session_is_announced_10_minutes_before_its_start_which_several_runs_can_do() -> None:
    assert timedelta(minutes=10) == STARTING_BEFORE
    assert FINALIZE_EVERY * 5 <= STARTING_BEFORE < STARTS_KEPT
