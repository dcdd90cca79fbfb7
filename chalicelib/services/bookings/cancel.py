"""Cancel a session (R17, R18)."""

from collections.abc import Callable
from datetime import timedelta

from chalicelib.domain.decisions.day_editor import DayEditor, partners_of
from chalicelib.domain.decisions.write_set import Decision, WriteSet
from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.day import Day, Days
from chalicelib.domain.model.errors import TooLate
from chalicelib.services.begun_reads import Begun, begun_first
from chalicelib.services.bookings.sessions import own_day
from chalicelib.services.context import Context
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import reads


def cancel_session(
    context: Context,
    caller: str,
    booking_id: str,
    *,
    only: Callable[[Booking], bool] | None = None,
    begun: Begun[Day] | None = None,
) -> None:
    """Cancel one of the caller's bookings, with `only` if the current booking passes it.

    `begun` is the first read of its day.

    The partner's booking waits again in the same write. A second cancel has no effect. Raises NotFound, for another
    member's booking too, and TooLate once the session has started.
    """
    read_day = begun_first(begun, lambda: own_day(context, caller, booking_id))

    def decide(attempt: Attempt) -> Decision[None]:
        day = read_day()
        booking = day.find(booking_id)
        if booking is None or booking.state is State.CANCELLED:
            # The id was made for the caller, and a day drops only old cancelled bookings.
            return Decision(None)
        if only and not only(booking):
            return Decision(None)
        if attempt.now >= booking.slot.start:
            raise TooLate
        touched = list(partners_of([booking]))
        if booking.slot.past_midnight:
            touched.append((caller, day.date + timedelta(days=1)))
        editor = DayEditor(Days([day]) | reads.days(context.table, touched), attempt.operation, attempt.now)
        editor.cancel(booking)
        return Decision(None, WriteSet(days=editor.changes()))

    run_transaction(context, decide)
