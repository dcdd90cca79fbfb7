"""Deletion of an account in two steps, like a block (R33).

The first step replaces the profile by a tombstone and stores a job. From then on the member can neither book nor be
paired, and earlier tokens are refused. The second step erases the rest in separate transactions, each on the condition
that the tombstone is unchanged. It edits or deletes every day ahead, so a decision on an earlier read of one of them
conflicts. A booking in flight that creates a day reads its owner's account after its commit, and erases itself.

The ledger, outside the table, names each erased account, so that a restore of the table does not bring it back.

A request erases a bounded share. The stream finishes the job, and the schedule repeats it until it is 1 minute old.
No request of the deleted account lives that long, so the last repeat finds what a crashed one has left.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from itertools import islice

from msgspec.structs import replace

from chalicelib.domain.decisions.day_editor import DayEditor, partners_of
from chalicelib.domain.decisions.document_copies import copies_of, kept_copies
from chalicelib.domain.decisions.start_rows import start_row
from chalicelib.domain.decisions.write_set import (
    Decision,
    DocumentChange,
    Erasure,
    InviteRevoked,
    Job,
    JobKind,
    KeyRevoked,
    ProfileChange,
    RelationChange,
    WriteSet,
)
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.errors import Busy
from chalicelib.domain.model.ledger_entry import LedgerKind
from chalicelib.domain.model.limits import is_of_failed_links
from chalicelib.domain.model.member import NO_RELATION, Profile, Relation, Tombstone
from chalicelib.domain.model.slot import ONE_DAY
from chalicelib.metrics import current_metrics
from chalicelib.services.context import Context
from chalicelib.services.ledger import record, record_suspension
from chalicelib.services.notices.live_connections import end_connections
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import erasure_reads, reads, title_reads
from chalicelib.storage.document_keys import key_of
from chalicelib.storage.errors import TableRequestFailed

# Request units after which a request leaves the rest to the job. The transaction after them stays below 60 (R36).
REQUEST_UNITS = 90
# Per transaction. A cancelled booking changes the partner's day and two rows.
CANCELS_PER_TRANSACTION = 6
ITEMS_PER_TRANSACTION = 12
# Each with up to two copies in other partitions.
DOCUMENTS_PER_TRANSACTION = 8


def delete_account(context: Context, caller: str, *, deleted_at: datetime) -> None:
    """Delete the caller's account (R33).

    `deleted_at` is real time, like the issue times of tokens. A repeated call continues the deletion. The account is
    deleted from the commit of the tombstone on, even if the rest is erased later.
    """

    def decide(attempt: Attempt) -> Decision[Tombstone | None]:
        account = reads.account(context.table, caller)
        if not isinstance(account, Profile):
            return Decision(account)
        # Issue times of tokens are whole seconds, and the token of this request must become invalid.
        until = deleted_at.replace(microsecond=0) + timedelta(seconds=1)
        tombstone = Tombstone(caller, until, attempt.operation, suspension=account.suspension)
        changes = WriteSet(profile=ProfileChange(account, tombstone), job=job_of(tombstone, attempt.now))
        return Decision(tombstone, changes)

    tombstone = run_transaction(context, decide)
    if tombstone and not tombstone.erased:
        # The stored job erases the rest if this call fails or reaches its share.
        with suppress(Busy, TableRequestFailed):
            # First, so that the member's open pages get nothing more.
            end_connections(context, caller)
            erase(context, job_of(tombstone, context.clock()), most_units=REQUEST_UNITS)


def erase(context: Context, job: Job, *, most_units: float | None = None) -> None:
    """Erase the data of a deleted account, and delete the job once it is 1 minute old. It is idempotent.

    A repeat erases what a request in flight has written since. With `most_units` it stops after these request units.
    """
    # Before the reads: what a request in flight has written is then found by them.
    is_settled = job.is_settled(context.clock())
    tombstone = reads.account(context.table, job.member_id)
    if isinstance(tombstone, Tombstone) and tombstone.erased and not is_settled:
        # Only requests in flight can write more. A later run finds what they write.
        return
    if isinstance(tombstone, Tombstone):
        spent = current_metrics().units
        for _ in _erase_all(context, tombstone):
            if most_units is not None and current_metrics().units - spent > most_units:
                return
        if not tombstone.erased:
            # Before the tombstone is marked. An account that is not in the ledger keeps its job.
            record(context, LedgerKind.ERASED, tombstone.member_id, tombstone.deleted_at)
        # A suspension of the deleted account may not be in the ledger yet (R47).
        record_suspension(context, tombstone)
    _finish(context, job if is_settled else None, tombstone if isinstance(tombstone, Tombstone) else None)


def erase_day(context: Context, tombstone: Tombstone, on: date) -> None:
    """Erase one date of a deleted account, and the end of its last footprint on the next date."""
    for erased in (on, on + ONE_DAY):
        for _ in _erase_from_day(context, tombstone, erased):
            """Cancel the next bookings of the day."""


def _finish(context: Context, job_done: Job | None, tombstone: Tombstone | None) -> None:
    """Mark the tombstone as erased, and delete the job if it was old enough before the reads."""

    def decide(attempt: Attempt) -> Decision[None]:
        changes = WriteSet(job_done=job_done)
        if tombstone is None or tombstone.erased or not _is_unchanged(context, tombstone):
            return Decision(None, changes)
        erased = replace(tombstone, erased=True, revision=attempt.operation)
        return Decision(None, replace(changes, profile=ProfileChange(tombstone, erased)))

    run_transaction(context, decide)


def job_of(tombstone: Tombstone, made_at: datetime) -> Job:
    """Return the job that was stored with a tombstone. Its id is the revision of the tombstone."""
    return Job(tombstone.revision, JobKind.DELETION, tombstone.member_id, made_at=made_at)


def _is_unchanged(context: Context, tombstone: Tombstone) -> bool:
    """Return whether the tombstone is still stored. If not, the member may have a new account, which must be kept."""
    return reads.account(context.table, tombstone.member_id) == tombstone


def _erase_all(context: Context, tombstone: Tombstone) -> Iterator[None]:
    """Erase all parts of the account. Yield after each transaction."""
    yesterday = context.clock().date() - ONE_DAY
    for day in reads.days_between(context.table, tombstone.member_id, yesterday, date.max):
        # Days with only kept bookings too. A booking in flight may have read any of them.
        yield from _erase_from_day(context, tombstone, day.date)
    for erase_part in (
        _erase_live_connections,
        _erase_documents,
        _erase_titles,
        _erase_links,
        _erase_keys,
        _erase_relations,
        _erase_mirrors,
        _erase_limits,
        _erase_responses,
    ):
        yield from erase_part(context, tombstone)
    past = yesterday - ONE_DAY
    for day in reads.days_between(
        context.table, tombstone.member_id, date.min, past, newest_first=True, page=ITEMS_PER_TRANSACTION
    ):
        if not _is_erased(day):
            yield from _erase_from_day(context, tombstone, day.date)


def _is_erased(day: Day) -> bool:
    """Return whether a past day holds nothing but what partners' sessions refer to."""
    kept = all(booking.partner and booking == booking.anonymous() for booking in day.bookings)
    return kept and not day.is_empty and day == day.without_history()


