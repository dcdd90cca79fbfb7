"""The changes of days in the records of the table's stream."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from chalicelib.domain.model.day import Day
from chalicelib.storage.day_mappers import day_from
from chalicelib.storage.items import DayItem, Item
from chalicelib.storage.keys import DAY


class DayWrite(Struct, frozen=True):
    """One write of a day, with the day before and after it. `before` is None for a new day.

    `at` is in whole seconds, like the times of changes.
    """

    before: Day | None
    after: Day
    at: datetime


def day_write(record: Mapping[str, Any]) -> DayWrite | None:
    """Return the write of a day that a record reports, or None for any other record and for a deleted day.

    Raises KeyError, TypeError or ValueError for a record of unknown form.
    """
    change = record["dynamodb"]
    if not change["Keys"]["SK"]["S"].startswith(DAY) or "NewImage" not in change:
        return None
    after = _day(change["NewImage"])
    before = _day(change["OldImage"]) if "OldImage" in change else None
    return DayWrite(before, after, datetime.fromtimestamp(int(change["ApproximateCreationDateTime"]), UTC))


def _day(image: Mapping[str, Any]) -> Day:
    item = Item.from_raw_data(dict(image))
    if not isinstance(item, DayItem):
        raise TypeError(item)
    return day_from(item)
