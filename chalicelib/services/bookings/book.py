"""Book a slot: for a random partner, or locked in with a chosen one or the owner of an invite link (R8 to R16, R24)."""

from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.decisions.booking_rules import (
    BookingRequest,
    Displacement,
    OwnConflicts,
    book,
    lock,
    may_lock_booking,
    own_conflicts,
    partnered_with_others,
)
from chalicelib.domain.decisions.day_editor import DayEditor, StaleRead, partners_of
from chalicelib.domain.decisions.partner_choice import may_pair
from chalicelib.domain.decisions.write_set import Decision, InviteUse, RecordedRefusal, RecordedResponse, WriteSet
from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.day import RECENT_MEETINGS_WINDOW, Day, Days
from chalicelib.domain.model.errors import Busy, IdempotencyKeyReused, InviteUnavailable, NotAvailable, Refusal
from chalicelib.domain.model.ids import decoy_member_id, lookup_id, session_id
from chalicelib.domain.model.invite_link import InviteLink, judge_invite
from chalicelib.domain.model.limits import check_bookings, check_cancelled_locks, check_tries, versioned_limit_of_tries
from chalicelib.domain.model.member import PairRelations, Profile, WorkStyle
from chalicelib.domain.model.slot import Slot, check_bookable, dates_ahead
from chalicelib.services.bookings.own_days import OwnDays, read_own_days
from chalicelib.services.bookings.sessions import SessionView, view_of, views
from chalicelib.services.context import Context
from chalicelib.services.members.profiles import own_profile
from chalicelib.services.slot_matching.partner_search import FoundPartner, find_partner, read_queue
from chalicelib.services.transaction import OUTCOME_UNKNOWN_DETAIL, Attempt, run_transaction
from chalicelib.storage import reads

# A regular booking that lost this many races for a partner simply waits: the stream pairs it.
RACES_FOR_A_PARTNER = 2
ANSWERS_KEPT = timedelta(hours=24)
# Enough characters for a room that nobody guesses: 130 bits.
ROOM_LENGTH = 26


class KeyedRequest(Struct, frozen=True):
    """An idempotency key and the digest of the request it came with."""

    key: str
    request_digest: str


class Reply(Struct, frozen=True):
    """The caller's session, and whether it is `new` to the caller: by this request, or the one that it repeats."""

    view: SessionView
    new: bool


class BookingOutcome(Struct, frozen=True):
    """What became of a claim; `met` is how the caller stands to the partner, where that was read for the decision."""

    booking: Booking
    new: bool
    met: PairRelations | None = None


def book_session(
    context: Context, caller: Profile, booking_request: BookingRequest, keyed: KeyedRequest | None
) -> Reply:
    """Carry out a claim, and give the caller's session; it is not new where the caller holds exactly that already.

    With an idempotency key the first reply is stored in the same transaction and given again for 24 hours, the
    partner's name and picture as they are by then. Raises
    InvalidRequest, TooLate, TimeConflict, RateLimited (R36), then NotAvailable (R11), IdempotencyKeyReused and Busy;
    before all of these InviteUnavailable where the claim came by a link that is not good for the caller (R28).
    """

    def reply_to(attempt: Attempt) -> Decision[Reply] | RecordedRefusal:
        stored = reads.recorded_response(context.table, caller.member_id, keyed.key) if keyed else None
        if keyed and stored and attempt.now < stored.expires:
            if stored.request_digest != keyed.request_digest:
                raise IdempotencyKeyReused(field="Idempotency-Key")
            return Decision(_again(context, stored))
        tries = (
            reads.versioned_limit(context.table, versioned_limit_of_tries(caller.member_id, attempt.now))
            if booking_request.invite
            else None
        )
        if tries:
            check_tries(context.settings.limits.tries, tries, attempt.now)
        try:
            booked = decide(context, caller, booking_request, attempt)
        except Refusal as refusal:
            if keyed:
                _check_still_unanswered(context, caller.member_id, keyed, stored)
            if isinstance(refusal, InviteUnavailable):
                return RecordedRefusal(refusal, WriteSet(versioned_limit=tries))
            raise
        shown = _shown(context, booked.answer, attempt.now)
        reply = Reply(shown, booked.answer.new)
        changes = booked.changes
        if keyed:
            changes = replace(changes, answer=_answer(keyed, reply))
            if not changes.days:
                # An answer that changes no day rests on nothing else (R33).
                own_profile(context, caller.member_id)
                changes = replace(changes, present=(caller.member_id,))
        return Decision(reply, changes)

    return run_transaction(context, reply_to)


def _check_still_unanswered(
    context: Context, caller: str, keyed: KeyedRequest, stored: RecordedResponse | None
) -> None:
    """Check that the same request has not been carried out meanwhile: what it was answered is to be given again, and no
    refusal because of it. Raises Outdated.
    """
    if reads.recorded_response(context.table, caller, keyed.key) != stored:
        raise StaleRead


def _shown(context: Context, booked: BookingOutcome, now: datetime) -> SessionView:
    """The caller's session; nothing is read again that the decision has read."""
    if booked.met:
        return view_of(context, booked.booking, booked.met.other, now, is_favorite=booked.met.outgoing.favorite)
    (shown,) = views(context, [booked.booking], now)
    return shown


