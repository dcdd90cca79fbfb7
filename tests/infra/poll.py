"""Polling until a condition holds."""

import time
from collections.abc import Callable

TIMEOUT_SECONDS = 60


def until(condition: Callable[[], object], *, doing: Callable[[], object] = lambda: None) -> None:
    """Repeat `doing` until the condition holds. Raises AssertionError after a minute."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "the condition did not hold in time"
        doing()
