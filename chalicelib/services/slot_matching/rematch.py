"""Re-matching from the stream records of waiting rows and of pair rows that a lock made (R13, R18, R19, R21)."""

from datetime import timedelta

from chalicelib.domain.decisions.day_editor import DayEditor, check_start
from chalicelib.domain.decisions.partner_choice import must_be_present
from chalicelib.domain.decisions.queue_rows import WaitingRow
from chalicelib.domain.decisions.write_set import Decision, WriteSet
from chalicelib.domain.model.errors import Busy
from chalicelib.domain.model.room_times import may_ask_again
from chalicelib.domain.model.slot import Slot
from chalicelib.services.bookings.book import ROOM_LENGTH
from chalicelib.services.context import Context
from chalicelib.services.slot_matching.match_slot import match_slot
from chalicelib.services.slot_matching.partner_search import all_waiting, find_partner
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import reads

# A run for a record starts no step after this time. The function's timeout is two minutes.
RUN_FOR = timedelta(minutes=1)
# The waiting members and the random pairs that one run for a record considers. The schedule considers the rest.
MAX_WAITING, MAX_PAIRS = 500, 1000


def is_due(context: Context, slot: Slot) -> bool:
    """Return whether the slot is matched as a whole, before its start (R21) and for second chances after it (R38)."""
    now = context.clock()
    return slot.start - context.settings.finalize_ahead <= now < slot.start or may_ask_again(slot, now)


def rematch(context: Context, row: WaitingRow, planned: dict[Slot, bool], *, max_waiting: int = MAX_WAITING) -> None:
    """Match the member of a waiting row, together with the whole slot once finalizing is due (R13, R20, R21).

    Raises Busy if conflicts prevented a step, and TableRequestFailed.
    """
    if not rematch_slot(context, row.slot, planned, max_waiting=max_waiting):
        match_waiting(context, row)


def rematch_slot(context: Context, slot: Slot, planned: dict[Slot, bool], *, max_waiting: int = MAX_WAITING) -> bool:
    """Match the whole slot if finalizing is due, once for a batch. Return whether every waiting member was considered.

    `planned` holds the due slots that this batch has planned, with that answer. Raises as `rematch` does.
    """
    if not is_due(context, slot):
        return False
    if slot not in planned:
        # A run that fails is repeated with its own record only.
        planned[slot] = True
        planned[slot] = _match_due(context, slot, max_waiting)
    return planned[slot]


def _match_due(context: Context, slot: Slot, max_waiting: int) -> bool:
    """Match the whole slot as the schedule does, moves included. Return whether it considered all waiting members."""
    until = context.clock() + RUN_FOR
    run = match_slot(context, slot, until, move=True, max_waiting=max_waiting, max_pairs=MAX_PAIRS)
    if not run.complete:
        raise Busy
    return run.waiting < max_waiting


def match_waiting(context: Context, row: WaitingRow) -> str | None:
    """Pair the member of a waiting row with the best partner in the slot (R20).

    Return the partner's member id, or None without a possible partner or if the member no longer waits. So a record
    that comes twice, late or out of order has one effect (R19). Raises Busy after too many conflicts.
    """

    def decide(attempt: Attempt) -> Decision[str | None]:
        days = reads.days(context.table, [(row.member_id, row.slot.date)])
        booking = days.holding(row.member_id, row.slot)
        if booking is None or not booking.may_be_matched(attempt.now):
            return Decision(None)
        pages = all_waiting(context, booking.slot, booking.queue_shard)
        found = find_partner(context, booking, days, pages, attempt.now)
        if found.booking is None:
            return Decision(None)
        check_start(row.slot, attempt.now, context.clock())
        editor = DayEditor(found.days, attempt.operation, attempt.now)
        editor.match(booking, found.booking, context.token(ROOM_LENGTH))
        present = must_be_present((row.member_id, found.booking.member_id), row.slot, attempt.now)
        return Decision(
            found.booking.member_id, WriteSet(days=editor.changes(), present=present, unblocked=found.unblocked)
        )

    return run_transaction(context, decide)
