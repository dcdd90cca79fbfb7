"""Snapshots of the table for the audit, and the keys of the items that an item must agree with."""

from collections.abc import Iterator
from datetime import datetime

from chalicelib.domain.audit.snapshot import Snapshot
from chalicelib.domain.decisions.queue_rows import ROWS_KEPT, Row, WaitingRow, row_of
from chalicelib.domain.decisions.title_items import LongTitle
from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.document import Document
from chalicelib.domain.model.ids import session_date
from chalicelib.domain.model.member import Profile, Tombstone
from chalicelib.domain.model.slot import FOOTPRINT_MINUTES, ONE_DAY
from chalicelib.domain.model.title import long_title_digest
from chalicelib.storage import keys
from chalicelib.storage.day_mappers import day_from, title_from
from chalicelib.storage.document_keys import key_of
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
from chalicelib.storage.mappers import account_from, api_key_from, invite_from, job_from, pair_row_from, relation_from
from chalicelib.storage.raw_reads import RawItems

# The exceptions with which the decoding of a malformed item ends.
_UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


def snapshot_of(look: RawItems) -> Snapshot:
    """Return the items that were read as a snapshot, with the keys of those that cannot be decoded."""
    found = Snapshot()
    for key, raw in look.items():
        try:
            _add(found, key, Item.from_raw_data(dict(raw)))
        except _UNREADABLE:
            found.unreadable.add(key)
    return found


def related_keys(subject: Snapshot, now: datetime) -> set[Key]:
    """Return the keys of all items that the items of `subject` must agree with.

    Jobs are included only where an item of `subject` requires one.
    """
    found = {key for day in subject.days.values() for key in _around_day(day, now)}
    for row in subject.rows:
        members = (row.member_id,) if isinstance(row, WaitingRow) else row.members
        found |= {keys.day(member_id, row.slot.date) for member_id in members}
        found.add(keys.queue_shards(row.slot, 0))
    for (slot, _), queue_shards in subject.queue_shards.items():
        found |= {keys.queue_shards(slot, queue_shard) for queue_shard in range(queue_shards)}
    for account in subject.accounts.values():
        if isinstance(account, Tombstone) and not account.erased:
            # The transaction of the tombstone also wrote this job, with the same id.
            found.add(keys.job(account.revision))
        if isinstance(account, Profile) and account.suspension:
            # The transaction of the suspension wrote this job.
            found.add(keys.job(account.revision))
    for owner, booking_id in subject.titles:
        on = session_date(owner, booking_id)
        found |= {keys.profile(owner), *([keys.day(owner, on)] if on else ())}
    found |= {keys.profile(owner) for owner in subject.documents.values()}
    found |= {keys.by(other, member_id) for member_id, other in subject.relations}
    found |= {keys.profile(member_id) for pair in subject.relations for member_id in pair}
    found |= {keys.about(*pair) for pair in subject.mirrors}
    found |= {keys.link(link.owner_id, link.link_id) for link in subject.invites.values()}
    found |= {keys.invite(digest) for digest in subject.links.values()}
    found |= {keys.listed_key(key.owner_id, key.key_id) for key in subject.api_keys.values()}
    found |= {keys.profile(key.owner_id) for key in subject.api_keys.values()}
    found |= {keys.api_key(digest) for digest in subject.listed_keys.values()}
    return found


def _around_day(day: Day, now: datetime) -> Iterator[Key]:
    if day.is_empty:
        yield keys.profile(day.member_id)
    if day.overnight_until:
        yield keys.day(day.member_id, day.date - ONE_DAY)
    for titled in (booking for booking in day.bookings if booking.long_title):
        yield keys.title(titled.member_id, titled.booking_id)
    for held in day.active:
        yield from _around_booking(held, now)


def _around_booking(held: Booking, now: datetime) -> Iterator[Key]:
    if held.slot.past_midnight:
        yield keys.day(held.member_id, held.slot.date + ONE_DAY)
    row = row_of(held)
    if row and now < held.slot.start + ROWS_KEPT:
        yield keys.waiting(row) if isinstance(row, WaitingRow) else keys.pair(row)
    if held.partner:
        yield keys.day(held.partner.member_id, held.slot.date)
    if now < held.slot.start:
        yield keys.profile(held.member_id)
        if held.partner:
            yield keys.about(held.member_id, held.partner.member_id)


def _add(found: Snapshot, key: Key, item: Item) -> None:
    """Add an item. Raise one of `_UNREADABLE` if its content or its key is not one that the product writes."""
    match item:
        case DayItem():
            day = day_from(item)
            _check(all(held.slot.minutes in FOOTPRINT_MINUTES for held in day.bookings))
            found.days[day.key] = day
        case WaitingItem():
            _add_row(found, key, keys.waiting_row(*key))
        case PairItem():
            _add_row(found, key, pair_row_from(item))
        case QueueShardsItem():
            queue_shard = keys.queue_shard_at(*key)
            _check(keys.queue_shards(*queue_shard) == key)
            found.queue_shards[queue_shard] = int(item.queue_shards)
        case ProfileItem() | TombstoneItem():
            account = account_from(item)
            if account:
                found.accounts[account.member_id] = account
        case RelationItem():
            _add_relation(found, key, item)
        case TitleItem():
            _add_title(found, key, title_from(item))
        case InviteItem():
            link = invite_from(item)
            found.invites[link.digest] = link
        case LinkItem():
            found.links[_owner(key), key.sk.removeprefix(keys.LINK)] = str(item.digest)
        case ApiKeyItem():
            made = api_key_from(item)
            found.api_keys[made.digest] = made
        case ListedKeyItem():
            found.listed_keys[_owner(key), key.sk.removeprefix(keys.KEY)] = str(item.digest)
        case JobItem():
            job = job_from(item)
            _check(keys.job(job.job_id) == key)
            found.jobs[job.job_id] = job
        case DocumentItem():
            _add_document(found, key, document_from(item))
        case RecordedResponseItem() | VersionedLimitItem():
            pass  # No other item depends on it.
        case _:
            raise ValueError(key)


def _add_row(found: Snapshot, key: Key, row: Row) -> None:
    _check((keys.waiting(row) if isinstance(row, WaitingRow) else keys.pair(row)) == key)
    found.rows.add(row)


def _add_document(found: Snapshot, key: Key, document: Document) -> None:
    _check(key_of(document) == key)
    # A report in the list of staff names its reporter.
    owner = getattr(document, "member_id", None) or getattr(document, "reporter_id", None)
    if owner:
        found.documents[key] = owner


def _add_title(found: Snapshot, key: Key, title: LongTitle) -> None:
    _check(keys.title(title.member_id, title.booking_id) == key)
    found.titles[title.member_id, title.booking_id] = long_title_digest(title.text)


def _add_relation(found: Snapshot, key: Key, item: RelationItem) -> None:
    relation = relation_from(item)
    if key.sk.startswith(keys.ABOUT):
        found.relations[_owner(key), key.sk.removeprefix(keys.ABOUT)] = relation
    else:
        found.mirrors[key.sk.removeprefix(keys.BY), _owner(key)] = relation


def _owner(key: Key) -> str:
    return key.pk.partition("#")[2]


def _check(is_valid: bool) -> None:
    if not is_valid:
        raise ValueError
