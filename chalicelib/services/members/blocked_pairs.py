"""Parting of the pairs ahead of a member and a blocked member, the second step of a block (R1).

The first step stores the block and a job and bumps the version of every day ahead. From then on no transaction can pair
the two. The second step parts each of their pairs in a separate transaction. After a crash a repeated request, the
stream or the schedule finishes the job.
"""

from chalicelib.domain.decisions.day_editor import DayEditor, partners_of
from chalicelib.domain.decisions.write_set import Decision, Job, WriteSet
from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.slot import dates_ahead
from chalicelib.services.context import Context
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import reads


def unpair_blocked(context: Context, job: Job) -> None:
    """Part every pair ahead of the two members and delete the job. It is idempotent."""
    dates = dates_ahead(context.clock())
    for day in reads.days_between(context.table, job.member_id, dates[0], dates[-1]):
        for booking in day.active:
            if booking.partner and booking.partner.member_id == job.other_id:
                _part(context, booking)
    run_transaction(context, lambda _attempt: Decision(None, WriteSet(job_done=job)))


def _part(context: Context, booking: Booking) -> None:
    """Set both bookings of the pair to waiting.

    It changes nothing if the pair is parted or has started, or if the block was removed.
    """

    def decide(attempt: Attempt) -> Decision[None]:
        pair = booking.partner
        own = (booking.member_id, booking.slot.date)
        days = reads.days(context.table, [own, *partners_of([booking])])
        current = days[own].find(booking.booking_id)
        paired = current and pair and current.partner and current.partner.pair_id == pair.pair_id
        if current is None or pair is None or not paired or attempt.now >= current.slot.start:
            return Decision(None)
        if not reads.relation(context.table, booking.member_id, pair.member_id).blocked:
            return Decision(None)
        editor = DayEditor(days, attempt.operation, attempt.now)
        editor.part(current)
        return Decision(None, WriteSet(days=editor.changes(), block=(booking.member_id, pair.member_id)))

    run_transaction(context, decide)