def _erase_from_day(context: Context, tombstone: Tombstone, on: date) -> Iterator[None]:
    """Cancel the bookings ahead of a date, some in each transaction, and erase the rest with the last of them."""
    key = (tombstone.member_id, on)

    def decide(attempt: Attempt) -> Decision[bool]:
        if not _is_unchanged(context, tombstone):
            return Decision(False)
        days = reads.days(context.table, [key, (tombstone.member_id, on + ONE_DAY)])
        ahead = [booking for booking in days[key].active if attempt.now < booking.slot.start]
        cancelled = ahead[:CANCELS_PER_TRANSACTION]
        more = len(ahead) > len(cancelled)
        touched = cancelled if more else list(days[key].active)
        editor = DayEditor(days | reads.days(context.table, partners_of(touched)), attempt.operation, attempt.now)
        for booking in cancelled:
            editor.cancel(booking)
        if not more:
            editor.erase(key)
        changed = editor.changes()
        rows = (start_row(booking.member_id, booking.booking_id, booking.slot) for booking in cancelled)
        documents = tuple(DocumentChange(row, None, regardless=True) for row in rows)
        changes = WriteSet(days=changed, documents=documents, tombstone=tombstone) if changed else WriteSet()
        return Decision(more, changes)

    while run_transaction(context, decide):
        yield
    yield


def _erase_live_connections(context: Context, tombstone: Tombstone) -> Iterator[None]:
    """Close the live connections of the member."""
    if _is_unchanged(context, tombstone):
        end_connections(context, tombstone.member_id)
        yield


def _erase_documents(context: Context, tombstone: Tombstone) -> Iterator[None]:
    """Delete the member's events, addresses, subscriptions, webhooks, feeds, watches and records of what was sent."""
    found = erasure_reads.documents_of(context.table, tombstone.member_id, page=DOCUMENTS_PER_TRANSACTION)
    while batch := list(islice(found, DOCUMENTS_PER_TRANSACTION)):
        # A transaction names each item once, and two documents may have one copy.
        deleted = {key_of(each): each for document in batch for each in (document, *copies_of(document))}
        changes = [DocumentChange(each, None, regardless=True) for each in deleted.values()]
        kept = (copies for document in batch for copies in kept_copies(document))
        changes += [DocumentChange(before, after, regardless=True) for before, after in kept]
        _erase_with(context, tombstone, WriteSet(documents=tuple(changes)))
        yield


