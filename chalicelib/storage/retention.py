"""The time for which the table keeps past days and their long titles (R33)."""

from datetime import date, datetime, timedelta

from chalicelib.domain.model.slot import ONE_DAY, day_start
from chalicelib.storage import keys
from chalicelib.storage.keys import Key
from chalicelib.storage.mappers import seconds

# The items of a date that expire.
PREFIXES = (keys.DAY, keys.TITLE)


def expiry_seconds(on: date, retention: timedelta | None) -> int | None:
    """Return the expiry of the items of a date, or None if they are kept for ever.

    The last session of a date ends on the next one.
    """
    return None if retention is None else seconds(day_start(on) + 2 * ONE_DAY + retention)


def date_of(key: Key) -> date:
    """Return the date of the key of a day or of a long title. Raise ValueError for any other key."""
    prefix = next((prefix for prefix in PREFIXES if key.sk.startswith(prefix)), "")
    return date.fromisoformat(key.sk.removeprefix(prefix).partition("#")[0])


def may_be_partial(key: Key, retention: timedelta | None, now: datetime) -> bool:
    """Return whether items that belong to the item of a key may have expired before it.

    DynamoDB deletes the expired items of a date one by one, within days. A day belongs to the day before, too.
    """
    if retention is None or not key.sk.startswith(PREFIXES):
        return False
    return now >= day_start(date_of(key)) + ONE_DAY + retention
