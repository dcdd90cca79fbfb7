"""The only writes of the product. Each write set becomes a conditional transaction, or a put if it is one document."""

from datetime import datetime

from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition

from chalicelib.domain.decisions.day_editor import DayChange
from chalicelib.domain.decisions.queue_rows import row_changes
from chalicelib.domain.decisions.title_items import title_changes
from chalicelib.domain.decisions.write_set import (
    Erasure,
    InviteMade,
    InviteRevoked,
    InviteUse,
    KeyMade,
    KeyRevoked,
    ProfileChange,
    QueueShardsOpened,
    RecordedResponse,
    RelationChange,
    SessionsCounted,
    WriteSet,
)
from chalicelib.domain.model.limits import VersionedLimit
from chalicelib.domain.model.member import NO_RELATION, Profile, Relation, Tombstone
from chalicelib.storage import keys
from chalicelib.storage.connection import Table
from chalicelib.storage.day_mappers import day_item, recorded_response_item, title_item
from chalicelib.storage.document_writes import change_document, is_single_put, put_document
from chalicelib.storage.errors import OutcomeUnknown, TableRequestFailed, outcome_of
from chalicelib.storage.items import (
    DayItem,
    InviteItem,
    Item,
    ProfileItem,
    QueueShardsItem,
    RecordedResponseItem,
    RelationItem,
    TitleItem,
    TombstoneItem,
    VersionedLimitItem,
)
from chalicelib.storage.mappers import (
    account_item,
    api_key_item,
    invite_item,
    job_item,
    link_item,
    listed_key_item,
    profile_actions,
    queue_shards_item,
    relation_item,
    row_item,
    seconds,
    suspension_text,
    versioned_limit_item,
)
from chalicelib.storage.writes import Transaction

# A transaction without a response is sent at most this number of times. DynamoDB executes one token at most once.
SENDINGS = 2


def commit(table: Table, changes: WriteSet, *, token: str, now: datetime) -> None:
    """Write all changes to the table at once, a single document by a put and anything else in one transaction.

    `token` (1-36 characters) is new for every attempt. Raise Conflict, Throttled or OutcomeUnknown.
    """
    if changes == WriteSet():
        return
    if is_single_put(changes):
        put_document(table, changes.documents[0])
        return
    for sending in range(1, SENDINGS + 1):
        try:
            _send(table, changes, token, now)
        except TransactWriteError as error:
            outcome = outcome_of(error)
            if isinstance(outcome, OutcomeUnknown) and sending < SENDINGS:
                continue
            _raise(outcome, error)
        return


def _raise(outcome: TableRequestFailed | None, error: TransactWriteError) -> None:
    if outcome is None:
        raise error
    raise outcome from error


def _send(table: Table, changes: WriteSet, token: str, now: datetime) -> None:
    transaction = Transaction(table, token)
    for change in changes.days:
        _put_day(transaction, change)
    _write_rows(transaction, changes)
    if not changes.tombstone:
        # A deletion erases all titles of the account in transactions of its own.
        _write_titles(transaction, changes)
    for opened in changes.queue_shards:
        _open_queue_shards(transaction, opened)
    for response in changes.recorded_responses:
        _put_recorded_response(transaction, response, now)
    if changes.profile:
        _put_profile(transaction, changes.profile)
    if changes.counted:
        _store_count(transaction, changes.counted)
    if changes.relation:
        _change_relation(transaction, changes.relation)
    if changes.invite:
        _change_invite(transaction, changes.invite)
    if changes.api_key:
        _change_api_key(transaction, changes.api_key)
    if changes.versioned_limit:
        _bump_limit(transaction, changes.versioned_limit)
    if changes.job:
        transaction.save(job_item(changes.job))
    if changes.job_done:
        transaction.delete(job_item(changes.job_done))
    if changes.erasure:
        _erase(transaction, changes.erasure)
    for document in changes.documents:
        change_document(transaction, document)
    for member_id in changes.present:
        _assert_present(transaction, member_id)
    if changes.tombstone:
        _assert_tombstone(transaction, changes.tombstone)
    if changes.block:
        _assert_blocked(transaction, *changes.block)
    for way in changes.unblocked:
        _assert_unblocked(transaction, *way)
    if changes.suspended:
        _assert_suspended(transaction, changes.suspended)
    transaction.send()


