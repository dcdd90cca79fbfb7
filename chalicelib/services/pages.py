"""Pages of a member's lists, in the order of the ids."""

from collections.abc import Callable
from typing import Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")


class Page(Struct, Generic[T], frozen=True):
    """One page of a list. `more_after` is the last id of the page, or None on the last page."""

    items: list[T]
    more_after: str | None


def read_page(read: Callable[[int | None], list[tuple[str, T | None]]], limit: int | None) -> Page[T]:
    """Return a page of at most `limit` items, or of all for None.

    `read` returns at most as many rows as its argument. A row without an item was revoked during the read and is left
    out of the page.
    """
    # One more row than the page holds shows whether a next page exists.
    listed = read(None if limit is None else limit + 1)
    shown = listed[:limit]
    return Page([item for _, item in shown if item], shown[-1][0] if len(listed) > len(shown) else None)
