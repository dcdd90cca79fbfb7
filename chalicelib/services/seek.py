"""Find a random partner for a booking among those who wait in its slot."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.booking import Booking
from chalicelib.domain.day import Days
from chalicelib.domain.matching import LATELY, Seeker, choose_partner
from chalicelib.domain.member import Standing
from chalicelib.services.lockstep import Lockstep
from chalicelib.storage import reads

# How many who wait are looked at together. The order of R20 is exact within one page; whoever comes first in turn is
# on the first.
PAGE = 8


@dataclass(frozen=True, slots=True)
class Found:
    """Who was found for a booking, if anybody, and the days that the choice rests on."""

    booking: Booking | None
    standing: Standing | None
    days: Days


def seek_partner(lockstep: Lockstep, booking: Booking, own: Days, now: datetime, *, to_the_end: bool) -> Found:
    """Find the waiting booking that suits best (R20).

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
            standing = next(one for one in standings if one.other and one.other.member_id == chosen.member_id)
            return Found(chosen, standing, days)
        if not to_the_end:
            break
    return Found(None, None, own)


def _met_lately(booking: Booking) -> frozenset[str]:
    """Whom the booking's owner was or is to be paired with in the days before it."""
    date = booking.slot.date
    days = reads.days_between(booking.member_id, date - timedelta(days=LATELY.days), date)
    return frozenset(held.partner.member_id for day in days for held in day.active if held.partner)
