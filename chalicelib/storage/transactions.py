"""The one way into the table: the changes of a decision become one conditional transaction, all or nothing."""

from datetime import datetime

from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.domain.decisions.day_editor import DayChange
from chalicelib.domain.decisions.queue_rows import row_changes
from chalicelib.domain.decisions.write_set import (
    Erasure,
    InviteMade,
    InviteRevoked,
    InviteUse,
    KeyMade,
    KeyRevoked,
    KeyUsed,
    ProfileChange,
    QueueShardsOpened,
    RecordedResponse,
    RelationChange,
    VersionBump,
    WriteSet,
)
from chalicelib.domain.model.limits import VersionedLimit
from chalicelib.domain.model.member import Tombstone
from chalicelib.storage import keys
from chalicelib.storage.connection import Table
from chalicelib.storage.day_mappers import day_item, recorded_response_item
from chalicelib.storage.errors import NotCommitted, OutcomeUnknown, outcome_of
from chalicelib.storage.items import (
    SCHEMA,
    ApiKeyItem,
    DayItem,
    InviteItem,
    Item,
    ProfileItem,
    QueueShardsItem,
    RecordedResponseItem,
    RelationItem,
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
    queue_shards_item,
    relation_item,
    row_item,
    seconds,
    versioned_limit_item,
)
from chalicelib.storage.writes import Transaction

# How often one and the same transaction is sent while no answer comes. Its token makes that safe: the table carries
# it out once, however often it arrives.
SENDINGS = 2


def commit(table: Table, changes: WriteSet, *, token: str, now: datetime) -> None:
    """Write everything that `changes` says to the table, or nothing.

    `token` (1-36 characters) is new for every decision. Raises Contended, Overloaded or Unanswered; after each the
    caller reads everything again and decides again.
    """
    if changes == WriteSet():
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


def _raise(outcome: NotCommitted | None, error: TransactWriteError) -> None:
    if outcome is None:
        raise error
    raise outcome from error


def _send(table: Table, changes: WriteSet, token: str, now: datetime) -> None:
    transaction = Transaction(table, token)
    for change in changes.days:
        _put_day(transaction, change)
    _write_rows(transaction, changes)
    if changes.queue_shards:
        _open_queue_shards(transaction, changes.queue_shards)
    if changes.answer:
        _put_recorded_response(transaction, changes.answer, now)
    if changes.profile:
        _put_profile(transaction, changes.profile)
    if changes.relation:
        _put_relation(transaction, changes.relation)
    if changes.invite:
        _change_invite(transaction, changes.invite)
    if changes.api_key:
        _change_api_key(transaction, changes.api_key)
    if changes.versioned_limit:
        _bump_limit(transaction, changes.versioned_limit)
    if changes.version_bump:
        _bump_days(transaction, changes.version_bump)
    if changes.job:
        transaction.save(job_item(changes.job))
    if changes.job_done:
        transaction.delete(job_item(changes.job_done))
    if changes.erasure:
        _erase(transaction, changes.erasure)
    for member_id in changes.present:
        _assert_present(transaction, member_id)
    if changes.tombstone:
        _assert_tombstone(transaction, changes.tombstone)
    if changes.block:
        _assert_blocked(transaction, *changes.block)
    transaction.send()


def _put_day(transaction: Transaction, change: DayChange) -> None:
    unchanged: Condition
    if change.before.version == 0:
        # Nobody has written this day yet.
        unchanged = Item.pk.does_not_exist()
    else:
        # The day is as it was read.
        unchanged = DayItem.version == change.before.version
    transaction.save(day_item(change.after), condition=unchanged)


def _write_rows(transaction: Transaction, changes: WriteSet) -> None:
    # Rows need no condition of their own: they follow from days, and the days are conditioned.
    rows = row_changes(changes.days)
    for row in rows.take:
        transaction.delete(row_item(row))
    for row in rows.put:
        transaction.save(row_item(row))


def _open_queue_shards(transaction: Transaction, change: QueueShardsOpened) -> None:
    unchanged: Condition
    if change.before == 1:
        # Nobody has opened another lane yet.
        unchanged = Item.pk.does_not_exist()
    else:
        # There are as many lanes as were read: none is ever closed.
        unchanged = QueueShardsItem.queue_shards == change.before
    transaction.save(queue_shards_item(change, 0), condition=unchanged)
    for queue_shard in range(1, change.after):
        # Written with the one above and never without it.
        transaction.save(queue_shards_item(change, queue_shard))


def _put_recorded_response(transaction: Transaction, answer: RecordedResponse, now: datetime) -> None:
    # Nobody has answered this idempotency key yet, or the answer is no longer kept.
    unused = Item.pk.does_not_exist() | (RecordedResponseItem.expires <= seconds(now))
    transaction.save(recorded_response_item(answer), condition=unused)


