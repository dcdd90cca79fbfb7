"""Look at one's own sessions, and change what is one's own about them."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.decisions.day_editor import DayEditor, partners_of
from chalicelib.domain.decisions.write_set import Decision, WriteSet
from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.day import Day, Days
from chalicelib.domain.model.errors import NotFound, TooLate
from chalicelib.domain.model.ids import session_date
from chalicelib.domain.model.member import NO_RELATION, Activity, Profile, WorkStyle
from chalicelib.services.context import Context
from chalicelib.services.members.profiles import own_profile
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import reads


class SessionView(Struct, frozen=True):
    """A booking as its owner sees it; `partner` is None while there is none, or once the account is gone."""

    booking: Booking
    partner: Profile | None
    is_favorite: bool
    seen_at: datetime
    final: bool


def view_of(
    context: Context, booking: Booking, partner: Profile | None, now: datetime, *, is_favorite: bool
) -> SessionView:
    """A booking with what its owner may see of the partner (R34).

    Whoever deleted the account and started afresh since the two were paired is a former member still (R33).
    """
    if partner and booking.last_change and not partner.is_of(booking.last_change.at):
        partner = None
    final = booking.is_final(now, context.settings.final)
    return SessionView(booking, partner, is_favorite and partner is not None, now, final)


def views(context: Context, bookings: Iterable[Booking], now: datetime) -> list[SessionView]:
    """The bookings of one owner as the owner sees them, with one batch of profiles for all (R34)."""
    bookings = list(bookings)
    partners = {booking.partner.member_id for booking in bookings if booking.partner}
    known = reads.profiles_and_relations(context.table, bookings[0].member_id, partners) if partners else {}
    nobody = (None, NO_RELATION)
    met = (known[booking.partner.member_id] if booking.partner else nobody for booking in bookings)
    return [
        view_of(context, booking, partner, now, is_favorite=said.favorite)
        for booking, (partner, said) in zip(bookings, met, strict=True)
    ]


def list_sessions(
    context: Context, caller: Profile, start: datetime, end: datetime, *, before: datetime | None, limit: int | None
) -> list[SessionView]:
    """The caller's sessions that overlap the range, both ends included, newest first, cancelled ones left out.

    With `before` those that start earlier than it, with `limit` so many at the most.
    """
    last = min(end, before) if before else end
    found: list[Booking] = []
    # A session of the day before may reach into the range.
    for day in reads.days_between(
        context.table, caller.member_id, (start - timedelta(days=1)).date(), last.date(), newest_first=True
    ):
        for booking in sorted(day.active, key=lambda held: held.slot, reverse=True):
            overlaps = booking.slot.start <= end and start <= booking.slot.end
            if overlaps and caller.is_of(booking.requested_at) and (before is None or booking.slot.start < before):
                found.append(booking)
        if limit is not None and len(found) >= limit:
            break
    return views(context, found[:limit], context.clock())


def get_session(context: Context, caller: Profile, booking_id: str) -> SessionView:
    """One of the caller's sessions, also a recently cancelled one. Raises NotFound, for another member's too."""
    booking = _own(caller, own_day(context, caller.member_id, booking_id).find(booking_id))
    return views(context, [booking], context.clock())[0]


class SessionEdit(Struct, frozen=True):
    """What the owner changes of a session; what is None is left as it is. `title` counts only if `retitled`."""

    title: str | None
    retitled: bool
    activity: Activity | None
    quiet: bool | None

    def applied_to(self, booking: Booking) -> Booking:
        """The booking with the change."""
        work_style = WorkStyle(
            self.activity or booking.work_style.activity, booking.work_style.quiet if self.quiet is None else self.quiet
        )
        return replace(booking, title=self.title if self.retitled else booking.title, work_style=work_style)


def edit_session(context: Context, caller: Profile, booking_id: str, edit: SessionEdit) -> SessionView:
    """Change title, activity or quiet mode of an own session; a partner sees the mode, never the title (R34).

    Raises NotFound, and TooLate for a cancelled one.
    """

    def decide(attempt: Attempt) -> Decision[SessionView]:
        day = own_day(context, caller.member_id, booking_id)
        booking = _own(caller, day.find(booking_id))
        if booking.state is State.CANCELLED:
            raise TooLate
        own_profile(context, caller.member_id)
        edited = edit.applied_to(booking)
        # Read before the write: an answer that cannot be shown is not one to what was done.
        (shown,) = views(context, [edited], attempt.now)
        if edited == booking:
            return Decision(shown)
        days = Days([day]) | reads.days(context.table, partners_of([edited]))
        editor = DayEditor(days, attempt.operation, attempt.now)
        editor.revise(edited)
        # A day of the past has no fence: what stands of it is not written by who left meanwhile (R33).
        return Decision(shown, WriteSet(days=editor.changes(), present=(caller.member_id,)))

    return run_transaction(context, decide)


def _own(caller: Profile, booking: Booking | None) -> Booking:
    """A booking of the caller's day, unless it was made with an account that the caller deleted (R33)."""
    if booking is None or not caller.is_of(booking.requested_at):
        raise NotFound
    return booking


def own_day(context: Context, caller: str, booking_id: str) -> Day:
    """The day that holds the caller's booking, if any does. Raises NotFound for an id not made for the caller."""
    on = session_date(caller, booking_id)
    if on is None:
        raise NotFound
    return reads.days(context.table, [(caller, on)])[caller, on]
