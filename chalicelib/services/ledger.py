"""The ledger of the acts that a restored table must not undo (R33, R47).

A restore brings a table back as it stood at an earlier instant. The ledger stands outside it, so that the acts since
that instant can be replayed.
"""

from datetime import datetime

from chalicelib.channels.aws_clients import SendFailed
from chalicelib.domain.model.errors import Busy
from chalicelib.domain.model.ledger_entry import LedgerEntry, LedgerKind
from chalicelib.domain.model.member import Account
from chalicelib.services.context import Context


def record(context: Context, kind: LedgerKind, member_id: str, at: datetime) -> None:
    """Record an act about a member outside the table. It is idempotent for one instant `at`, that of the act itself.

    Raise Busy if the ledger does not accept it. The job that calls this is then left for a later run.
    """
    try:
        context.channels.ledger.put(LedgerEntry(kind, member_id, at))
    except SendFailed as error:
        raise Busy from error


def record_suspension(context: Context, account: Account | None) -> None:
    """Record the suspension of an account, if it has one (R47). It is idempotent. Raise Busy as `record` does."""
    if account and account.suspension:
        record(context, LedgerKind.SUSPENDED, account.member_id, account.suspension.at)


def entries_since(context: Context, since: datetime) -> list[LedgerEntry]:
    """Return the acts from an instant on, by time. Raise SendFailed if the ledger cannot be read."""
    found = (entry for kind in LedgerKind for entry in context.channels.ledger.entries(kind, since))
    return sorted(found, key=lambda entry: entry.at)
