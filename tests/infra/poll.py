"""Polling until a condition holds."""

import threading
import time
from collections.abc import Callable

TIMEOUT_SECONDS = 60
# Without a pause the wait takes the processor from what it waits for.
PAUSE_SECONDS = 0.02
_NEVER_SET = threading.Event()


def until(condition: Callable[[], object], *, doing: Callable[[], object] = lambda: None) -> None:
    """Repeat `doing` until the condition holds. Raises AssertionError after a minute."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "the condition did not hold in time"
        doing()
        _NEVER_SET.wait(PAUSE_SECONDS)
