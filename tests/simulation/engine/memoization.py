"""Memoization of translations between values and items, of sizes and of keys.

A campaign executes the same requests hundreds of times a second in different orders. Neither the arguments nor the
results of a memoized function are ever changed.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from chalicelib.domain.model import ids
from chalicelib.domain.model.day import Day
from chalicelib.storage import day_mappers, job_reads, keys, queue_reads, reads, transactions
from chalicelib.storage.items import Item
from infra.in_memory_dynamodb import table

MAX_ENTRIES = 10_000

_Function = Callable[..., Any]
# The memoized results of each function.
MemoTables = defaultdict[_Function, dict[Any, Any]]

_scopes = [MemoTables(dict)]


def memo_of(function: _Function) -> dict[Any, Any]:
    """Return the memoized results of a function."""
    return _scopes[-1][function]


def memoize_by_value(function: _Function) -> _Function:
    """Memoize a function for equal arguments."""

    def memo_of(*values: Any, **named: Any) -> Any:
        key = (values, *named.items()) if named else values
        memo = _scopes[-1][function]
        try:
            return memo[key]
        except KeyError:
            return store(memo, key, function(*values, **named))

    return memo_of


def memoize_by_identity(function: _Function) -> _Function:
    """Memoize a function for identical arguments, which are kept alive."""

    def memo_of(argument: Any) -> Any:
        memo = _scopes[-1][function]
        try:
            return memo[id(argument)][1]
        except KeyError:
            return store(memo, id(argument), (argument, function(argument)))[1]

    return memo_of


def memoize_by_content(function: _Function) -> _Function:
    """Memoize a function for raw items with the same text."""

    def memo_of(raw: Any) -> Any:
        memo, key = _scopes[-1][function], str(raw)
        return memo[key] if key in memo else store(memo, key, function(raw))

    return memoize_by_identity(memo_of)


def _memoize_by_day(function: _Function) -> _Function:
    """Memoize a function for equal days in one form. A day has mappings, so it cannot be a key itself."""

    def memo_of(day: Day, *form: Any) -> Any:
        memo = _scopes[-1][function]
        key = (
            form,
            (
                day.member_id,
                day.date,
                day.version,
                day.bookings,
                day.overnight_until,
                day.operations,
                tuple(day.met.items()),
                day.cancelled_by,
                day.cancelled_on,
                day.cancelled_matches,
                day.recorded_responses,
            ),
            tuple(day.cancelled_locks.items()),
        )
        return memo[key] if key in memo else store(memo, key, function(day, *form))

    return memo_of


def store(memo: dict[Any, Any], key: Any, value: Any) -> Any:
    """Store a result. A full memo is emptied first."""
    if len(memo) > MAX_ENTRIES:
        memo.clear()
    memo[key] = value
    return value


@contextmanager
def memo_scope(memo_tables: MemoTables) -> Iterator[None]:
    """Use other memo tables within the context, for a product with a mutation."""
    _scopes.append(memo_tables)
    try:
        yield
    finally:
        _scopes.pop()


_MEMOIZED: list[tuple[ModuleType, str, Callable[[_Function], _Function]]] = [
    (ids, "_check", memoize_by_value),
    *(
        (keys, name, memoize_by_value)
        for name in ("slot_prefix", "pool_of", "pairs_of", "day", "recorded_response", "waiting_row")
    ),
    (day_mappers, "_booking_map", memoize_by_value),
    (transactions, "day_item", _memoize_by_day),
    *(
        (transactions, name, memoize_by_value)
        for name in ("account_item", "recorded_response_item", "job_item", "invite_item", "link_item", "relation_item")
    ),
    (transactions, "row_item", memoize_by_value),
    *((reads, name, memoize_by_identity) for name in ("account_from", "day_from", "invite_from", "profile_from")),
    (job_reads, "job_from", memoize_by_identity),
    (queue_reads, "pair_row_from", memoize_by_identity),
    (reads, "relation_from", memoize_by_identity),
    (table, "_stored_item", memoize_by_identity),
]


@contextmanager
def memoized_product() -> Iterator[None]:
    """Memoize the listed functions of the product within the context."""
    before = [(module, name, getattr(module, name)) for module, name, _ in _MEMOIZED]
    for module, name, memoize in _MEMOIZED:
        setattr(module, name, memoize(getattr(module, name)))
    Item.from_raw_data = memoize_by_content(Item.from_raw_data)  # type: ignore[method-assign]
    try:
        yield
    finally:
        del Item.from_raw_data
        for module, name, function in before:
            setattr(module, name, function)
