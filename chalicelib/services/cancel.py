"""Cancel a session (R17, R18)."""

from datetime import timedelta

from chalicelib.domain.booking import State
from chalicelib.domain.changes import Changes, Decision
from chalicelib.domain.day import Days
from chalicelib.domain.draft import Draft, partners_of
from chalicelib.domain.errors import TooLate
from chalicelib.services.attempts import Attempt, carry_out
from chalicelib.services.lockstep import Lockstep
from chalicelib.services.sessions import own_day
from chalicelib.storage import reads


def cancel_session(lockstep: Lockstep, caller: str, booking_id: str) -> None:
    """Give up one of the caller's bookings; a partner stays, and waits again in the same write.

    Cancelling twice has one effect. Raises NotFound (another member's too), and TooLate once the session has started.
    """

    def decide(attempt: Attempt) -> Decision[None]:
        day = own_day(lockstep, caller, booking_id)
        booking = day.find(booking_id)
        if booking is None or booking.state is State.CANCELLED:
            # The id was made for the caller: a day forgets only what was cancelled long ago.
            return Decision(None)
        if attempt.now >= booking.slot.start:
            raise TooLate
        touched = list(partners_of([booking]))
        if booking.slot.past_midnight:
            touched.append((caller, day.date + timedelta(days=1)))
        draft = Draft(Days([day]) | reads.days(lockstep.table, touched), attempt.operation, attempt.now)
        draft.cancel(booking)
        return Decision(None, Changes(days=draft.changes()))

    carry_out(lockstep, decide)
