"""Deletion of an account in two steps, like a block (R33).

The first step replaces the profile by a tombstone, stores a job and bumps the version of every day ahead. From then on
the member can neither book nor be paired, and earlier tokens are refused. The second step erases the rest in separate
transactions, each on the condition that the tombstone is unchanged. After a crash a repeated request, the stream or the
schedule finishes the job.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta

from msgspec.structs import replace

from chalicelib.domain.decisions.day_editor import DayEditor, partners_of
from chalicelib.domain.decisions.write_set import (
    Decision,
    Erasure,
    InviteRevoked,
    Job,
    JobKind,
    KeyRevoked,
    ProfileChange,
    VersionBump,
    WriteSet,
)
from chalicelib.domain.model.errors import Busy
from chalicelib.domain.model.member import Profile, Tombstone
from chalicelib.domain.model.slot import ONE_DAY, dates_ahead
from chalicelib.services.context import Context
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import reads, title_reads
from chalicelib.storage.errors import TableRequestFailed

# Per transaction. The relations between two members are four rows, a recorded response and a long title are one.
RELATIONS_PER_TRANSACTION = 20
RESPONSES_PER_TRANSACTION = 50
TITLES_PER_TRANSACTION = 50


def delete_account(context: Context, caller: str, *, deleted_at: datetime) -> None:
    """Delete the caller's account (R33).

    `deleted_at` is real time, like the issue times of tokens. A repeated call finishes the deletion. The account is
    deleted from the commit of the tombstone on, even if erasing the rest fails.
    """

    def decide(attempt: Attempt) -> Decision[Tombstone | None]:
        account = reads.account(context.table, caller)
        if not isinstance(account, Profile):
            return Decision(account)
        # Issue times of tokens are whole seconds, and the token of this request must become invalid.
        until = deleted_at.replace(microsecond=0) + timedelta(seconds=1)
        tombstone = Tombstone(caller, until, attempt.operation)
        changes = WriteSet(
            profile=ProfileChange(account, tombstone),
            version_bump=VersionBump(caller, dates_ahead(attempt.now)),
            job=_job_of(tombstone),
        )
        return Decision(tombstone, changes)

    tombstone = run_transaction(context, decide)
    if tombstone:
        # The stored job erases the rest if this call fails.
        with suppress(Busy, TableRequestFailed):
            erase(context, _job_of(tombstone))


def erase(context: Context, job: Job) -> None:
    """Erase the data of a deleted account and delete the job. It is idempotent."""
    tombstone = reads.account(context.table, job.member_id)
    if isinstance(tombstone, Tombstone) and not tombstone.erased:
        _erase_sessions(context, tombstone)
        for erase_rest in (_erase_titles, _erase_links, _erase_keys, _erase_relations, _erase_responses):
            erase_rest(context, tombstone)

    def finish(attempt: Attempt) -> Decision[None]:
        job_done = WriteSet(job_done=job)
        if not isinstance(tombstone, Tombstone) or tombstone.erased or not _is_unchanged(context, tombstone):
            return Decision(None, job_done)
        erased = replace(tombstone, erased=True, revision=attempt.operation)
        return Decision(None, replace(job_done, profile=ProfileChange(tombstone, erased)))

    run_transaction(context, finish)


def _job_of(tombstone: Tombstone) -> Job:
    """Return the job that was stored with a tombstone. A repeated deletion deletes the same job."""
    return Job(tombstone.revision, JobKind.DELETION, tombstone.member_id)


def _is_unchanged(context: Context, tombstone: Tombstone) -> bool:
    """Return whether the tombstone is still stored. If not, the member may have a new account, which must be kept."""
    return reads.account(context.table, tombstone.member_id) == tombstone


def _erase_sessions(context: Context, tombstone: Tombstone) -> None:
    """Cancel the bookings ahead (R17, R18) and erase the earlier ones, except what the partners' sessions refer to."""
    for day in list(reads.days_between(context.table, tombstone.member_id, date.min, date.max)):
        while (day.bookings or day.cancelled_by) and _erase_from_day(context, tombstone, day.date):
            """Cancel the next booking of the day."""


def _erase_from_day(context: Context, tombstone: Tombstone, on: date) -> bool:
    """Cancel one booking ahead, or erase the day if there is none. Return whether one was cancelled."""
    key = (tombstone.member_id, on)

    def decide(attempt: Attempt) -> Decision[bool]:
        if not _is_unchanged(context, tombstone):
            return Decision(False)
        days = reads.days(context.table, [key, (tombstone.member_id, on + ONE_DAY)])
        ahead = [booking for booking in days[key].active if attempt.now < booking.slot.start][:1]
        partners = reads.days(context.table, partners_of(ahead or list(days[key].active)))
        editor = DayEditor(days | partners, attempt.operation, attempt.now)
        for booking in ahead:
            editor.cancel(booking)
        if not ahead:
            editor.erase(key)
        changed = editor.changes()
        return Decision(bool(ahead), WriteSet(days=changed, tombstone=tombstone) if changed else WriteSet())

    return run_transaction(context, decide)


def _erase_links(context: Context, tombstone: Tombstone) -> None:
    """Revoke the member's invite links."""
    for link in filter(None, dict(reads.invites_of(context.table, tombstone.member_id)).values()):
        _erase_with(context, tombstone, WriteSet(invite=InviteRevoked(link)))


def _erase_keys(context: Context, tombstone: Tombstone) -> None:
    """Revoke the member's API keys."""
    for key in filter(None, dict(reads.api_keys_of(context.table, tombstone.member_id)).values()):
        _erase_with(context, tombstone, WriteSet(api_key=KeyRevoked(key)))


def _erase_relations(context: Context, tombstone: Tombstone) -> None:
    """Delete the relations between the member and others, in both directions."""
    for others in _batches(set(reads.related_members(context.table, tombstone.member_id)), RELATIONS_PER_TRANSACTION):
        _erase_with(context, tombstone, WriteSet(erasure=Erasure(tombstone.member_id, others=others)))


def _erase_responses(context: Context, tombstone: Tombstone) -> None:
    """Delete the recorded responses to the member's idempotency keys."""
    for digests in _batches(reads.response_digests(context.table, tombstone.member_id), RESPONSES_PER_TRANSACTION):
        _erase_with(context, tombstone, WriteSet(erasure=Erasure(tombstone.member_id, answers=digests)))


def _erase_titles(context: Context, tombstone: Tombstone) -> None:
    """Delete the long titles of the member's sessions."""
    for titles in _batches(title_reads.long_titled(context.table, tombstone.member_id), TITLES_PER_TRANSACTION):
        _erase_with(context, tombstone, WriteSet(erasure=Erasure(tombstone.member_id, titles=titles)))


def _erase_with(context: Context, tombstone: Tombstone, changes: WriteSet) -> None:
    """Commit an erasure on the condition that the tombstone is unchanged."""
    conditional = replace(changes, tombstone=tombstone)

    def decide(_attempt: Attempt) -> Decision[None]:
        return Decision(None, conditional if _is_unchanged(context, tombstone) else WriteSet())

    run_transaction(context, decide)


def _batches(texts: Iterable[str], size: int) -> Iterator[tuple[str, ...]]:
    ordered = sorted(texts)
    return (tuple(ordered[first : first + size]) for first in range(0, len(ordered), size))
