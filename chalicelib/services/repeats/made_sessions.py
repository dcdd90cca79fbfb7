"""The sessions that a repeat has made, which its end can cancel (R40)."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.errors import TooLate
from chalicelib.domain.model.repeat import GATHERED, MADE_AHEAD
from chalicelib.domain.model.slot import ONE_DAY
from chalicelib.services.bookings.cancel import cancel_session
from chalicelib.services.context import Context
from chalicelib.services.repeats.request_budget import RequestBudget
from chalicelib.storage import reads


def cancel_made(context: Context, caller: str, repeat_id: str, *, budget: RequestBudget | None = None) -> bool:
    """Cancel the sessions ahead that the repeat made and that are unchanged. Each is a transaction of its own.

    With a `budget` it cancels no more than that permits. Return whether all are cancelled.
    """
    now = context.clock()
    for booking in list(_made(context, caller, repeat_id, now)):
        if budget and not budget.permits_step():
            return False
        # One that has started meanwhile stays, and does not stop the others.
        with suppress(TooLate):
            cancel_session(context, caller, booking.booking_id, only=lambda one: is_untouched(one, repeat_id))
    return True


def is_untouched(booking: Booking, repeat_id: str) -> bool:
    """Return whether the booking is as the repeat made it.

    An edit by its owner clears the repeat's id. A lock that another member asked for is a change too.
    """
    locked_by_other = booking.state is State.LOCKED_IN and not booking.lock_requested
    return booking.repeat_id == repeat_id and not locked_by_other


def _made(context: Context, caller: str, repeat_id: str, now: datetime) -> Iterator[Booking]:
    last = (now + MADE_AHEAD + GATHERED + ONE_DAY).date()
    for day in reads.days_between(context.table, caller, now.date(), last):
        for booking in day.active:
            if now < booking.slot.start and is_untouched(booking, repeat_id):
                yield booking
