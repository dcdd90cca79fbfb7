"""The domain's values as items of the table, and back. Each mapping stands beside its inverse."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import msgspec
from pynamodb.expressions.update import Action

from chalicelib.domain.decisions.queue_rows import ROWS_KEPT, PairRow, WaitingRow
from chalicelib.domain.decisions.write_set import Job, JobKind, QueueShardsOpened
from chalicelib.domain.model.access_record import DAYS_KEPT, AccessKind, AccessRecord
from chalicelib.domain.model.api_key import ApiKey, Scope
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.limits import VersionedLimit
from chalicelib.domain.model.member import (
    NO_RELATION,
    PLACEHOLDER_NAME,
    Account,
    Activity,
    Availability,
    Gender,
    PartnerGender,
    Profile,
    Relation,
    Tombstone,
    WorkStyle,
    is_email_like,
)
from chalicelib.domain.model.slot import Slot
from chalicelib.domain.model.suspension import Suspension
from chalicelib.storage import keys
from chalicelib.storage.items import (
    BY_LOCK,
    ApiKeyItem,
    InviteItem,
    Item,
    JobItem,
    LinkItem,
    ListedKeyItem,
    PairItem,
    ProfileItem,
    QueueShardsItem,
    RelationItem,
    TombstoneItem,
    VersionedLimitItem,
    WaitingItem,
)

# A record of uses is stored with one digit for each date.
_ACCESS_BITS: Mapping[AccessKind, int] = {
    AccessKind.READ: 1,
    AccessKind.WRITE: 2,
    AccessKind.EXPORT: 4,
    AccessKind.ACCOUNT: 8,
}


def seconds(instant: datetime) -> int:
    """Return an instant as whole seconds since 1970."""
    return int(instant.timestamp())


def instant(number: float) -> datetime:
    """Return the instant of a number of seconds, the inverse of `seconds`."""
    return datetime.fromtimestamp(number, UTC)


def access_text(record: AccessRecord) -> str:
    """Return a record as its latest date and one hexadecimal digit for each date, the latest first. May be empty."""
    if not record.days:
        return ""
    latest = max(record.days)
    kinds = (record.days.get(latest - timedelta(days=days), frozenset()) for days in range(DAYS_KEPT))
    digits = "".join(f"{sum(_ACCESS_BITS[kind] for kind in day):x}" for day in kinds)
    return f"{latest.isoformat()} {digits.rstrip('0')}"


def access_from(text: str | None) -> AccessRecord:
    """Return the record of a text, the inverse of `access_text`."""
    if not text:
        return AccessRecord()
    latest, digits = text.split(" ")
    days = {date.fromisoformat(latest) - timedelta(days=ago): int(digit, 16) for ago, digit in enumerate(digits)}
    return AccessRecord(
        {
            day: frozenset(kind for kind, bit in _ACCESS_BITS.items() if number & bit)
            for day, number in days.items()
            if number
        }
    )


def account_item(account: Account) -> ProfileItem | TombstoneItem:
    """Return the item of a profile or a tombstone."""
    if isinstance(account, Profile):
        return profile_item(account)
    return TombstoneItem(
        *keys.profile(account.member_id),
        revision=account.revision,
        deleted_at=seconds(account.deleted_at),
        erased=account.erased,
        suspension=suspension_text(account.suspension),
    )


def account_from(item: Item | None) -> Account | None:
    """Return the profile or tombstone of an item, the inverse of `account_item`, or None without an account."""
    if isinstance(item, TombstoneItem):
        member_id = item.pk.partition("#")[2]
        suspension = _suspension_from(item.suspension)
        return Tombstone(member_id, instant(item.deleted_at), item.revision, item.erased, suspension)
    return profile_from(item) if isinstance(item, ProfileItem) else None


def profile_item(profile: Profile) -> ProfileItem:
    """Return the item of a profile."""
    return ProfileItem(
        *keys.profile(profile.member_id),
        revision=profile.revision,
        name=profile.name,
        time_zone=profile.time_zone,
        member_since=seconds(profile.member_since),
        photo_url=profile.photo_url,
        gender=profile.gender,
        partner_gender=profile.partner_gender,
        availability=profile.availability,
        activity=profile.work_style.activity,
        quiet=profile.work_style.quiet,
        deleted_at=seconds(profile.deleted_at) if profile.deleted_at else None,
        completed=profile.completed,
        counted_until=seconds(profile.counted_until) if profile.counted_until else None,
        chosen_name=profile.chosen_name or None,
        uses=access_text(profile.access) or None,
        suspension=suspension_text(profile.suspension),
    )


def suspension_text(suspension: Suspension | None) -> str | None:
    """Return a suspension as accounts store it, None without one."""
    return msgspec.json.encode(suspension).decode() if suspension else None


def _suspension_from(text: str | None) -> Suspension | None:
    return msgspec.json.decode(text, type=Suspension) if text else None


def profile_actions(item: ProfileItem) -> list[Action]:
    """Return the actions that write a changed profile.

    The record of uses and the number of sessions stay as stored: plain updates change them at the same revision.
    """
    written = ProfileItem.get_attributes().keys() - {"pk", "sk", "kind", "completed", "counted_until", "uses"}
    values = {name: getattr(item, name) for name in sorted(written)}
    return [
        getattr(ProfileItem, name).remove() if value is None else getattr(ProfileItem, name).set(value)
        for name, value in values.items()
    ]


def profile_from(item: ProfileItem) -> Profile:
    """Return the profile of an item, the inverse of `profile_item`.

    An earlier release stored e-mail addresses of tokens as names. Such a name is read as the placeholder (R31).
    """
    chosen_name = bool(item.chosen_name)
    return Profile(
        member_id=item.pk.partition("#")[2],
        name=PLACEHOLDER_NAME if is_email_like(item.name) and not chosen_name else item.name,
        time_zone=item.time_zone,
        member_since=instant(item.member_since),
        revision=item.revision,
        photo_url=item.photo_url,
        gender=Gender(item.gender) if item.gender else None,
        partner_gender=PartnerGender(item.partner_gender),
        availability=Availability(item.availability),
        work_style=WorkStyle(Activity(item.activity), item.quiet),
        deleted_at=None if item.deleted_at is None else instant(item.deleted_at),
        completed=int(item.completed or 0),
        counted_until=None if item.counted_until is None else instant(item.counted_until),
        chosen_name=chosen_name,
        access=access_from(item.uses),
        suspension=_suspension_from(item.suspension),
    )


def relation_from(item: RelationItem | None) -> Relation:
    """Return the relation of an item, the inverse of `relation_item`. A missing item is no relation."""
    if item is None:
        return NO_RELATION
    until = None if item.snoozed_until is None else instant(item.snoozed_until)
    return Relation(bool(item.favorite), until, bool(item.blocked))


def relation_item(key: keys.Key, relation: Relation) -> RelationItem:
    """Return the item of a relation under one of its two keys."""
    return RelationItem(
        *key,
        favorite=relation.favorite or None,
        snoozed_until=seconds(relation.snoozed_until) if relation.snoozed_until else None,
        blocked=relation.blocked or None,
    )


def row_item(row: WaitingRow | PairRow, *, by_lock: bool = False) -> Item:
    """Return the item of a waiting row or a pair row. A lock makes some pair rows (R12)."""
    expires = _row_expires(row.slot)
    if isinstance(row, WaitingRow):
        return WaitingItem(*keys.waiting(row), expires=expires)
    return PairItem(*keys.pair(row), members=set(row.members), expires=expires, origin=BY_LOCK if by_lock else None)


def is_pair_by_lock(image: Mapping[str, object]) -> bool:
    """Return whether the image of a stream record shows a pair row that a lock made."""
    return image.get(PairItem.origin.attr_name) == {"S": BY_LOCK}


def pair_row_from(item: PairItem) -> PairRow:
    """Return the pair row of an item, the inverse of `row_item`."""
    return keys.pair_row(item.pk, item.sk, frozenset(item.members))


def queue_shards_item(change: QueueShardsOpened, queue_shard: int) -> QueueShardsItem:
    """Return the item that holds the new number of a slot's queue shards, in one of them."""
    return QueueShardsItem(
        *keys.queue_shards(change.slot, queue_shard), queue_shards=change.after, expires=_row_expires(change.slot)
    )


