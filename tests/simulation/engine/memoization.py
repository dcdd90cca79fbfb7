"""What comes out the same each time is worked out once: translations between values and items, sizes, keys.

A campaign plays hundreds of times a second what it has all played before, but for the order. Nothing that is
remembered here is ever changed, neither what goes in nor what comes out.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from chalicelib.domain.model import ids
from chalicelib.domain.model.day import Day
from chalicelib.storage import day_mappers, keys, queue_reads, reads, transactions
from chalicelib.storage.items import Item
from infra.in_memory_dynamodb import table

MOST = 10_000

_Work = Callable[..., Any]
# What was worked out, by what works it out.
Memory = defaultdict[_Work, dict[Any, Any]]

_memories = [Memory(dict)]


def remembered(work: _Work) -> dict[Any, Any]:
    """What is remembered of some work."""
    return _memories[-1][work]


def by_value(work: _Work) -> _Work:
    """The same, but done once for values that are equal."""

    def remembered(*values: Any, **named: Any) -> Any:
        key = (values, *named.items()) if named else values
        known = _memories[-1][work]
        try:
            return known[key]
        except KeyError:
            return keep(known, key, work(*values, **named))

    return remembered


def by_identity(work: _Work) -> _Work:
    """The same, but done once for one and the same thing, which is kept for that."""

    def remembered(thing: Any) -> Any:
        known = _memories[-1][work]
        try:
            return known[id(thing)][1]
        except KeyError:
            return keep(known, id(thing), (thing, work(thing)))[1]

    return remembered


def by_content(work: _Work) -> _Work:
    """The same, but done once for all raw items that are alike."""

    def remembered(raw: Any) -> Any:
        known, key = _memories[-1][work], str(raw)
        return known[key] if key in known else keep(known, key, work(raw))

    return by_identity(remembered)


def _by_day(work: _Work) -> _Work:
    """The same, but done once for days that are equal: a day holds mappings, and is no key itself."""

    def remembered(day: Day) -> Any:
        known = _memories[-1][work]
        key = (
            (
                day.member_id,
                day.date,
                day.version,
                day.bookings,
                day.overnight_until,
                day.operations,
                day.met,
                day.cancelled_locks_on,
            ),
            tuple(day.cancelled_by.items()),
            tuple(day.cancelled_locks.items()),
        )
        return known[key] if key in known else keep(known, key, work(day))

    return remembered


def keep(known: dict[Any, Any], key: Any, worked_out: Any) -> Any:
    """Remember it; after so much everything else is forgotten."""
    if len(known) > MOST:
        known.clear()
    known[key] = worked_out
    return worked_out


@contextmanager
def remembering_in(memory: Memory) -> Iterator[None]:
    """Remember apart from all others: what works differently comes out differently."""
    _memories.append(memory)
    try:
        yield
    finally:
        _memories.pop()


_REMEMBERED: list[tuple[ModuleType, str, Callable[[_Work], _Work]]] = [
    (ids, "_check", by_value),
    *(
        (keys, name, by_value)
        for name in ("slot_prefix", "pool_of", "pairs_of", "day", "recorded_response", "waiting_row")
    ),
    (day_mappers, "_booking_map", by_value),
    (transactions, "day_item", _by_day),
    *(
        (transactions, name, by_value)
        for name in ("account_item", "recorded_response_item", "job_item", "invite_item", "link_item", "relation_item")
    ),
    (transactions, "row_item", by_value),
    *((reads, name, by_identity) for name in ("account_from", "job_from", "day_from", "invite_from", "profile_from")),
    (queue_reads, "pair_row_from", by_identity),
    (reads, "relation_from", by_identity),
    (table, "_row", by_identity),
]


@contextmanager
def remembering() -> Iterator[None]:
    """Remember, until the end."""
    before = [(module, name, getattr(module, name)) for module, name, _ in _REMEMBERED]
    for module, name, remember in _REMEMBERED:
        setattr(module, name, remember(getattr(module, name)))
    Item.from_raw_data = by_content(Item.from_raw_data)  # type: ignore[method-assign]
    try:
        yield
    finally:
        del Item.from_raw_data
        for module, name, work in before:
            setattr(module, name, work)
