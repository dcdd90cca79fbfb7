"""The event log of a member, and the announcement of its events (R42)."""

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from chalicelib.domain.decisions.deliveries import deliveries
from chalicelib.domain.decisions.start_rows import start_changes
from chalicelib.domain.decisions.write_set import Decision, DocumentChange, WriteSet
from chalicelib.domain.model.document import NEW
from chalicelib.domain.model.event import EVENTS_KEPT, KEPT_CHANGE_IDS, Event, EventRow
from chalicelib.domain.model.notices import Subscriptions
from chalicelib.services.context import Context
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import notice_reads

# The documents that an announcement also changes, or None for one that must not be made.
Claim = Callable[[Attempt], tuple[DocumentChange, ...] | None]


def announce(context: Context, change_id: str, events: Sequence[Event], *, claim: Claim = lambda _attempt: ()) -> None:
    """Add the events of one change of one member to the log, and send them to the bus and the member's channels.

    It is idempotent: a repeated change adds no second row, and its messages have the same ids (R42). A member without
    an account gets none, nor does a later account of the same person (R33). `claim` is asked for a first announcement.
    """
    if not events:
        return
    subscriptions = run_transaction(context, lambda attempt: _add_row(context, change_id, events, claim, attempt))
    if subscriptions is None:
        return
    # After the commit: a run that ends here is repeated, and sends them then.
    context.channels.announce(events, deliveries(events, subscriptions))


def _add_row(
    context: Context, change_id: str, events: Sequence[Event], claim: Claim, attempt: Attempt
) -> Decision[Subscriptions | None]:
    member_id = events[0].member_id
    account, found = notice_reads.account_and_subscriptions(context.table, member_id)
    if account is None or not account.is_of(events[0].at):
        return Decision(None)
    log = found.log
    if change_id in log.change_ids:
        return Decision(found)
    claimed = claim(attempt)
    if claimed is None:
        return Decision(None)
    rows = start_changes(events, attempt.now)
    row = EventRow(
        member_id=member_id,
        sequence=log.sequence + 1,
        events=tuple(events),
        expires=attempt.now + EVENTS_KEPT,
    )
    after = replace(log, sequence=row.sequence, change_ids=(*log.change_ids, change_id)[-KEPT_CHANGE_IDS:])
    head = DocumentChange(log if log.version != NEW else None, after)
    documents = (head, DocumentChange(None, row, regardless=True), *rows, *claimed)
    return Decision(found, WriteSet(documents=documents))
