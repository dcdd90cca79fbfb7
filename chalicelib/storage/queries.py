"""The three requests that read the table; how each may fail is an outcome (`outcomes.understood`)."""

from collections.abc import Collection, Iterator

from pynamodb.exceptions import DoesNotExist
from pynamodb.expressions.condition import Condition

from chalicelib.storage.items import Item
from chalicelib.storage.keys import Key
from chalicelib.storage.outcomes import understood


def get(key: Key) -> Item | None:
    """The item with that key as it is now, or None where there is none."""
    with understood():
        try:
            return Item.get(*key, consistent_read=True)
        except DoesNotExist:
            return None


def batch(wanted: Collection[Key], *, consistent: bool) -> dict[Key, Item]:
    """Those of the items that there are, by their keys."""
    if not wanted:
        return {}
    with understood():
        return {Key(item.pk, item.sk): item for item in Item.batch_get(wanted, consistent_read=consistent)}


def query(
    pk: str,
    condition: Condition | None,
    *,
    backwards: bool = False,
    consistent: bool = True,
    after: Key | None = None,
    page: int | None = None,
) -> Iterator[Item]:
    """The items of a partition that meet a condition, in the order of their sort keys, from the one behind `after`.

    `page` is how many are read at a time; what is read is paid for.
    """
    last = {"PK": {"S": after.pk}, "SK": {"S": after.sk}} if after else None
    with understood():
        yield from Item.query(
            pk,
            condition,
            consistent_read=consistent,
            scan_index_forward=not backwards,
            last_evaluated_key=last,
            page_size=page,
        )
