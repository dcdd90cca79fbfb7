"""Parting of the pairs ahead of a member and a blocked member, the second step of a block (R1).

The first step stores the block and a job. Then the versions of the existing days ahead are bumped, and this step parts
each pair in a separate transaction. After a crash a repeated request, the stream or the schedule finishes the job. The
schedule repeats it until it is 1 minute old, and so also parts a pair of a booking whose process died after its commit.
"""

from chalicelib.domain.decisions.day_editor import DayEditor, partners_of
from chalicelib.domain.decisions.write_set import Decision, Job, WriteSet
from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.slot import dates_ahead
from chalicelib.services.context import Context
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import reads


def run_parting(context: Context, job: Job) -> None:
    """Part every pair ahead of the job's members, and delete the job once it is 1 minute old. It is idempotent."""
    # Before the reads: what a request in flight has written is then found by them.
    is_settled = job.is_settled(context.clock())
    unpair_blocked(context, job.member_id, job.other_id)
    if is_settled:
        run_transaction(context, lambda _attempt: Decision(None, WriteSet(job_done=job)))


def unpair_blocked(context: Context, member_id: str, other: str | None) -> None:
    """Part every pair ahead of a member and the blocked other member."""
    dates = dates_ahead(context.clock())
    for day in reads.days_between(context.table, member_id, dates[0], dates[-1]):
        for booking in day.active:
            if booking.partner and booking.partner.member_id == other:
                part(context, booking)


def part(context: Context, booking: Booking) -> None:
    """Set both bookings of a pair to waiting, as a cancel of this booking's owner does with the partner's.

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
