"""Find a random partner for a booking among those who wait in its slot."""

from datetime import datetime, timedelta

from chalicelib.domain.booking import Booking
from chalicelib.domain.day import Days
from chalicelib.domain.matching import LATELY, Seeker, choose_partner
from chalicelib.services.lockstep import Lockstep
from chalicelib.storage import reads

# How many who wait are looked at together. The order of R20 is exact within one page; whoever comes first in turn is
# on the first.
PAGE = 16


def seek_partner(
    lockstep: Lockstep, booking: Booking, own: Days, now: datetime, *, to_the_end: bool
) -> tuple[Booking | None, Days]:
    """The waiting booking that suits best, and the days the choice rests on (R20).

    Looks at the first page of those who wait, or `to_the_end` page by page until somebody fits. Reads the days of
    both before what they say about each other (R1), all strongly consistent.
    """
    slot = booking.slot
    for page in reads.waiting_in(slot, page=PAGE):
        others = [row.member_id for row in page if row.member_id != booking.member_id]
        days = own | reads.days((other, slot.date) for other in others)
        standings = reads.standings(booking.member_id, others) if others else []
        # With nobody to choose between, it does not matter who was met lately.
        met = _met_lately(booking) if len(others) > 1 else frozenset()
        chosen = choose_partner(Seeker(booking, met), standings, days, now, lockstep.chance)
        if chosen:
            return chosen, days
        if not to_the_end:
            break
    return None, own


def _met_lately(booking: Booking) -> frozenset[str]:
    """Whom the booking's owner was or is to be paired with in the days before it."""
    date = booking.slot.date
    days = reads.days_between(booking.member_id, date - timedelta(days=LATELY.days), date)
    return frozenset(held.partner.member_id for day in days for held in day.active if held.partner)
