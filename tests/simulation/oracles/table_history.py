"""The content of the table after every commit, as values of the domain."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from chalicelib.domain.audit.snapshot import Snapshot
from chalicelib.domain.decisions.queue_rows import PairRow, WaitingRow
from chalicelib.domain.decisions.title_items import LongTitle
from chalicelib.domain.decisions.write_set import Job, RecordedResponse
from chalicelib.domain.model.api_key import ApiKey
from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.document import Document
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.limits import VersionedLimit
from chalicelib.domain.model.member import NO_RELATION, Account, Profile, Relation, Tombstone
from chalicelib.domain.model.slot import Slot
from chalicelib.domain.model.title import long_title_digest
from chalicelib.storage import keys, reads
from chalicelib.storage.day_mappers import recorded_response_from, title_from
from chalicelib.storage.documents import document_from
from chalicelib.storage.items import (
    ApiKeyItem,
    DayItem,
    DocumentItem,
    InviteItem,
    Item,
    JobItem,
    LinkItem,
    ListedKeyItem,
    PairItem,
    ProfileItem,
    QueueShardsItem,
    RecordedResponseItem,
    RelationItem,
    TitleItem,
    TombstoneItem,
    VersionedLimitItem,
    WaitingItem,
)
from chalicelib.storage.keys import Key
from chalicelib.storage.mappers import (
    account_from,
    api_key_from,
    invite_from,
    job_from,
    pair_row_from,
    relation_from,
    versioned_limit_from,
)
from infra.simulation.deployment import settings
from tests.simulation.engine.memoization import memoize_by_identity

# Whether sessions are completed only if both members joined (R37).
_ATTENDANCE = settings().attendance
# The number of queue shards is an int. A listed link or key is a text.
Value = (
    Day
    | LongTitle
    | WaitingRow
    | PairRow
    | int
    | Account
    | Relation
    | InviteLink
    | ApiKey
    | VersionedLimit
    | RecordedResponse
    | Job
    | Document
    | str
)
Values = dict[Key, Value]


class TableHistory:
    """The history of the table. `moments` has its content after each commit, the initial one first."""

    def __init__(self, values: Values) -> None:
        self.moments = [values]

    @property
    def now(self) -> Values:
        """The current content."""
        return self.moments[-1]

    def change(self, changed: Mapping[Key, Value | None]) -> None:
        """Append the content after a commit. None marks a deleted item."""
        values = {**self.now, **changed}
        self.moments.append({key: value for key, value in values.items() if value is not None})

    def account(self, member_id: str) -> Account | None:
        """Return a member's account, or None."""
        return account(self.now, member_id)

    def last_booking(self, member_id: str, slot: Slot) -> Booking | None:
        """Return the member's active booking of a slot, or else the last cancelled one."""
        of_slot = [held for held in day(self.now, member_id, slot).bookings if held.slot == slot]
        return next((held for held in of_slot if held.active), of_slot[-1] if of_slot else None)


def link_of(moments: Sequence[Values], member_id: str) -> InviteLink | None:
    """Return the latest invite link of a member, the first by digest if there are several."""
    for values in reversed(moments):
        links = (link for link in of_type(values, InviteLink) if link.owner_id == member_id)
        found: InviteLink | None = min(links, key=lambda link: link.digest, default=None)
        if found:
            return found
    return None


def key_of(moments: Sequence[Values], member_id: str) -> ApiKey | None:
    """Return the latest API key of a member, the first by digest if there are several."""
    for values in reversed(moments):
        keys_there = (key for key in of_type(values, ApiKey) if key.owner_id == member_id)
        found: ApiKey | None = min(keys_there, key=lambda key: key.digest, default=None)
        if found:
            return found
    return None


def of_type(values: Values, kind: type[Any]) -> Iterator[Any]:
    """Return all values of one type."""
    return (value for value in values.values() if type(value) is kind)


def account(values: Values, member_id: str) -> Account | None:
    """Return a member's account, or None."""
    return values.get(keys.profile(member_id))  # type: ignore[return-value]


def relation(values: Values, member_id: str, other: str) -> Relation:
    """Return a member's relation about another member."""
    return values.get(keys.about(member_id, other), NO_RELATION)  # type: ignore[return-value]


def day(values: Values, member_id: str, slot: Slot) -> Day:
    """Return the member's day of a slot."""
    return values.get(keys.day(member_id, slot.date)) or Day(member_id, slot.date)  # type: ignore[return-value]


def active(values: Values) -> Iterator[Booking]:
    """Return all active bookings."""
    return (booking for one in of_type(values, Day) for booking in one.active)


def completed_by(values: Values, profile: Profile, until: datetime) -> int:
    """Return the number of sessions that the account has completed up to an instant (R34, R37)."""
    own = (booking for booking in active(values) if booking.member_id == profile.member_id)
    ended = (booking for booking in own if booking.slot.end <= until and profile.is_of(booking.requested_at))
    return sum(booking.is_completed(until, attendance=_ATTENDANCE) for booking in ended)


def waiting(values: Values) -> list[Booking]:
    """Return all bookings without a partner."""
    return [booking for booking in active(values) if booking.state is State.WAITING]


@memoize_by_identity
def value_of(item: Item) -> Value:
    """Return the value of an item."""
    match item:
        case DayItem():
            # The reads of the storage layer are memoized, so each day is decoded once.
            return reads.day_from(item)
        case WaitingItem():
            return keys.waiting_row(item.pk, item.sk)
        case PairItem():
            return pair_row_from(item)
        case QueueShardsItem():
            return int(item.queue_shards)
        case ProfileItem() | TombstoneItem():
            found = account_from(item)
            assert found
            return found
        case RelationItem():
            return relation_from(item)
        case JobItem():
            return job_from(item)
        case InviteItem():
            return invite_from(item)
        case RecordedResponseItem():
            return recorded_response_from(item, item.pk.partition("#")[2], item.sk)
        case TitleItem():
            return title_from(item)
        case ApiKeyItem():
            return api_key_from(item)
        case VersionedLimitItem():
            return versioned_limit_from(item)
        case DocumentItem():
            return document_from(item)
        case LinkItem() | ListedKeyItem():
            return str(item.digest)
    raise AssertionError(f"an item of an unknown kind: {item.pk} {item.sk}")


def values_of(items: Iterable[Item]) -> Values:
    """Return the values of items by key."""
    return {Key(item.pk, item.sk): value_of(item) for item in items}


def snapshot_of(values: Values) -> Snapshot:
    """Return the content as a snapshot for the invariants."""
    found = Snapshot()
    for key, value in values.items():
        owner = key.pk.partition("#")[2]
        match value:
            case Day():
                found.days[value.key] = value
            case WaitingRow() | PairRow():
                found.rows.add(value)
            case int():
                found.queue_shards[keys.queue_shard_at(*key)] = value
            case Profile() | Tombstone():
                found.accounts[value.member_id] = value
            case Relation() if key.sk.startswith(keys.ABOUT):
                found.relations[owner, key.sk.removeprefix(keys.ABOUT)] = value
            case Relation():
                found.mirrors[key.sk.removeprefix(keys.BY), owner] = value
            case LongTitle():
                found.titles[value.member_id, value.booking_id] = long_title_digest(value.text)
            case InviteLink():
                found.invites[value.digest] = value
            case Job():
                found.jobs[value.job_id] = value
            case ApiKey():
                found.api_keys[value.digest] = value
            case str() if key.sk.startswith(keys.KEY):
                found.listed_keys[owner, key.sk.removeprefix(keys.KEY)] = value
            case str():
                found.links[owner, key.sk.removeprefix(keys.LINK)] = value
    return found