def _answer(keyed: KeyedRequest, reply: Reply) -> RecordedResponse:
    view = reply.view
    expires = view.seen_at + ANSWERS_KEPT
    return RecordedResponse(
        keyed.key, keyed.request_digest, view.booking, reply.new, view.is_favorite, view.seen_at, expires
    )


def _again(context: Context, stored: RecordedResponse) -> Reply:
    """The first reply as it was, but for the partner, who is shown as the account is now (R33)."""
    booking = stored.booking
    partner = reads.profile(context.table, booking.partner.member_id) if booking.partner else None
    view = view_of(context, booking, partner, stored.at, is_favorite=stored.is_favorite)
    if booking.partner and view.partner is None:
        # Neither does the day of the booking tell how a former member worked.
        view = replace(view, booking=replace(booking, partner=replace(booking.partner, work_style=WorkStyle())))
    return Reply(view, stored.new)


def decide(
    context: Context, caller: Profile, booking_request: BookingRequest, attempt: Attempt
) -> Decision[BookingOutcome]:
    """One try of a claim: what becomes of it, and what is to be written for that."""
    me = caller.member_id
    link = reads.invite(context.table, booking_request.invite) if booking_request.invite else None
    booking_request = replace(booking_request, lock_with=_lookup_id(booking_request, link, me))
    found = _read_own_days(context, booking_request, me, attempt.now)
    # The caller's days before the target's (R14).
    days = found.days | reads.days(
        context.table, [(booking_request.lock_with, booking_request.slot.date)] if booking_request.lock_with else []
    )
    if attempt.operation in days[me, booking_request.slot.date].operations:
        # An earlier attempt was carried out, and its answer lost; whatever became of the booking since, it was made.
        return Decision(
            BookingOutcome(_made(days[me, booking_request.slot.date], booking_request.slot, attempt), new=True)
        )
    pair_relations = None
    if booking_request.invite and booking_request.lock_with:
        pair_relations = reads.pair_relations(context.table, me, booking_request.lock_with)
        link = judge_invite(link, pair_relations, attempt.now)
    check_bookable(booking_request.slot, attempt.now)
    own = own_conflicts(booking_request, me, days, attempt.now)
    if own.met and own.held:
        return _already_held(context, booking_request, own.held, days, attempt)
    _check_limits(context, booking_request, own, found.days, attempt.now)
    days |= reads.days(context.table, partners_of(list(own.replaced)))
    booking = booking_request.applied_to(own.held) if own.held else _new_booking(caller, booking_request, attempt)
    if booking_request.lock_with is None:
        decided = _book(context, own, booking, days, attempt)
    else:
        decided = _lock(context, own, booking, days, _Target(booking_request.lock_with, pair_relations, link), attempt)
    return replace(decided, changes=replace(decided.changes, versioned_limit=found.versioned_limit))


def _check_limits(
    context: Context, booking_request: BookingRequest, own: OwnConflicts, days: Days, now: datetime
) -> None:
    """Refuse what the caller has or does too much of, whoever the target is (R11, R36)."""
    limits = context.settings.limits
    if own.held is None:
        check_bookings(limits.bookings, days, len(own.replaced), now)
    if booking_request.lock_with:
        check_cancelled_locks(limits, days, booking_request.lock_with, now)


def _made(day: Day, slot: Slot, attempt: Attempt) -> Booking:
    """The booking that this operation made or took over, also if it was cancelled since."""
    made = day.find(session_id(day.member_id, day.date, attempt.made))
    of_slot = [booking for booking in day.bookings if booking.slot == slot]
    if made is None and not of_slot:
        raise Busy(OUTCOME_UNKNOWN_DETAIL)
    return made or of_slot[-1]


def _lookup_id(booking_request: BookingRequest, link: InviteLink | None, caller: str) -> str | None:
    """Whom to look up for a lock-in: somebody whatever the words or the token, at the same cost (R11, R28)."""
    if booking_request.invite:
        return lookup_id(link.owner_id, caller) if link else decoy_member_id(booking_request.invite)
    return None if booking_request.lock_with is None else lookup_id(booking_request.lock_with, caller)


def _read_own_days(context: Context, booking_request: BookingRequest, caller: str, now: datetime) -> OwnDays:
    """The caller's days that a claim may touch, and all ahead, which tell how many bookings there are (R36)."""
    slot, ahead = booking_request.slot, dates_ahead(now)
    first, last = slot.neighbourhood[0], slot.neighbourhood[-1]
    if booking_request.lock_with is None:
        # The days before tell whom the caller met lately (R20).
        first = slot.date - RECENT_MEETINGS_WINDOW
    if slot.date in ahead:
        # A slot of any other date is refused, whatever else there is.
        first, last = min(first, ahead[0]), max(last, ahead[-1])
    return read_own_days(context, caller, first, last, now)