def invite_item(link: InviteLink) -> InviteItem:
    """Return the item of an invite link."""
    return InviteItem(
        *keys.invite(link.digest),
        link_id=link.link_id,
        owner_id=link.owner_id,
        made_at=seconds(link.made_at),
        session_id=link.session_id,
        expires_at=seconds(link.expires_at) if link.expires_at else None,
        max_uses=link.max_uses,
        uses=link.uses,
        made_by=link.made_by,
    )


def invite_from(item: InviteItem) -> InviteLink:
    """Return the invite link of an item, the inverse of `invite_item`."""
    return InviteLink(
        link_id=item.link_id,
        owner_id=item.owner_id,
        digest=item.pk.partition("#")[2],
        made_at=instant(item.made_at),
        session_id=item.session_id,
        expires_at=None if item.expires_at is None else instant(item.expires_at),
        max_uses=None if item.max_uses is None else int(item.max_uses),
        uses=int(item.uses),
        made_by=item.made_by,
    )


def link_item(link: InviteLink) -> LinkItem:
    """Return the item of an invite link's entry in its owner's list."""
    return LinkItem(*keys.link(link.owner_id, link.link_id), digest=link.digest)


def api_key_item(key: ApiKey) -> ApiKeyItem:
    """Return the item of an API key."""
    return ApiKeyItem(
        *keys.api_key(key.digest),
        key_id=key.key_id,
        owner_id=key.owner_id,
        name=key.name,
        scope=key.scope,
        made_at=seconds(key.made_at),
        last_used=key.last_used.isoformat() if key.last_used else None,
        expires_at=seconds(key.expires_at) if key.expires_at else None,
        uses=access_text(key.access) or None,
    )


