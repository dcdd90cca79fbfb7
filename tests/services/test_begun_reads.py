"""Reads that begin before their use case."""

from itertools import count

import pytest

from chalicelib.services.begun_reads import begin_read, begun_first
from chalicelib.storage.errors import Throttled


def test_the_first_call_returns_what_was_begun_and_later_ones_read_again() -> None:
    numbers = count(1)
    read = begun_first(lambda: 0, lambda: next(numbers))
    assert [read(), read(), read()] == [0, 1, 2]


def test_without_a_begun_read_each_call_reads() -> None:
    numbers = count(1)
    read = begun_first(None, lambda: next(numbers))
    assert [read(), read()] == [1, 2]


def test_a_begun_read_that_failed_is_read_again_after_its_failure() -> None:
    def fail() -> int:
        raise Throttled

    read = begun_first(fail, lambda: 1)
    with pytest.raises(Throttled):
        read()
    assert read() == 1


def test_a_read_that_begins_is_executed_once_and_keeps_its_failure() -> None:
    numbers = count(1)
    begun = begin_read(lambda: next(numbers))
    assert (next(numbers), begun(), begun()) == (2, 1, 1)

    def fail() -> int:
        raise Throttled

    failed = begin_read(fail)
    with pytest.raises(Throttled):
        failed()
