"""Reads that begin with the read of the caller's account, before the caller is admitted.

They take no round trip of their own. What they read counts only once the caller is admitted, and they write nothing.
"""

from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")

# Returns what was read, or raises what the read raised.
Begun = Callable[[], T]


def begin_read(read: Callable[[], T]) -> Begun[T]:
    """Execute a read now, and keep its result or its exception until the use case asks."""
    kept: Future[T] = Future()
    try:
        kept.set_result(read())
    except Exception as error:  # noqa: BLE001 - raised to the use case
        kept.set_exception(error)
    return kept.result


def begun_first(begun: Begun[T] | None, read: Callable[[], T]) -> Callable[[], T]:
    """Return a read whose first call returns the result of `begun`, if there is one. Later calls read again."""
    waiting = [begun] if begun else []
    return lambda: waiting.pop()() if waiting else read()
