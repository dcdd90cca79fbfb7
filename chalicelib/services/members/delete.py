"""Delete an account, in two steps as a block (R33).

The first step puts a tombstone in the place of the profile, a chore, and a new version of every day ahead: from then
on the member can neither book nor be paired, and no token from before lets anybody in. What is left is to erase the
rest, each part in a transaction of its own that asserts the tombstone. A crash in between is finished by a repeat, by
the stream or by the schedule.
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
from chalicelib.domain.model.slot import dates_ahead
from chalicelib.services.context import Context
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import reads
from chalicelib.storage.errors import NotCommitted

ONE_DAY = timedelta(days=1)
# How many of each go in one transaction: what two say about each other takes four rows, an answer one.
RELATIONS_AT_ONCE = 20
ANSWERS_AT_ONCE = 50


def delete_account(context: Context, caller: str, *, deleted_at: datetime) -> None:
    """Delete the caller's account; `deleted_at` is real time, as issuers date tokens (R33).

    Again it finishes what was begun. Once the tombstone stands the account is deleted, whatever becomes of the rest.
    """

    def decide(attempt: Attempt) -> Decision[Tombstone | None]:
        account = reads.account(context.table, caller)
        if not isinstance(account, Profile):
            return Decision(account)
        # Tokens are dated in whole seconds: this one counts as before.
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
        # What is not erased now is left to the chore.
        with suppress(Busy, NotCommitted):
            erase(context, _job_of(tombstone))


def erase(context: Context, job: Job) -> None:
    """Erase what a deleted account has left, then forget the chore. Done twice, it has one effect."""
    tombstone = reads.account(context.table, job.member_id)
    if isinstance(tombstone, Tombstone) and not tombstone.erased:
        for erase_all in (_erase_sessions, _erase_links, _erase_keys, _erase_relations, _erase_answers):
            erase_all(context, tombstone)

    def finish(attempt: Attempt) -> Decision[None]:
        forgotten = WriteSet(job_done=job)
        if not isinstance(tombstone, Tombstone) or tombstone.erased or not _stands(context, tombstone):
            return Decision(None, forgotten)
        erased = replace(tombstone, erased=True, revision=attempt.operation)
        return Decision(None, replace(forgotten, profile=ProfileChange(tombstone, erased)))

    run_transaction(context, finish)


def _job_of(tombstone: Tombstone) -> Job:
    """The chore that was written with a tombstone: whoever repeats the deletion forgets the same one."""
    return Job(tombstone.revision, JobKind.DELETION, tombstone.member_id)


def _stands(context: Context, tombstone: Tombstone) -> bool:
    """Whether the account is still deleted and not erased: nobody may erase what somebody started afresh."""
    return reads.account(context.table, tombstone.member_id) == tombstone


def _erase_sessions(context: Context, tombstone: Tombstone) -> None:
    """Cancel what is ahead (R17, R18); of what has started only what the partners' halves rest on stays."""
    for day in list(reads.days_between(context.table, tombstone.member_id, date.min, date.max)):
        while (day.bookings or day.cancelled_by) and _erase_from_day(context, tombstone, day.date):
            """One booking ahead was cancelled; there may be more."""


def _erase_from_day(context: Context, tombstone: Tombstone, on: date) -> bool:
    """Cancel one booking ahead, or where there is none erase the day; gives whether one was cancelled."""
    key = (tombstone.member_id, on)

    def decide(attempt: Attempt) -> Decision[bool]:
        if not _stands(context, tombstone):
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
    """Remove the member from every list: what the member says about others, and they about the member."""
    for others in _batches(set(reads.related_members(context.table, tombstone.member_id)), RELATIONS_AT_ONCE):
        _erase_with(context, tombstone, WriteSet(erasure=Erasure(tombstone.member_id, others=others)))


def _erase_answers(context: Context, tombstone: Tombstone) -> None:
    """Forget the answers to the member's idempotency keys."""
    for digests in _batches(reads.response_digests(context.table, tombstone.member_id), ANSWERS_AT_ONCE):
        _erase_with(context, tombstone, WriteSet(erasure=Erasure(tombstone.member_id, answers=digests)))


def _erase_with(context: Context, tombstone: Tombstone, changes: WriteSet) -> None:
    """Write an erasure for as long as the tombstone stands."""

    def decide(_attempt: Attempt) -> Decision[None]:
        return Decision(None, replace(changes, tombstone=tombstone) if _stands(context, tombstone) else WriteSet())

    run_transaction(context, decide)


def _batches(texts: Iterable[str], size: int) -> Iterator[tuple[str, ...]]:
    ordered = sorted(texts)
    return (tuple(ordered[first : first + size]) for first in range(0, len(ordered), size))
