"""Part those who may no longer be paired: the second step of a block (R1).

The first step wrote the block, a chore, and a new version of every day ahead: from then on nobody can pair the two.
What is left is to part the pairs they have, each in a transaction of its own. A crash in between is finished by the
same request again, by the stream or by the schedule.
"""

from chalicelib.domain.booking import Booking
from chalicelib.domain.changes import Changes, Chore, Decision
from chalicelib.domain.draft import Draft, partners_of
from chalicelib.domain.slot import dates_ahead
from chalicelib.services.attempts import Attempt, carry_out
from chalicelib.services.lockstep import Lockstep
from chalicelib.storage import reads


def part(lockstep: Lockstep, chore: Chore) -> None:
    """Part every pair that the two have ahead, then forget the chore. Done twice, it has one effect."""
    dates = dates_ahead(lockstep.clock())
    for day in reads.days_between(lockstep.table, chore.member_id, dates[0], dates[-1]):
        for booking in day.active:
            if booking.partner and booking.partner.member_id == chore.other_id:
                _part(lockstep, booking)
    carry_out(lockstep, lambda _attempt: Decision(None, Changes(chore_done=chore)))


def _part(lockstep: Lockstep, booking: Booking) -> None:
    """Send both halves of the booking's pair back to waiting.

    Unless they have parted or started meanwhile, or the block was taken back: the pair is then one they may have.
    """

    def decide(attempt: Attempt) -> Decision[None]:
        pair = booking.partner
        own = (booking.member_id, booking.slot.date)
        days = reads.days(lockstep.table, [own, *partners_of([booking])])
        held = days[own].find(booking.booking_id)
        together = held and pair and held.partner and held.partner.pair_id == pair.pair_id
        if held is None or pair is None or not together or attempt.now >= held.slot.start:
            return Decision(None)
        if not reads.relation(lockstep.table, booking.member_id, pair.member_id).blocked:
            return Decision(None)
        draft = Draft(days, attempt.operation, attempt.now)
        draft.part(held)
        return Decision(None, Changes(days=draft.changes(), block=(booking.member_id, pair.member_id)))

    carry_out(lockstep, decide)
