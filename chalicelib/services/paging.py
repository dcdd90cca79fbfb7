"""Pages of a member's lists, in the order of the ids."""

from collections.abc import Callable
from typing import Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")


class Page(Struct, Generic[T], frozen=True):
    """Some of a list, and the id behind which there is more, if there is."""

    items: list[T]
    more_after: str | None


def read_page(read: Callable[[int | None], list[tuple[str, T | None]]], limit: int | None) -> Page[T]:
    """The page that begins where `read` does, which takes how many to read at the most; `limit` items, None for all.

    What `read` lists without an item was revoked just now, and is left out.
    """
    # One more than asked for tells whether there is a next page.
    listed = read(None if limit is None else limit + 1)
    shown = listed[:limit]
    return Page([item for _, item in shown if item], shown[-1][0] if len(listed) > len(shown) else None)
