"""The joining of a session by the members of its pair (R37)."""

from contextlib import suppress
from datetime import datetime

from msgspec import Struct

from chalicelib.domain.decisions.day_editor import DayEditor, partners_of
from chalicelib.domain.decisions.write_set import Decision, WriteSet
from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.day import Day, Days
from chalicelib.domain.model.errors import NotAvailable, NotFound, Suspended, TooLate, Unauthenticated
from chalicelib.domain.model.ids import is_member_id
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.room_times import is_room_open, may_join, opens_at
from chalicelib.services.begun_reads import Begun, begun_first
from chalicelib.services.bookings.sessions import SessionView, own_booking, own_day, views
from chalicelib.services.context import Context
from chalicelib.services.members.profiles import own_profile
from chalicelib.services.rooms.room import OpenedRoom, is_room_of, room_of
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.services.upgrade import is_upgraded
from chalicelib.storage import reads

NO_PARTNER_DETAIL = "This session has no partner, so it has no room."
NOT_OPEN_DETAIL = "The room opens 10 minutes before the start."
MISSED_DETAIL = "You had not joined, so your partner asked for another partner."
ENDED_DETAIL = "This session has ended."


class JoinedView(Struct, frozen=True):
    """A session that its owner has joined, and its room."""

    view: SessionView
    room: OpenedRoom


class ReportedJoin(Struct, frozen=True):
    """A room provider's report that a member joined a session, in the room of that name at the provider."""

    member_id: str
    booking_id: str
    room_name: str


def join_by_report(context: Context, reported: ReportedJoin) -> None:
    """Mark a member as joined, as a room provider reports it (R37).

    A report that `join_session` would refuse, or of another room than that of the session's pair, has no effect.
    """
    member = reads.profile(context.table, reported.member_id) if is_member_id(reported.member_id) else None
    if member is None:
        return
    with suppress(NotFound, NotAvailable, Suspended, TooLate, Unauthenticated):
        join_session(context, member, reported.booking_id, room=reported.room_name)


def join_session(
    context: Context, caller: Profile, booking_id: str, *, room: str | None = None, begun: Begun[Day] | None = None
) -> JoinedView:
    """Mark the caller as joined, the first time only, and return the room (R37, R41).

    `begun` is the first read of the session's day.

    A repeated request writes nothing. Raises NotFound, NotAvailable without a partner or before the room opens, and
    TooLate for a session that was cancelled or missed, and after the end. Raises Unauthenticated without an account. A
    member who has joined may come back until the room closes. With `room` it raises NotFound unless that is the name of
    the pair's room at the provider.
    """

    read_day = begun_first(begun, lambda: own_day(context, caller.member_id, booking_id))

    def decide(attempt: Attempt) -> Decision[JoinedView]:
        day = read_day()
        booking = own_booking(caller, day.find(booking_id))
        check_joinable(booking, attempt.now)
        if room is not None and not is_room_of(context.settings, booking, room):
            raise NotFound
        # The former release would lose the instant of one of the two bookings.
        if booking.joined_at is not None or not is_upgraded(context):
            (view,) = views(context, [booking], attempt.now)
            return Decision(JoinedView(view, room_of(context.settings, booking, caller.name)))
        joined = booking.joined(attempt.now)
        with context.table.parallel(2) as threads:
            # Read after the day: a suspension after it writes the day, so that the commit fails (R47).
            account = threads.submit(own_profile, context, caller.member_id)
            partner = threads.submit(reads.days, context.table, partners_of([booking]))
            # Read before the commit, so that a failed read is not the response to a committed change.
            (view,) = views(context, [joined], attempt.now)
        account.result()
        editor = DayEditor(Days([day]) | partner.result(), attempt.operation, attempt.now)
        editor.join(booking)
        # Deleting an account bumps no day that has begun, so the commit requires that the account exists (R33).
        changes = WriteSet(days=editor.changes(), present=(caller.member_id,))
        return Decision(JoinedView(view, room_of(context.settings, joined, caller.name)), changes)

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
