"""The joining of a session by the members of its pair (R37)."""

from datetime import datetime

from msgspec import Struct

from chalicelib.domain.decisions.day_editor import DayEditor, partners_of
from chalicelib.domain.decisions.write_set import Decision, WriteSet
from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.day import Days
from chalicelib.domain.model.errors import NotAvailable, TooLate
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.room_times import is_room_open, may_join, opens_at
from chalicelib.services.bookings.sessions import SessionView, own_booking, own_day, views
from chalicelib.services.context import Context
from chalicelib.services.rooms.room import Room, room_of
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import reads

NO_PARTNER_DETAIL = "This session has no partner, so it has no room."
NOT_OPEN_DETAIL = "The room opens 10 minutes before the start."
MISSED_DETAIL = "You had not joined, so your partner asked for another partner."
ENDED_DETAIL = "This session has ended."


class JoinedSession(Struct, frozen=True):
    """A session that its owner has joined, and its room."""

    view: SessionView
    room: Room


def join_session(context: Context, caller: Profile, booking_id: str) -> JoinedSession:
    """Mark the caller as joined, the first time only, and return the room (R37, R41).

    Raises NotFound, NotAvailable without a partner or before the room opens, and TooLate for a session that was
    cancelled or missed, and after the end. A member who has joined may come back until the room closes.
    """

    def decide(attempt: Attempt) -> Decision[JoinedSession]:
        day = own_day(context, caller.member_id, booking_id)
        booking = own_booking(caller, day.find(booking_id))
        check_joinable(booking, attempt.now)
        days = Days([day]) | reads.days(context.table, partners_of([booking]))
        editor = DayEditor(days, attempt.operation, attempt.now)
        joined = booking if booking.joined_at else editor.join(booking)
        # Read before the commit, so that a failed read is not the response to a committed change.
        (view,) = views(context, [joined], attempt.now)
        answer = JoinedSession(view, room_of(context.settings, joined))
        if booking.joined_at:
            return Decision(answer)
        return Decision(answer, WriteSet(days=editor.changes(), present=(caller.member_id,)))

    return run_transaction(context, decide)


def check_joinable(booking: Booking, now: datetime) -> None:
    """Check that the owner of a booking may join now, or come back. Raises TooLate and NotAvailable."""
    if booking.state is State.CANCELLED:
        raise TooLate
    if booking.state is State.MISSED:
        raise TooLate(MISSED_DETAIL)
    if booking.partner is None:
        raise NotAvailable(NO_PARTNER_DETAIL)
    if now < opens_at(booking.slot):
        raise NotAvailable(NOT_OPEN_DETAIL)
    may_come_back = booking.joined_at is not None and is_room_open(booking.slot, now)
    if not (may_join(booking.slot, now) or may_come_back):
        raise TooLate(ENDED_DETAIL)
