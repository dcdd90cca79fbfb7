"""The bookings that a write of a day makes lockable (R8, R45)."""

from datetime import datetime

from chalicelib.domain.decisions.eligibility import AVAILABLE_AHEAD
from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.day import Day

_REGULAR = (State.WAITING, State.MATCHED)


def newly_lockable(before: Day | None, after: Day, now: datetime) -> list[Booking]:
    """Return the bookings of the next two weeks that are new, or that a lock has released, by start.

    A new partner at random changes nothing for a watcher.
    """
    found = (booking for booking in after.active if booking.state in _REGULAR and not _was_regular(before, booking))
    ahead = (booking for booking in found if now < booking.slot.start <= now + AVAILABLE_AHEAD)
    return sorted(ahead, key=lambda booking: booking.slot)


def _was_regular(before: Day | None, booking: Booking) -> bool:
    earlier = before.find(booking.booking_id) if before else None
    return earlier is not None and earlier.state in _REGULAR