def _already_held(
    context: Context, booking_request: BookingRequest, held: Booking, days: Days, attempt: Attempt
) -> Decision[BookingOutcome]:
    """The caller holds that already; a title or mode asked for again still counts (R14: both locks succeed)."""
    booking = booking_request.applied_to(held)
    if booking == held:
        return Decision(BookingOutcome(held, new=False))
    editor = DayEditor(days | reads.days(context.table, partners_of([held])), attempt.operation, attempt.now)
    editor.revise(booking)
    return Decision(BookingOutcome(booking, new=False), WriteSet(days=editor.changes()))


def _book(
    context: Context, own: OwnConflicts, booking: Booking, days: Days, attempt: Attempt
) -> Decision[BookingOutcome]:
    window = read_queue(context, booking.slot)
    booking = replace(booking, queue_shard=window.queue_shard)
    found = FoundPartner(None, None, days)
    contended = len(attempt.sought) >= RACES_FOR_A_PARTNER
    if not contended:
        found = find_partner(context, booking, days, window.pages, attempt.now)
    if found.booking:
        attempt.sought.append(found.booking.member_id)
    if found.pair_relations is None:
        # Read after the caller's days: whoever deletes the account meanwhile makes these days void (R33).
        own_profile(context, booking.member_id)
    editor = DayEditor(found.days, attempt.operation, attempt.now)
    booked = book(editor, own, booking, found.booking, context.token(ROOM_LENGTH))
    changes = WriteSet(
        days=editor.changes(), queue_shards=window.opened(booking.slot, attempt.now, contended=contended)
    )
    return Decision(BookingOutcome(booked, new=True, met=found.pair_relations), changes)


class _Target(Struct, frozen=True):
    """Whom a lock is for: by the target's setting, or by a `link` of the target's, for which `standing` was read."""

    member_id: str
    pair_relations: PairRelations | None
    link: InviteLink | None


def _lock(
    context: Context, own: OwnConflicts, booking: Booking, days: Days, target: _Target, attempt: Attempt
) -> Decision[BookingOutcome]:
    slot, now, final, link = booking.slot, attempt.now, context.settings.final, target.link
    theirs = days.holding(target.member_id, slot)
    if theirs and _names(theirs, booking.member_id) and not _shows_pair_of(own.held, theirs):
        # Their day was read after the two were paired, which our own day, read before, does not show (R12, R14).
        raise StaleRead
    pair_relations = target.pair_relations or reads.pair_relations(context.table, booking.member_id, target.member_id)
    if theirs is None or not may_lock_booking(pair_relations, own.held, theirs, now, final, link=link):
        # The same requests whatever the reason (R11).
        _check_still_held(context, theirs, target.member_id, slot)
        if link:
            # It was read before the days: the use that locked its owner in there may have been its last (R28).
            judge_invite(reads.invite(context.table, link.digest), pair_relations, now)
        raise NotAvailable
    partnered = partnered_with_others(booking, theirs)
    days |= reads.days(context.table, partners_of(partnered))
    displaced = Displacement(partnered, _may_have_each_other(context, partnered, days, now))
    editor = DayEditor(days, attempt.operation, now)
    rooms = (context.token(ROOM_LENGTH), context.token(ROOM_LENGTH))
    booked = lock(editor, own, booking, theirs, displaced, rooms)
    changes = WriteSet(days=editor.changes(), invite=InviteUse(link, link.used()) if link else None)
    return Decision(BookingOutcome(booked, new=True, met=pair_relations), changes)


def _check_still_held(context: Context, held: Booking | None, member_id: str, slot: Slot) -> None:
    """Check that the target holds what was read before what the two say of each other: so they were not locked in with
    each other when that forbade it, and there is a moment to refuse the lock for (R14). Raises Outdated.
    """
    if reads.days(context.table, [(member_id, slot.date)]).holding(member_id, slot) != held:
        raise StaleRead


def _names(held: Booking, target: str) -> bool:
    return held.partner is not None and held.partner.member_id == target


def _shows_pair_of(held: Booking | None, theirs: Booking) -> bool:
    """Whether the caller's booking is of the target's pair and in its state: a lock of two matched keeps their pair."""
    if held is None or held.partner is None or theirs.partner is None:
        return False
    return (held.state, held.partner.pair_id) == (theirs.state, theirs.partner.pair_id)


def _may_have_each_other(context: Context, partnered: list[Booking], days: Days, now: datetime) -> bool:
    """Whether two members who are about to be displaced may be paired with each other (R12)."""
    left = [booking.partner.member_id for booking in partnered if booking.partner]
    if len(left) != 2:
        return False
    return may_pair(reads.pair_relations(context.table, *left), partnered[0].slot, days, now)


def _new_booking(caller: Profile, booking_request: BookingRequest, attempt: Attempt) -> Booking:
    return Booking(
        booking_id=session_id(caller.member_id, booking_request.slot.date, attempt.made),
        member_id=caller.member_id,
        slot=booking_request.slot,
        requested_at=attempt.now,
        # A draft decides at once what becomes of it.
        state=State.WAITING,
        work_style=booking_request.work_style(caller.work_style),
        preference=booking_request.preference,
        title=booking_request.title,
    )
