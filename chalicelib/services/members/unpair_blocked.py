"""Part those who may no longer be paired: the second step of a block (R1).

The first step wrote the block, a chore, and a new version of every day ahead: from then on nobody can pair the two.
What is left is to part the pairs they have, each in a transaction of its own. A crash in between is finished by the
same request again, by the stream or by the schedule.
"""

from chalicelib.domain.decisions.day_editor import DayEditor, partners_of
from chalicelib.domain.decisions.write_set import Decision, Job, WriteSet
from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.slot import dates_ahead
from chalicelib.services.context import Context
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import reads


def unpair_blocked(context: Context, job: Job) -> None:
    """Part every pair that the two have ahead, then forget the chore. Done twice, it has one effect."""
    dates = dates_ahead(context.clock())
    for day in reads.days_between(context.table, job.member_id, dates[0], dates[-1]):
        for booking in day.active:
            if booking.partner and booking.partner.member_id == job.other_id:
                _part(context, booking)
    run_transaction(context, lambda _attempt: Decision(None, WriteSet(job_done=job)))


def _part(context: Context, booking: Booking) -> None:
    """Send both halves of the booking's pair back to waiting.

    Unless they have parted or started meanwhile, or the block was taken back: the pair is then one they may have.
    """

    def decide(attempt: Attempt) -> Decision[None]:
        pair = booking.partner
        own = (booking.member_id, booking.slot.date)
        days = reads.days(context.table, [own, *partners_of([booking])])
        held = days[own].find(booking.booking_id)
        together = held and pair and held.partner and held.partner.pair_id == pair.pair_id
        if held is None or pair is None or not together or attempt.now >= held.slot.start:
            return Decision(None)
        if not reads.relation(context.table, booking.member_id, pair.member_id).blocked:
            return Decision(None)
        editor = DayEditor(days, attempt.operation, attempt.now)
        editor.part(held)
        return Decision(None, WriteSet(days=editor.changes(), block=(booking.member_id, pair.member_id)))

    run_transaction(context, decide)
