"""Everything in the table as values of the domain, after every commit: a history that can be asked."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from chalicelib.domain.audit.snapshot import Snapshot
from chalicelib.domain.decisions.queue_rows import PairRow, WaitingRow
from chalicelib.domain.decisions.write_set import Job, RecordedResponse
from chalicelib.domain.model.api_key import ApiKey
from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.limits import VersionedLimit
from chalicelib.domain.model.member import NO_RELATION, Account, Profile, Relation, Tombstone
from chalicelib.domain.model.slot import Slot
from chalicelib.storage import keys, reads
from chalicelib.storage.day_mappers import recorded_response_from
from chalicelib.storage.items import (
    ApiKeyItem,
    DayItem,
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
from tests.simulation.engine.memoization import memoize_by_identity

# How many lanes a slot has is a number; what the row of a link or a key tells is a text.
Value = (
    Day
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
    | str
)
Values = dict[Key, Value]


class TableHistory:
    """What the table holds now; `moments` is what it held after each commit, the beginning first."""

    def __init__(self, values: Values) -> None:
        self.moments = [values]

    @property
    def now(self) -> Values:
        """What the table holds."""
        return self.moments[-1]

    def change(self, changed: Mapping[Key, Value | None]) -> None:
        """Take in what a commit has changed; None where it took something away."""
        values = {**self.now, **changed}
        self.moments.append({key: value for key, value in values.items() if value is not None})

    def account(self, member_id: str) -> Account | None:
        """A member's account."""
        return account(self.now, member_id)

    def last_booking(self, member_id: str, slot: Slot) -> Booking | None:
        """The member's booking of a slot, the active one or else the last that was."""
        of_slot = [held for held in day(self.now, member_id, slot).bookings if held.slot == slot]
        return next((held for held in of_slot if held.active), of_slot[-1] if of_slot else None)


def link_of(moments: Sequence[Values], member_id: str) -> InviteLink | None:
    """The invite link of a member that was there last; the first of them by key."""
    for values in reversed(moments):
        links = (link for link in of_type(values, InviteLink) if link.owner_id == member_id)
        found: InviteLink | None = min(links, key=lambda link: link.digest, default=None)
        if found:
            return found
    return None


def key_of(moments: Sequence[Values], member_id: str) -> ApiKey | None:
    """The API key of a member that was there last; the first of them by digest."""
    for values in reversed(moments):
        keys_there = (key for key in of_type(values, ApiKey) if key.owner_id == member_id)
        found: ApiKey | None = min(keys_there, key=lambda key: key.digest, default=None)
        if found:
            return found
    return None


def of_type(values: Values, kind: type[Any]) -> Iterator[Any]:
    """Everything of one kind."""
    return (value for value in values.values() if type(value) is kind)


def account(values: Values, member_id: str) -> Account | None:
    """A member's account."""
    return values.get(keys.profile(member_id))  # type: ignore[return-value]


def relation(values: Values, member_id: str, other: str) -> Relation:
    """What a member says about another."""
    return values.get(keys.about(member_id, other), NO_RELATION)  # type: ignore[return-value]


def day(values: Values, member_id: str, slot: Slot) -> Day:
    """The member's day that holds bookings of the slot."""
    return values.get(keys.day(member_id, slot.date)) or Day(member_id, slot.date)  # type: ignore[return-value]


def active(values: Values) -> Iterator[Booking]:
    """All bookings that are not cancelled."""
    return (booking for one in of_type(values, Day) for booking in one.active)


def waiting(values: Values) -> list[Booking]:
    """All bookings that have no partner."""
    return [booking for booking in active(values) if booking.state is State.WAITING]


@memoize_by_identity
def value_of(item: Item) -> Value:
    """What an item says."""
    match item:
        case DayItem():
            # As the reads of the storage layer have it, so that a day is made out but once.
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
        case ApiKeyItem():
            return api_key_from(item)
        case VersionedLimitItem():
            return versioned_limit_from(item)
        case LinkItem() | ListedKeyItem():
            return str(item.digest)
    raise AssertionError(f"an item of no known kind: {item.pk} {item.sk}")


def values_of(items: Iterable[Item]) -> Values:
    """What items say, by their keys."""
    return {Key(item.pk, item.sk): value_of(item) for item in items}


def snapshot_of(values: Values) -> Snapshot:
    """The same as the invariants look at it."""
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
