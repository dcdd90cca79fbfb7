"""The replay of the ledger on a restored table, so that no erased account comes back (R33).

The deletions since the restored instant are deleted again, each dated by its ledger entry. So the tokens issued before
them stay refused. The suspensions since then hold again, unless they were lifted (R47). A replay can be repeated, also
while the table is in use.
"""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.decisions.write_set import SETTLE, Decision, Job, JobKind, ProfileChange, WriteSet
from chalicelib.domain.model.ledger_entry import LedgerEntry, LedgerKind
from chalicelib.domain.model.member import Account, Profile, Tombstone
from chalicelib.domain.model.suspension import Suspension
from chalicelib.services.context import Context
from chalicelib.services.ledger import entries_since
from chalicelib.services.members.delete import erase, job_of
from chalicelib.services.repeats.paused_repeats import resumed_repeats
from chalicelib.services.staff.suspend import run_suspension
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import reads

# The ledger holds neither the reason nor the member of staff.
REASON = "Suspended before the table was restored. The reason is lost."
BY_RESTORE = ""


class Replayed(Struct, frozen=True):
    """The numbers of ledger entries since an instant, and of the accounts that the replay changed."""

    entries: int
    erased: int
    suspended: int = 0
    lifted: int = 0


def replay(context: Context, since: datetime) -> Replayed:
    """Apply the ledger entries since an instant to the table. Raise SendFailed if the ledger cannot be read.

    An entry has the instant at which its request began, whose commit may have come after `since`.
    """
    entries = entries_since(context, since - SETTLE)
    erased = [entry for entry in entries if entry.kind is LedgerKind.ERASED and _delete_again(context, entry)]
    # Of several entries of a member the last one holds.
    last = {entry.member_id: entry for entry in entries if entry.kind is not LedgerKind.ERASED}
    suspended = [entry for entry in last.values() if _is_suspension(entry) and _suspend_again(context, entry)]
    lifted = [entry for entry in last.values() if not _is_suspension(entry) and _lift_again(context, entry)]
    return Replayed(len(entries), len(erased), len(suspended), len(lifted))


def _is_suspension(entry: LedgerEntry) -> bool:
    return entry.kind is LedgerKind.SUSPENDED


def _delete_again(context: Context, entry: LedgerEntry) -> bool:
    """Delete the account of an entry and return True, or False if that deletion is in the table already.

    A member who joined after the restored instant has no account in the table. The tombstone still refuses the tokens
    from before the deletion.
    """

    def decide(attempt: Attempt) -> Decision[Tombstone | None]:
        account = reads.account(context.table, entry.member_id)
        if account is not None and account.deleted_at is not None and account.deleted_at >= entry.at:
            # A profile is that of a later account of the same person.
            return Decision(account if isinstance(account, Tombstone) else None)
        suspension = account.suspension if account else None
        tombstone = Tombstone(entry.member_id, entry.at, attempt.operation, suspension=suspension)
        changes = WriteSet(profile=ProfileChange(account, tombstone), job=job_of(tombstone, attempt.now))
        return Decision(tombstone, changes)

    tombstone = run_transaction(context, decide)
    if tombstone is None or tombstone.erased:
        return False
    # The stored job repeats it, as after every deletion.
    erase(context, job_of(tombstone, context.clock()))
    return True


def _suspend_again(context: Context, entry: LedgerEntry) -> bool:
    """Suspend the member of an entry and return True, or False if the member is suspended already.

    A member without an account gets a tombstone with the suspension, which a later account takes over.
    """
    suspension = Suspension(entry.at, REASON, BY_RESTORE)

    def decide(attempt: Attempt) -> Decision[Job | None]:
        account = reads.account(context.table, entry.member_id)
        if account is not None and account.suspension is not None:
            return Decision(None)
        suspended: Account = (
            Tombstone(entry.member_id, entry.at, attempt.operation, erased=True, suspension=suspension)
            if account is None
            else replace(account, suspension=suspension, revision=attempt.operation)
        )
        kind = JobKind.SUSPENSION if isinstance(suspended, Profile) else JobKind.DELETION
        job = Job(attempt.operation, kind, entry.member_id, made_at=attempt.now)
        return Decision(job, WriteSet(profile=ProfileChange(account, suspended), job=job))

    job = run_transaction(context, decide)
    if job and job.kind is JobKind.SUSPENSION:
        run_suspension(context, job)
    return job is not None


def _lift_again(context: Context, entry: LedgerEntry) -> bool:
    """End the suspension of the member of an entry and return True, or False if a later one or none holds."""

    def decide(attempt: Attempt) -> Decision[bool]:
        account = reads.account(context.table, entry.member_id)
        if account is None or account.suspension is None or account.suspension.at > entry.at:
            return Decision(False)
        lifted = replace(account, suspension=None, revision=attempt.operation)
        documents = resumed_repeats(context, entry.member_id, attempt.now) if isinstance(account, Profile) else ()
        return Decision(True, WriteSet(profile=ProfileChange(account, lifted), documents=documents))

    return run_transaction(context, decide)
