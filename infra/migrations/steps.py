"""The steps from each schema to the next, which rewrite items of old forms (docs/adr/0041)."""

from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.storage.day_mappers import day_from, day_item
from chalicelib.storage.items import DayItem, Item, ProfileItem
from chalicelib.storage.mappers import profile_from, profile_item

# An item as DynamoDB returns it.
Raw = Mapping[str, Mapping[str, Any]]


def _day(item: DayItem) -> Item:
    """Return the item of a day without the set of ids and the letter of parted pairs of the first builds.

    It expires as before: only a deployment knows the retention (R33).
    """
    migrated_item = day_item(day_from(item))
    migrated_item.expires = item.expires
    return migrated_item


def _profile(item: ProfileItem) -> Item:
    """Return the item of a profile without an e-mail address as its name (R31)."""
    return profile_item(profile_from(item))


# By the schema to which a step leads, and by the kind of item.
STEPS: Mapping[int, Mapping[type[Item], Callable[[Any], Item]]] = {2: {DayItem: _day, ProfileItem: _profile}}


def migrated(raw: Raw, schema: int) -> Raw:
    """Return an item in the form of a schema, one above that of the item."""
    item = Item.from_raw_data(dict(raw))
    step = STEPS[schema].get(type(item))
    return step(item).serialize() if step else raw
