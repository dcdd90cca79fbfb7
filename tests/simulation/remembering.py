"""What comes out the same each time is worked out once: translations between values and items, sizes, keys.

A campaign plays hundreds of times a second what it has all played before, but for the order. Nothing that is
remembered here is ever changed, neither what goes in nor what comes out.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from types import ModuleType
from typing import Any

from chalicelib.domain import identity
from chalicelib.domain.day import Day
from chalicelib.storage import commit, encoding, keys, reads
from chalicelib.storage.items import Item
from infra.simulated import table

MOST = 10_000

_Work = Callable[..., Any]


def by_value(work: _Work) -> _Work:
    """The same, but done once for values that are equal."""
    return lru_cache(maxsize=MOST)(work)


def by_identity(work: _Work) -> _Work:
    """The same, but done once for one and the same thing, which is kept for that."""
    known: dict[int, tuple[Any, Any]] = {}

    def remembered(thing: Any) -> Any:
        found = known.get(id(thing))
        if found is None:
            if len(known) > MOST:
                known.clear()
            found = known[id(thing)] = (thing, work(thing))
        return found[1]

    return remembered


def by_content(work: _Work) -> _Work:
    """The same, but done once for all raw items that are alike."""
    known: dict[str, Any] = {}

    def remembered(raw: Any) -> Any:
        text = str(raw)
        found = known.get(text)
        if found is None:
            if len(known) > MOST:
                known.clear()
            found = known[text] = work(raw)
        return found

    return by_identity(remembered)


def _by_day(work: _Work) -> _Work:
    """The same, but done once for days that are equal: a day holds a mapping, and is no key itself."""
    known: dict[object, Any] = {}

    def remembered(day: Day) -> Any:
        key = (
            (day.member_id, day.date, day.version, day.bookings, day.tail, day.operations, day.met),
            tuple(day.deserters.items()),
        )
        found = known.get(key)
        if found is None:
            if len(known) > MOST:
                known.clear()
            found = known[key] = work(day)
        return found

    return remembered


_REMEMBERED: list[tuple[ModuleType, str, Callable[[_Work], _Work]]] = [
    (identity, "_check", by_value),
    *((keys, name, by_value) for name in ("slot_prefix", "pool_of", "pairs_of", "day", "answer", "waiting_row")),
    (encoding, "_booking_map", by_value),
    (commit, "day_item", _by_day),
    *(
        (commit, name, by_value)
        for name in ("account_item", "answer_item", "chore_item", "invite_item", "link_item", "relation_item")
    ),
    (commit, "row_item", by_value),
    *(
        (reads, name, by_identity)
        for name in ("account_from", "chore_from", "day_from", "invite_from", "pair_row_from", "profile_from")
    ),
    (reads, "relation_from", by_identity),
    (table, "item_size", by_identity),
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
