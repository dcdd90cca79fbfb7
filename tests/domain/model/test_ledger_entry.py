"""Entries of the ledger as keys of a bucket."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.model.ledger_entry import LedgerEntry, LedgerKind, begin_of, entry_of

AT = datetime(2026, 3, 2, 8, 0, 1, 250, tzinfo=UTC)


@pytest.mark.parametrize("kind", LedgerKind)
def test_r33_the_key_holds_the_whole_entry(kind: LedgerKind) -> None:
    entry = LedgerEntry(kind, "m-with-dashes_and-more", AT)
    assert entry_of(entry.key) == entry


def test_r33_keys_sort_by_time_within_a_kind() -> None:
    times = [AT + timedelta(microseconds=n) for n in (0, 1, 999_750)] + [AT + timedelta(days=n) for n in (1, 40)]
    ids = ("z", "a", "m", "0", "q")
    keys = [LedgerEntry(LedgerKind.ERASED, one, at).key for one, at in zip(ids, times, strict=True)]
    assert keys == sorted(keys)
    assert begin_of(LedgerKind.ERASED, AT) < keys[0]
    assert keys[0] < begin_of(LedgerKind.ERASED, times[1]) < keys[1]


@pytest.mark.parametrize("key", ["", "erased/2026-03-02", "kept/2026-03-02/080001000250-m", "erased/2026-03-02/8-m/x"])
def test_r33_any_other_key_is_an_error(key: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of several parts of the key
        entry_of(key)