def api_key_from(item: ApiKeyItem) -> ApiKey:
    """Return the API key of an item, the inverse of `api_key_item`."""
    return ApiKey(
        key_id=item.key_id,
        owner_id=item.owner_id,
        digest=item.pk.partition("#")[2],
        name=item.name,
        scope=Scope(item.scope),
        made_at=instant(item.made_at),
        last_used=date.fromisoformat(item.last_used) if item.last_used else None,
        expires_at=None if item.expires_at is None else instant(item.expires_at),
        access=access_from(item.uses),
    )


def listed_key_item(key: ApiKey) -> ListedKeyItem:
    """Return the item of an API key's entry in its owner's list."""
    return ListedKeyItem(*keys.listed_key(key.owner_id, key.key_id), digest=key.digest)


def versioned_limit_item(versioned_limit: VersionedLimit) -> VersionedLimitItem:
    """Return the item of a versioned limit."""
    expires = versioned_limit.expires and seconds(versioned_limit.expires)
    return VersionedLimitItem(
        *keys.versioned_limit(versioned_limit.member_id, versioned_limit.name),
        version=versioned_limit.version,
        expires=expires,
        changes=versioned_limit.changes or None,
        changed_on=versioned_limit.changed_on.isoformat() if versioned_limit.changed_on else None,
        changed_at=seconds(versioned_limit.changed_at) if versioned_limit.changed_at else None,
    )


def versioned_limit_from(item: VersionedLimitItem) -> VersionedLimit:
    """Return the versioned limit of an item, the inverse of `versioned_limit_item`."""
    expires = instant(item.expires) if item.expires else None
    return VersionedLimit(
        item.pk.partition("#")[2],
        item.sk.removeprefix(keys.VERSIONED_LIMIT),
        int(item.version),
        expires,
        changes=int(item.changes or 0),
        changed_on=date.fromisoformat(item.changed_on) if item.changed_on else None,
        changed_at=None if item.changed_at is None else instant(item.changed_at),
    )


def job_item(job: Job) -> JobItem:
    """Return the item of a job."""
    made_at = seconds(job.made_at) if job.made_at else None
    return JobItem(
        *keys.job(job.job_id), task=job.kind, member_id=job.member_id, other_id=job.other_id, made_at=made_at
    )


def job_from(item: JobItem) -> Job:
    """Return the job of an item, the inverse of `job_item`."""
    made_at = None if item.made_at is None else instant(item.made_at)
    return Job(item.sk, JobKind(item.task), item.member_id, item.other_id, made_at)


def _row_expires(slot: Slot) -> int:
    return seconds(slot.start + ROWS_KEPT)
