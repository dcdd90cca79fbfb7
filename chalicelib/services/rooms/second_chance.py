"""The second chance, another partner for a member whose partner did not join (R38)."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta

from chalicelib.domain.decisions.day_editor import DayEditor, partners_of
from chalicelib.domain.decisions.write_set import Decision, WriteSet
from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.day import Day, DayKey, Days
from chalicelib.domain.model.errors import Busy, NotAvailable, NotFound, TooLate
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.room_times import SECOND_CHANCE_FROM, SECOND_CHANCE_UNTIL
from chalicelib.domain.model.slot import ONE_DAY
from chalicelib.services.begun_reads import Begun, begun_first
from chalicelib.services.bookings.sessions import SessionView, get_session, own_booking, own_day, views
from chalicelib.services.context import Context
from chalicelib.services.members.profiles import own_profile
from chalicelib.services.rooms.attendance import MISSED_DETAIL
from chalicelib.services.slot_matching.match_slot import match_slot
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.services.upgrade import check_upgraded
from chalicelib.storage import reads
from chalicelib.storage.errors import TableRequestFailed

NOT_JOINED_DETAIL = "Join this session before you ask for another partner."
NO_PARTNER_DETAIL = "You have joined no partner in this session, so you cannot ask for another one."
PARTNER_JOINED_DETAIL = "Your partner has joined this session."
NOT_YET_DETAIL = "You can ask for another partner from 3 minutes after the start."
OVER_DETAIL = "You can ask for another partner until 10 minutes after the start."
# A request matches this number of members who ask, and begins no step after this time. The stream does the rest.
SEEKERS_IN_A_REQUEST = 4
MATCH_FOR = timedelta(seconds=5)


def seek_again(context: Context, caller: Profile, booking_id: str, begun: Begun[Day] | None = None) -> SessionView:
    """Give up the absent partner of the caller's session, and match the caller with another member who asks (R38).

    `begun` is the first read of the session's day. A repeated request changes nothing. Raises NotFound, Unauthenticated
    without an account, and what `check_may_seek` raises.
    """
    asked = ask_again(context, caller, booking_id, begun)
    if asked.booking.state is State.WAITING:
        # The ask is committed. If this fails, the stream or the schedule pairs the member.
        with suppress(Busy, NotFound, TableRequestFailed):
            until = context.clock() + MATCH_FOR
            match_slot(context, asked.booking.slot, until, move=False, max_waiting=SEEKERS_IN_A_REQUEST)
            return get_session(context, caller, booking_id)
    return asked


def ask_again(context: Context, caller: Profile, booking_id: str, begun: Begun[Day] | None = None) -> SessionView:
    """Let the caller wait for another partner, and mark the absent partner's session as missed, in one write (R38).

    A caller who joined a partner and lost that one before the start has no session to mark. The former release cannot
    read a missed session.
    """
    check_upgraded(context)
    read_day = begun_first(begun, lambda: own_day(context, caller.member_id, booking_id))

    def decide(attempt: Attempt) -> Decision[SessionView]:
        day = read_day()
        booking = own_booking(caller, day.find(booking_id))
        with context.table.parallel(1) as threads:
            account = threads.submit(own_profile, context, caller.member_id)
            days = Days([day]) | reads.days(context.table, () if booking.seeks_again else _days_of_partner(booking))
        account.result()
        check_may_seek(booking, attempt.now)
        if booking.seeks_again:
            (shown,) = views(context, [booking], attempt.now)
            return Decision(shown)
        editor = DayEditor(days, attempt.operation, attempt.now)
        seeking = editor.seek_again(booking, is_partner_deleted=_is_partner_deleted(context, booking))
        # Read before the commit, so that a failed read is not the response to a committed change.
        (shown,) = views(context, [seeking], attempt.now)
        return Decision(shown, WriteSet(days=editor.changes(), present=(caller.member_id,)))

    return run_transaction(context, decide)


def _days_of_partner(booking: Booking) -> Iterator[DayKey]:
    """Yield the keys of the partner's days that giving up the partner may change."""
    for member_id, on in partners_of([booking]):
        yield member_id, on
        if booking.slot.past_midnight:
            yield member_id, on + ONE_DAY


def _is_partner_deleted(context: Context, booking: Booking) -> bool:
    """Return whether the account of the partner who booked the session is gone (R33).

    Read after the partner's day. A deletion after this read also erases a missed session.
    """
    if booking.partner is None:
        return False
    account = reads.profile(context.table, booking.partner.member_id)
    return account is None or not account.is_of(booking.partner.requested_at or account.member_since)


def check_may_seek(booking: Booking, now: datetime) -> None:
    """Check that the owner of a booking may ask for another partner, or has asked.

    Raises TooLate for a session that was cancelled or missed and from 10 minutes after the start on, and NotAvailable
    before 3 minutes after the start, for an owner who has not joined, and after the partner has joined.
    """
    if booking.state is State.CANCELLED:
        raise TooLate
    if booking.state is State.MISSED:
        raise TooLate(MISSED_DETAIL)
    if now >= booking.slot.start + SECOND_CHANCE_UNTIL:
        raise TooLate(OVER_DETAIL)
    if booking.seeks_again:
        return
    if booking.joined_at is None:
        raise NotAvailable(NOT_JOINED_DETAIL if booking.partner else NO_PARTNER_DETAIL)
    if booking.partner and booking.partner.joined_at is not None:
        raise NotAvailable(PARTNER_JOINED_DETAIL)
    if now < booking.slot.start + SECOND_CHANCE_FROM:
        raise NotAvailable(NOT_YET_DETAIL)