def _put_day(transaction: Transaction, change: DayChange) -> None:
    unchanged: Condition
    if change.before.version == 0:
        # The day does not exist yet.
        unchanged = Item.pk.does_not_exist()
    else:
        # The version of the day is unchanged since the read.
        unchanged = DayItem.version == change.before.version
    write = transaction.delete if change.deleted else transaction.save
    table = transaction.table
    write(day_item(change.after, table.schema, table.retention), condition=unchanged)


def _write_rows(transaction: Transaction, changes: WriteSet) -> None:
    # No condition: the rows follow from the days, and the days have conditions.
    rows = row_changes(changes.days)
    for row in rows.delete:
        transaction.delete(row_item(row))
    for row in rows.put:
        transaction.save(row_item(row, by_lock=row in rows.by_locks))


def _write_titles(transaction: Transaction, changes: WriteSet) -> None:
    # No condition: the titles follow from the days, and the days have conditions.
    titles = title_changes(changes.days)
    for title in titles.put:
        transaction.save(title_item(title, transaction.table.retention))
    for key in titles.delete:
        transaction.delete(TitleItem(*keys.title(*key)))


def _open_queue_shards(transaction: Transaction, change: QueueShardsOpened) -> None:
    unchanged: Condition
    if change.before == 1:
        # The slot has only its first queue shard.
        unchanged = Item.pk.does_not_exist()
    else:
        # The number of queue shards is unchanged since the read. It never decreases.
        unchanged = QueueShardsItem.queue_shards == change.before
    transaction.save(queue_shards_item(change, 0), condition=unchanged)
    for queue_shard in range(1, change.after):
        # No condition: this item is only written together with the one above.
        transaction.save(queue_shards_item(change, queue_shard))


def _put_recorded_response(transaction: Transaction, response: RecordedResponse, now: datetime) -> None:
    # The idempotency key has no recorded response, or that response has expired.
    unused = Item.pk.does_not_exist() | (RecordedResponseItem.expires <= seconds(now))
    transaction.save(recorded_response_item(response), condition=unused)


def _put_profile(transaction: Transaction, change: ProfileChange) -> None:
    unchanged: Condition
    if change.before is None:
        # The member has neither a profile nor a tombstone.
        unchanged = Item.pk.does_not_exist()
    else:
        # The revision of the account is unchanged since the read.
        unchanged = ProfileItem.revision == change.before.revision
    item = account_item(change.after)
    if isinstance(change.before, Profile) and isinstance(item, ProfileItem):
        transaction.update(item, actions=profile_actions(item), condition=unchanged)
    else:
        transaction.save(item, condition=unchanged)


def _store_count(transaction: Transaction, counted: SessionsCounted) -> None:
    profile = counted.profile
    # The account is the one that was read, neither deleted nor opened again. The number is right at its midnight also
    # if another number was stored since the read.
    same_account = ProfileItem.member_since == seconds(profile.member_since)
    transaction.update(
        ProfileItem(*keys.profile(profile.member_id)),
        actions=[ProfileItem.completed.set(counted.completed), ProfileItem.counted_until.set(seconds(counted.until))],
        condition=same_account,
    )


def _change_relation(transaction: Transaction, change: RelationChange) -> None:
    """Write a relation, or delete an empty one. The other member's copy exists exactly for a favorite.

    The versioned limit in the same transaction makes a delayed or concurrent change of the member conflict.
    """
    unchanged: Condition | None = None
    if change.before.favorite:
        # The favorite still exists. A deletion of the other member's account removes it without the limit (R33).
        unchanged = RelationItem.favorite.exists()
    about = relation_item(keys.about(change.member_id, change.other_id), change.after)
    if change.after == NO_RELATION:
        transaction.delete(about, condition=unchanged)
    else:
        transaction.save(about, condition=unchanged)
    if change.before.favorite is not change.after.favorite:
        copy = relation_item(keys.by(change.other_id, change.member_id), Relation(favorite=True))
        # No condition: this copy is only written together with the one above.
        write = transaction.save if change.after.favorite else transaction.delete
        write(copy)
    if change.ended:
        # No condition: every change of this member's relations passes the same versioned limit.
        transaction.delete(RelationItem(*keys.about(change.member_id, change.ended)))


