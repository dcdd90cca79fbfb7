"""Read and edit a member's own sessions."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain, islice

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.decisions.day_editor import DayEditor, partners_of
from chalicelib.domain.decisions.write_set import Decision, WriteSet
from chalicelib.domain.model import input_texts
from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.day import Day, Days
from chalicelib.domain.model.errors import InvalidInput, NotFound, TooLate
from chalicelib.domain.model.ids import session_date
from chalicelib.domain.model.member import NO_RELATION, Activity, Profile, WorkStyle
from chalicelib.services.begun_reads import Begun, begun_first
from chalicelib.services.context import Context
from chalicelib.services.members.profiles import own_profile
from chalicelib.services.rooms.room import room_page
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import reads, title_reads

# A page of sessions reads this number of days at a time, or one for so few of the sessions of a large page. A list
# without a limit reads them all at once.
DAYS_A_PAGE, SESSIONS_A_DAY = 50, 2


class SessionView(Struct, frozen=True):
    """A booking as its owner sees it.

    `partner` is None if there is none, or if the partner's account is deleted. `room_page` is the address of the pair's
    room page, None without a partner or a web app.
    """

    booking: Booking
    partner: Profile | None
    is_favorite: bool
    seen_at: datetime
    final: bool
    completed: bool = False
    room_page: str | None = None


class VersionedSession(Struct, frozen=True):
    """A session as its owner sees it, with the version of its day, which grows with each change."""

    view: SessionView
    version: int


def view_of(
    context: Context, booking: Booking, partner: Profile | None, now: datetime, *, is_favorite: bool
) -> SessionView:
    """Return a booking with the facts about the partner that its owner may see (R34), and whether it is final (R22).

    A partner who deleted the account and made a new one since the pairing is a former member (R33).
    """
    if partner and booking.last_change and not partner.is_of(booking.last_change.at):
        partner = None
    settings = context.settings
    return SessionView(
        booking,
        partner,
        is_favorite and partner is not None,
        now,
        final=booking.is_final(now, settings.final_cutoff),
        completed=booking.is_completed(now, attendance=settings.records_attendance_of(booking)),
        room_page=room_page(settings, booking.partner.pair_id) if booking.partner else None,
    )


def views(context: Context, bookings: Iterable[Booking], now: datetime) -> list[SessionView]:
    """Return the bookings of one owner as the owner sees them, with one batch of profiles for all (R34).

    Long titles are read in parallel with the profiles.
    """
    bookings = list(bookings)
    partners = {booking.partner.member_id for booking in bookings if booking.partner}
    if partners and any(map(_lacks_title, bookings)):
        with context.table.parallel(1) as threads:
            titled = threads.submit(with_titles, context, bookings)
            known = reads.profiles_and_relations(context.table, bookings[0].member_id, partners)
            bookings = titled.result()
    else:
        known = reads.profiles_and_relations(context.table, bookings[0].member_id, partners) if partners else {}
        bookings = with_titles(context, bookings)
    no_partner = (None, NO_RELATION)
    met = (known[booking.partner.member_id] if booking.partner else no_partner for booking in bookings)
    return [
        view_of(context, booking, partner, now, is_favorite=said.favorite)
        for booking, (partner, said) in zip(bookings, met, strict=True)
    ]


def with_titles(context: Context, bookings: Sequence[Booking]) -> list[Booking]:
    """Return the bookings of one owner with the long titles that were not read with their days (R36)."""
    unread = [booking for booking in bookings if _lacks_title(booking)]
    if not unread:
        return list(bookings)
    found = title_reads.long_titles(context.table, unread)
    return [replace(booking, title=found.get(booking.booking_id, booking.title)) for booking in bookings]


def _lacks_title(booking: Booking) -> bool:
    """Return whether the booking has a long title that was not read with its day."""
    return booking.long_title is not None and booking.title is None


def days_listed(
    context: Context, member_id: str, start: datetime, end: datetime, *, before: datetime | None, limit: int | None
) -> Iterator[Day]:
    """Return the days of a list of sessions, newest first, of which the first page is read at once."""
    # A session of the previous day may reach into the range.
    first, last = (start - timedelta(days=1)).date(), min(end, before) if before else end
    page = None if limit is None else max(DAYS_A_PAGE, limit // SESSIONS_A_DAY)
    days = reads.days_between(context.table, member_id, first, last.date(), newest_first=True, page=page)
    return chain(list(islice(days, 1)), days)


def list_sessions(
    context: Context,
    caller: Profile,
    start: datetime,
    end: datetime,
    *,
    before: datetime | None,
    limit: int | None,
    begun: Begun[Iterator[Day]] | None = None,
) -> list[SessionView]:
    """Return the caller's active sessions that overlap the range, both ends included, newest first.

    `before` leaves out the sessions that start at that instant or later. `limit` is the maximum number. `begun` is the
    read of `days_listed`.
    """
    found: list[Booking] = []
    for day in begun() if begun else days_listed(context, caller.member_id, start, end, before=before, limit=limit):
        for booking in sorted(day.active, key=lambda held: held.slot, reverse=True):
            overlaps = booking.slot.start <= end and start <= booking.slot.end
            if overlaps and caller.is_of(booking.requested_at) and (before is None or booking.slot.start < before):
                found.append(booking)
        if limit is not None and len(found) >= limit:
            break
    return views(context, found[:limit], context.clock())


def get_session(context: Context, caller: Profile, booking_id: str, begun: Begun[Day] | None = None) -> SessionView:
    """Return one of the caller's sessions, also a recently cancelled one. `begun` is the read of its day.

    Raises NotFound, also for another member's session.
    """
    day = begun() if begun else own_day(context, caller.member_id, booking_id)
    booking = own_booking(caller, day.find(booking_id))
    return views(context, [booking], context.clock())[0]


class SessionEdit(Struct, frozen=True):
    """An owner's changes of a session.

    A value of None changes nothing. `title` counts only if `retitled`.
    """

    title: str | None
    retitled: bool
    activity: Activity | None
    quiet: bool | None
    prefer_favorites: bool | None = None

    def applied_to(self, booking: Booking) -> Booking:
        """Return the booking with the changes. The end of a repeat does not cancel a changed booking (R40)."""
        style, preference = booking.work_style, booking.preference
        favorites = preference.favorites if self.prefer_favorites is None else self.prefer_favorites
        changed = replace(
            booking,
            work_style=WorkStyle(self.activity or style.activity, style.quiet if self.quiet is None else self.quiet),
            preference=replace(preference, favorites=favorites),
        )
        changed = changed.titled(self.title) if self.retitled else changed
        return changed if changed == booking else replace(changed, repeat_id=None)

    def late_changes_of(self, booking: Booking) -> list[InvalidInput]:
        """Return the changes of more than the title, which come too late after the start."""
        before, after = booking, self.applied_to(booking)
        changed = {
            "activityType": before.work_style.activity != after.work_style.activity,
            "quietMode": before.work_style.quiet != after.work_style.quiet,
            "preferFavorites": before.preference != after.preference,
        }
        return [InvalidInput(field, input_texts.AFTER_START) for field, differs in changed.items() if differs]


def edit_session(
    context: Context, caller: Profile, booking_id: str, edit: SessionEdit, begun: Begun[Day] | None = None
) -> SessionView:
    """Change title, activity, quiet mode or the preference for favorites of the caller's session.

    `begun` is the first read of its day.

    A partner sees the work style, never the title or the preference (R34). The preference counts in the next choice of
    a partner, also if the session has one now (R20). Raises NotFound, and TooLate for a cancelled session and, with
    the fields, for a change of anything but the title after the start.
    """

    read_day = begun_first(begun, lambda: own_day(context, caller.member_id, booking_id))

    def decide(attempt: Attempt) -> Decision[SessionView]:
        day = read_day()
        booking = own_booking(caller, day.find(booking_id))
        if booking.state is State.CANCELLED:
            raise TooLate
        # How its owner worked stays as the partner saw it.
        late = edit.late_changes_of(booking) if attempt.now >= booking.slot.start else []
        edited = booking if late else edit.applied_to(booking)
        with context.table.parallel(2) as threads:
            # Read after the day: a deletion or suspension after it writes the day, so that the commit fails.
            account = threads.submit(own_profile, context, caller.member_id)
            partner = threads.submit(reads.days, context.table, partners_of([edited] if edited != booking else []))
            # Read before the commit, so that a failed read is not the response to a committed change.
            (shown,) = views(context, [edited], attempt.now)
        account.result()
        if late:
            raise TooLate.of(*late)
        if edited == booking:
            return Decision(shown)
        editor = DayEditor(Days([day]) | partner.result(), attempt.operation, attempt.now)
        editor.revise(edited)
        # Deleting an account bumps no past day, so the commit itself requires that the account exists (R33).
        return Decision(shown, WriteSet(days=editor.changes(), present=(caller.member_id,)))

    return run_transaction(context, decide)


def own_booking(caller: Profile, booking: Booking | None) -> Booking:
    """Return a booking of the caller's day, unless it was made with an account that the caller deleted (R33)."""
    if booking is None or not caller.is_of(booking.requested_at):
        raise NotFound
    return booking


def own_day(context: Context, caller: str, booking_id: str) -> Day:
    """Return the day that would hold the caller's booking. Raises NotFound for an id not made for the caller."""
    on = session_date(caller, booking_id)
    if on is None:
        raise NotFound
    return reads.days(context.table, [(caller, on)])[caller, on]
