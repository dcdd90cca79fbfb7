"""Re-matching of a member from the stream record of the waiting row (R18, R19)."""

from chalicelib.domain.decisions.day_editor import DayEditor
from chalicelib.domain.decisions.queue_rows import WaitingRow
from chalicelib.domain.decisions.write_set import Decision, WriteSet
from chalicelib.domain.model.booking import State
from chalicelib.services.bookings.book import ROOM_LENGTH
from chalicelib.services.context import Context
from chalicelib.services.slot_matching.partner_search import all_waiting, find_partner
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import reads


def match_waiting(context: Context, row: WaitingRow) -> str | None:
    """Pair the member of a waiting row with the best partner in the slot (R20).

    Return the partner's member id, or None without a possible partner or if the member no longer waits. So a record
    that comes twice, late or out of order has one effect (R19). Raises Busy after too many conflicts.
    """

    def decide(attempt: Attempt) -> Decision[str | None]:
        days = reads.days(context.table, [(row.member_id, row.slot.date)])
        booking = days.holding(row.member_id, row.slot)
        if booking is None or booking.state is not State.WAITING:
            return Decision(None)
        pages = all_waiting(context, booking.slot, booking.queue_shard)
        found = find_partner(context, booking, days, pages, attempt.now)
        if found.booking is None:
            return Decision(None)
        editor = DayEditor(found.days, attempt.operation, attempt.now)
        editor.match(booking, found.booking, context.token(ROOM_LENGTH))
        return Decision(found.booking.member_id, WriteSet(days=editor.changes()))

    return run_transaction(context, decide)