def _erase_links(context: Context, tombstone: Tombstone) -> Iterator[None]:
    """Revoke the member's invite links."""
    for link in filter(None, dict(reads.invites_of(context.table, tombstone.member_id)).values()):
        _erase_with(context, tombstone, WriteSet(invite=InviteRevoked(link)))
        yield


def _erase_keys(context: Context, tombstone: Tombstone) -> Iterator[None]:
    """Revoke the member's API keys."""
    for key in filter(None, dict(reads.api_keys_of(context.table, tombstone.member_id)).values()):
        _erase_with(context, tombstone, WriteSet(api_key=KeyRevoked(key)))
        yield


def _erase_relations(context: Context, tombstone: Tombstone) -> Iterator[None]:
    """Delete the relations of the member to others."""
    others = (other for other, _ in reads.relations(context.table, tombstone.member_id, page=ITEMS_PER_TRANSACTION))
    for batch in _batches(others):
        _erase_with(context, tombstone, WriteSet(erasure=Erasure(tombstone.member_id, others=batch)))
        yield


def _erase_mirrors(context: Context, tombstone: Tombstone) -> Iterator[None]:
    """Delete the favorites of others about the member. Their blocks and snoozes stay (R33)."""
    member_id = tombstone.member_id

    def without_favorites(others: tuple[str, ...]) -> tuple[RelationChange, ...]:
        relations = reads.relations_to(context.table, member_id, others)
        return tuple(
            RelationChange(other, member_id, relation, _without_favorite(relation))
            for other, relation in relations.items()
            if relation.favorite
        )

    for batch in _batches(erasure_reads.mirrored_members(context.table, member_id, ITEMS_PER_TRANSACTION)):

        def decide(_attempt: Attempt, others: tuple[str, ...] = batch) -> Decision[None]:
            if not _is_unchanged(context, tombstone):
                return Decision(None)
            erasure = Erasure(member_id, mirrors=others, favorites=without_favorites(others))
            return Decision(None, WriteSet(erasure=erasure, tombstone=tombstone))

        run_transaction(context, decide)
        yield


def _without_favorite(relation: Relation) -> Relation:
    """Return a relation about the deleted account without its favorite. A snooze stays also after its end."""
    if not relation.blocked and relation.snoozed_until is None:
        return NO_RELATION
    return replace(relation, favorite=False)


def _erase_limits(context: Context, tombstone: Tombstone) -> Iterator[None]:
    """Delete the member's versioned limits, except the failed links of a date, which expire by themselves.

    They are numbers without personal data. A new account of the person continues to count them (R36).
    """
    names = tuple(
        name
        for name in erasure_reads.versioned_limits(context.table, tombstone.member_id)
        if not is_of_failed_links(name)
    )
    if names:
        _erase_with(context, tombstone, WriteSet(erasure=Erasure(tombstone.member_id, limits=names)))
        yield


def _erase_responses(context: Context, tombstone: Tombstone) -> Iterator[None]:
    """Delete the recorded responses to the member's idempotency keys."""
    digests = erasure_reads.response_digests(context.table, tombstone.member_id, page=ITEMS_PER_TRANSACTION)
    for batch in _batches(digests):
        _erase_with(context, tombstone, WriteSet(erasure=Erasure(tombstone.member_id, answers=batch)))
        yield


def _erase_titles(context: Context, tombstone: Tombstone) -> Iterator[None]:
    """Delete the long titles of the member's sessions."""
    for batch in _batches(title_reads.long_titled(context.table, tombstone.member_id)):
        _erase_with(context, tombstone, WriteSet(erasure=Erasure(tombstone.member_id, titles=batch)))
        yield


def _erase_with(context: Context, tombstone: Tombstone, changes: WriteSet) -> None:
    """Commit an erasure on the condition that the tombstone is unchanged."""
    conditional = replace(changes, tombstone=tombstone)

    def decide(_attempt: Attempt) -> Decision[None]:
        return Decision(None, conditional if _is_unchanged(context, tombstone) else WriteSet())

    run_transaction(context, decide)


def _batches(texts: Iterable[str]) -> Iterator[tuple[str, ...]]:
    remaining = iter(texts)
    while batch := tuple(islice(remaining, ITEMS_PER_TRANSACTION)):
        yield batch
