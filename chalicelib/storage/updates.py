"""Plain updates of single items, at half the price of a transaction.

They serve only where no other item changes together with this one.
"""

from collections.abc import Sequence
from datetime import date, datetime

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.domain.model.access_record import AccessRecord
from chalicelib.domain.model.api_key import ApiKey
from chalicelib.domain.model.limits import VersionedLimit
from chalicelib.domain.model.member import Profile
from chalicelib.storage import keys
from chalicelib.storage.connection import Table
from chalicelib.storage.errors import translate_errors
from chalicelib.storage.items import ApiKeyItem, DayItem, Item, ProfileItem, VersionedLimitItem
from chalicelib.storage.keys import Key
from chalicelib.storage.mappers import access_text, seconds
from chalicelib.storage.retention import expiry_seconds
from chalicelib.version import SCHEMA


def bump_version(table: Table, member_id: str, on: date, at: datetime) -> None:
    """Increment the version of an existing day and store `at`, so that each decision on an earlier read conflicts (R1).

    Raise Conflict if the day does not exist.
    """
    # The day exists.
    exists = Item.pk.exists()
    _update(table, keys.day(member_id, on), [DayItem.version.add(1), DayItem.bumped_at.set(seconds(at))], exists)


def bump_or_create_day(table: Table, member_id: str, on: date) -> None:
    """Increment the version of a day, so that each decision on an earlier read conflicts, or create it empty (R36)."""
    actions = [*_stamp(DayItem), DayItem.version.add(1)]
    expires = expiry_seconds(on, table.retention)
    if expires is not None:
        actions.append(DayItem.expires.set(expires))
    # No condition: a missing day is stored without bookings.
    _update(table, keys.day(member_id, on), actions, None)


def raise_limit(table: Table, limit: VersionedLimit) -> None:
    """Write a versioned limit with its next version. Raise Conflict if it changed since the read."""
    unchanged: Condition
    if limit.version == 0:
        # The versioned limit does not exist yet.
        unchanged = Item.pk.does_not_exist()
    else:
        # The versioned limit has the version that was read.
        unchanged = VersionedLimitItem.version == limit.version
    actions = [*_stamp(VersionedLimitItem), VersionedLimitItem.version.set(limit.version + 1)]
    _update(table, keys.versioned_limit(limit.member_id, limit.name), actions, unchanged)


def record_use(table: Table, credential: Profile | ApiKey, record: AccessRecord, on: date) -> None:
    """Store the new record of bearer tokens in a profile, or that of an API key with the date of its last use.

    Raise Conflict if the record changed.
    """
    model: type[ApiKeyItem | ProfileItem] = ApiKeyItem if isinstance(credential, ApiKey) else ProfileItem
    key = keys.api_key(credential.digest) if isinstance(credential, ApiKey) else keys.profile(credential.member_id)
    actions: list[Action] = [model.uses.set(access_text(record))]
    if isinstance(credential, ApiKey):
        actions.append(ApiKeyItem.last_used.set(on.isoformat()))
    before = access_text(credential.access)
    # The record is unchanged since the read.
    unchanged = model.uses == before if before else model.uses.does_not_exist()
    # The account is not deleted, and the key is not revoked.
    present = model.name.exists()
    _update(table, key, actions, present & unchanged)


def _update(table: Table, key: Key, actions: Sequence[Action], condition: Condition | None) -> None:
    """Send an update. Raise Conflict, Throttled or OutcomeUnknown."""
    with translate_errors():
        table.update_item(*key, actions=actions, condition=condition)


def _stamp(model: type[Item]) -> list[Action]:
    """Return the actions that an update needs if it creates the item."""
    return [model.kind.set(model), model.schema.set(SCHEMA)]