def _change_invite(transaction: Transaction, change: InviteMade | InviteUse | InviteRevoked) -> None:
    """Write a change of an invite link. A use is counted in the transaction of its lock (R29)."""
    match change:
        case InviteMade(link, replaced):
            # No condition: the versioned limit in the same transaction lets it be created only once (R36).
            transaction.save(invite_item(link))
            transaction.save(link_item(link))
            if replaced:
                # No condition: a link that has expired or is used up stays so.
                transaction.delete(invite_item(replaced))
                transaction.delete(link_item(replaced))
        case InviteUse(before, after):
            # The link is not revoked, and its number of uses is unchanged since the read.
            transaction.save(invite_item(after), condition=InviteItem.uses == before.uses)
        case InviteRevoked(link):
            # No condition: the link is revoked regardless of its uses since the read.
            transaction.delete(invite_item(link))
            transaction.delete(link_item(link))


def _change_api_key(transaction: Transaction, change: KeyMade | KeyRevoked) -> None:
    match change:
        case KeyMade(key):
            # No condition: the versioned limit in the same transaction lets it be created only once (R36).
            transaction.save(api_key_item(key))
            transaction.save(listed_key_item(key))
        case KeyRevoked(key, links):
            # No condition: the key is revoked regardless of its uses since the read. The versioned limit in the same
            # transaction shows that it made no further link.
            transaction.delete(api_key_item(key))
            transaction.delete(listed_key_item(key))
            for link in links:
                transaction.delete(invite_item(link))
                transaction.delete(link_item(link))


def _bump_limit(transaction: Transaction, versioned_limit: VersionedLimit) -> None:
    unchanged: Condition
    if versioned_limit.version == 0:
        # No counted write has passed the limit yet.
        unchanged = Item.pk.does_not_exist()
    else:
        # No counted write has passed the limit since the read, so the count that followed the read is complete.
        unchanged = VersionedLimitItem.version == versioned_limit.version
    transaction.save(versioned_limit_item(versioned_limit.passed()), condition=unchanged)


def _erase(transaction: Transaction, erasure: Erasure) -> None:
    # No condition: all items of a deleted account are deleted regardless of their content.
    for other in erasure.others:
        transaction.delete(RelationItem(*keys.about(erasure.member_id, other)))
        transaction.delete(RelationItem(*keys.by(other, erasure.member_id)))
    for name in erasure.limits:
        transaction.delete(VersionedLimitItem(*keys.versioned_limit(erasure.member_id, name)))
    for other in erasure.mirrors:
        transaction.delete(RelationItem(*keys.by(erasure.member_id, other)))
    if erasure.favorites:
        _erase_favorites(transaction, erasure.favorites)
    for digest in erasure.answers:
        transaction.delete(RecordedResponseItem(*keys.recorded_response_of(erasure.member_id, digest)))
    for booking_id in erasure.titles:
        transaction.delete(TitleItem(*keys.title(erasure.member_id, booking_id)))


def _erase_favorites(transaction: Transaction, favorites: tuple[RelationChange, ...]) -> None:
    """Delete the favorites about a deleted account. The blocks and snoozes of the same relations stay (R33)."""
    for change in favorites:
        about = RelationItem(*keys.about(change.member_id, change.other_id))
        if change.after == NO_RELATION:
            # The other member has neither blocked nor snoozed the account since the read.
            alone = RelationItem.blocked.does_not_exist() & RelationItem.snoozed_until.does_not_exist()
            transaction.delete(about, condition=alone)
        else:
            # The favorite still exists. An update would create a missing relation.
            transaction.update(
                about, actions=[RelationItem.favorite.remove()], condition=RelationItem.favorite.exists()
            )


def _assert_present(transaction: Transaction, member_id: str) -> None:
    # The member has a profile, which a tombstone would have replaced.
    transaction.check(keys.profile(member_id), condition=ProfileItem.name.exists())


def _assert_tombstone(transaction: Transaction, tombstone: Tombstone) -> None:
    # The tombstone is unchanged since the read: no new account has replaced it.
    stands = TombstoneItem.revision == tombstone.revision
    transaction.check(keys.profile(tombstone.member_id), condition=stands)


def _assert_blocked(transaction: Transaction, member_id: str, other_id: str) -> None:
    # The block still exists. After its removal the pair stays.
    transaction.check(keys.about(member_id, other_id), condition=RelationItem.blocked.exists())


def _assert_unblocked(transaction: Transaction, member_id: str, other_id: str) -> None:
    # No block was stored while the relations and the days were read.
    transaction.check(keys.about(member_id, other_id), condition=RelationItem.blocked.does_not_exist())


def _assert_suspended(transaction: Transaction, profile: Profile) -> None:
    # The member is still suspended. After the end of a suspension every booking stays.
    same = ProfileItem.suspension == suspension_text(profile.suspension)
    transaction.check(keys.profile(profile.member_id), condition=same)