def _put_profile(transaction: Transaction, change: ProfileChange) -> None:
    unchanged: Condition
    if change.before is None:
        # There is no such member yet, and never was.
        unchanged = Item.pk.does_not_exist()
    else:
        # The account is as it was read.
        unchanged = ProfileItem.revision == change.before.revision
    transaction.save(account_item(change.after), condition=unchanged)


def _put_relation(transaction: Transaction, change: RelationChange) -> None:
    unchanged: Condition
    if change.before.revision is None:
        # Nothing was ever said.
        unchanged = Item.pk.does_not_exist()
    else:
        # What is said is as it was read: a write that lands late undoes nothing.
        unchanged = RelationItem.revision == change.before.revision
    about, by = keys.about(change.member_id, change.other_id), keys.by(change.other_id, change.member_id)
    transaction.save(relation_item(about, change.after), condition=unchanged)
    # Written with the row above and never without it.
    transaction.save(relation_item(by, change.after))


def _change_invite(transaction: Transaction, change: InviteMade | InviteUse | InviteRevoked) -> None:
    match change:
        case InviteMade(link, replaced):
            # No condition of its own: it passes a guard, and so it is made once (R36).
            transaction.save(invite_item(link))
            transaction.save(link_item(link))
            if replaced:
                # What can be used no more can never be used again.
                transaction.delete(invite_item(replaced))
                transaction.delete(link_item(replaced))
        case InviteUse(before, after):
            # The link is as it was read: used so often and not once more, and not revoked.
            transaction.save(invite_item(after), condition=InviteItem.uses == before.uses)
        case InviteRevoked(link):
            # No condition: however often it was used meanwhile, it is revoked.
            transaction.delete(invite_item(link))
            transaction.delete(link_item(link))


def _change_api_key(transaction: Transaction, change: KeyMade | KeyUsed | KeyRevoked) -> None:
    match change:
        case KeyMade(key):
            # No condition of its own: it passes a guard, and so it is made once (R36).
            transaction.save(api_key_item(key))
            transaction.save(listed_key_item(key))
        case KeyUsed(key, on):
            # The key was not revoked meanwhile, and nobody has noted that day or a later one.
            unnoted = ApiKeyItem.last_used.does_not_exist() | (ApiKeyItem.last_used < on.isoformat())
            transaction.update(
                ApiKeyItem(*keys.api_key(key.digest)),
                actions=[ApiKeyItem.last_used.set(on.isoformat())],
                condition=Item.pk.exists() & unnoted,
            )
        case KeyRevoked(key):
            # No condition: it is revoked, whatever it was used for meanwhile.
            transaction.delete(api_key_item(key))
            transaction.delete(listed_key_item(key))


def _bump_limit(transaction: Transaction, versioned_limit: VersionedLimit) -> None:
    unchanged: Condition
    if versioned_limit.version == 0:
        # Nothing has passed it yet.
        unchanged = Item.pk.does_not_exist()
    else:
        # Nothing has passed it since it was read, and so what was counted after that is all there is.
        unchanged = VersionedLimitItem.version == versioned_limit.version
    transaction.save(versioned_limit_item(versioned_limit.passed()), condition=unchanged)


def _bump_days(transaction: Transaction, version_bump: VersionBump) -> None:
    # No condition: whatever the days hold, every decision that rests on them is void.
    for on in version_bump.dates:
        key = keys.day(version_bump.member_id, on)
        transaction.update(DayItem(*key), actions=[*_stamp(DayItem), DayItem.version.add(1)])


def _erase(transaction: Transaction, erasure: Erasure) -> None:
    # No condition of their own: what is left of a deleted account goes, whatever it says.
    for other in erasure.others:
        for one, another in ((erasure.member_id, other), (other, erasure.member_id)):
            transaction.delete(RelationItem(*keys.about(one, another)))
            transaction.delete(RelationItem(*keys.by(one, another)))
    for digest in erasure.answers:
        transaction.delete(RecordedResponseItem(*keys.recorded_response_of(erasure.member_id, digest)))


def _assert_present(transaction: Transaction, member_id: str) -> None:
    # There is such a member, and no tombstone in the member's place.
    transaction.check(keys.profile(member_id), condition=ProfileItem.name.exists())


def _assert_tombstone(transaction: Transaction, tombstone: Tombstone) -> None:
    # The account is still deleted, and nobody has started afresh in its place.
    stands = TombstoneItem.revision == tombstone.revision
    transaction.check(keys.profile(tombstone.member_id), condition=stands)


def _assert_blocked(transaction: Transaction, member_id: str, other_id: str) -> None:
    # The block still stands: whoever takes it back keeps the pair.
    about = keys.about(member_id, other_id)
    transaction.check(about, condition=RelationItem.blocked.exists())


def _stamp(model: type[Item]) -> list[Action]:
    """What an update must say of an item that it may be the first to write."""
    return [model.kind.set(model), model.schema.set(SCHEMA)]
