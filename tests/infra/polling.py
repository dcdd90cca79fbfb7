"""Waiting for something to become true, and no longer than that."""

import time
from collections.abc import Callable

PATIENCE_SECONDS = 15


def until(is_so: Callable[[], object], *, doing: Callable[[], object] = lambda: None) -> None:
    """Do it again and again until it is so."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "it did not become so in time"
        doing()
