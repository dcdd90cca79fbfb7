"""Pair who began to wait, at the stream's word (R18, R19)."""

from chalicelib.domain.booking import State
from chalicelib.domain.changes import Changes, Decision
from chalicelib.domain.draft import Draft
from chalicelib.domain.rows import WaitingRow
from chalicelib.services.attempts import Attempt, carry_out
from chalicelib.services.book import ROOM_LENGTH
from chalicelib.services.lockstep import Lockstep
from chalicelib.services.seek import everybody, find_partner
from chalicelib.storage import reads


def match_waiting(lockstep: Lockstep, row: WaitingRow) -> str | None:
    """Pair the member who waits there with whoever fits best, if anybody does (R20).

    Gives the partner's member id, or None where nobody fits or the member no longer waits: the same row twice, late
    or out of order has one effect (R19). Raises Busy when every race was lost.
    """

    def decide(attempt: Attempt) -> Decision[str | None]:
        days = reads.days(lockstep.table, [(row.member_id, row.slot.date)])
        booking = days.holding(row.member_id, row.slot)
        if booking is None or booking.state is not State.WAITING:
            return Decision(None)
        everybody_there = everybody(lockstep, booking.slot, booking.lane)
        found = find_partner(lockstep, booking, days, everybody_there, attempt.now)
        if found.booking is None:
            return Decision(None)
        draft = Draft(found.days, attempt.operation, attempt.now)
        draft.match(booking, found.booking, lockstep.token(ROOM_LENGTH))
        return Decision(found.booking.member_id, Changes(days=draft.changes()))

    return carry_out(lockstep, decide)
