"""The replay of the ledger on a restored table, so that no erased account comes back (R33).

The deletions since the restored instant are deleted again, each dated by its ledger entry. So the tokens issued before
them stay refused. A replay can be repeated, also while the table is in use.
"""

from datetime import datetime

from msgspec import Struct

from chalicelib.domain.decisions.write_set import Decision, ProfileChange, WriteSet
from chalicelib.domain.model.ledger_entry import LedgerEntry, LedgerKind
from chalicelib.domain.model.member import Tombstone
from chalicelib.services.context import Context
from chalicelib.services.ledger import entries_since
from chalicelib.services.members.delete import erase, job_of
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import reads


class Replayed(Struct, frozen=True):
    """The numbers of ledger entries since an instant, and of accounts that the replay erased."""

    entries: int
    erased: int


def replay(context: Context, since: datetime) -> Replayed:
    """Apply the ledger entries since an instant to the table. Raise SendFailed if the ledger cannot be read."""
    entries = entries_since(context, since)
    erased = [entry for entry in entries if entry.kind is LedgerKind.ERASED and _delete_again(context, entry)]
    return Replayed(len(entries), len(erased))


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
        tombstone = Tombstone(entry.member_id, entry.at, attempt.operation)
        changes = WriteSet(profile=ProfileChange(account, tombstone), job=job_of(tombstone, attempt.now))
        return Decision(tombstone, changes)

    tombstone = run_transaction(context, decide)
    if tombstone is None or tombstone.erased:
        return False
    # The stored job repeats it, as after every deletion.
    erase(context, job_of(tombstone, context.clock()))
    return True
