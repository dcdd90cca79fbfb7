"""Book a slot: for a random partner, or locked in with a chosen one or the owner of an invite link (R8 to R16, R24)."""

from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.booking import Booking, State
from chalicelib.domain.changes import Answer, Changes, Decision, Denial, InviteUse
from chalicelib.domain.claiming import (
    Claim,
    Displacement,
    OwnSide,
    book,
    judge_own_side,
    lock,
    may_lock_booking,
    partnered_with_others,
)
from chalicelib.domain.day import LATELY, Day, Days
from chalicelib.domain.draft import Draft, Outdated, partners_of
from chalicelib.domain.errors import Busy, IdempotencyKeyReused, InviteUnavailable, NotAvailable, Refusal
from chalicelib.domain.identity import lookup_id, session_id, stranger
from chalicelib.domain.invite import InviteLink, judge_invite
from chalicelib.domain.matching import may_pair
from chalicelib.domain.member import Mode, Profile, Standing
from chalicelib.domain.quotas import check_bookings, check_given_up, check_tries, guard_of_tries
from chalicelib.domain.slot import Slot, check_bookable, dates_ahead
from chalicelib.services.attempts import IN_DOUBT, Attempt, carry_out
from chalicelib.services.lockstep import Lockstep
from chalicelib.services.profiles import own_profile
from chalicelib.services.quotas import OwnDays, read_own_days
from chalicelib.services.seek import Found, find_partner, look_around
from chalicelib.services.sessions import SessionView, view_of, views
from chalicelib.storage import reads

# A regular booking that lost this many races for a partner simply waits: the stream pairs it.
RACES_FOR_A_PARTNER = 2
ANSWERS_KEPT = timedelta(hours=24)
# Enough characters for a room that nobody guesses: 130 bits.
ROOM_LENGTH = 26


class Keyed(Struct, frozen=True):
    """An idempotency key and the digest of the request it came with."""

    key: str
    request_digest: str


class Reply(Struct, frozen=True):
    """The caller's session, and whether it is `new` to the caller: by this request, or the one that it repeats."""

    view: SessionView
    new: bool


class Booked(Struct, frozen=True):
    """What became of a claim; `met` is how the caller stands to the partner, where that was read for the decision."""

    booking: Booking
    new: bool
    met: Standing | None = None


def book_session(lockstep: Lockstep, caller: Profile, claim: Claim, keyed: Keyed | None) -> Reply:
    """Carry out a claim, and give the caller's session; it is not new where the caller holds exactly that already.

    With an idempotency key the first reply is stored in the same transaction and given again for 24 hours, the
    partner's name and picture as they are by then. Raises
    InvalidRequest, TooLate, TimeConflict, RateLimited (R36), then NotAvailable (R11), IdempotencyKeyReused and Busy;
    before all of these InviteUnavailable where the claim came by a link that is not good for the caller (R28).
    """

    def reply_to(attempt: Attempt) -> Decision[Reply] | Denial:
        stored = reads.answer(lockstep.table, caller.member_id, keyed.key) if keyed else None
        if keyed and stored and attempt.now < stored.expires:
            if stored.request_digest != keyed.request_digest:
                raise IdempotencyKeyReused(field="Idempotency-Key")
            return Decision(_again(lockstep, stored))
        tries = reads.guard(lockstep.table, guard_of_tries(caller.member_id, attempt.now)) if claim.invite else None
        if tries:
            check_tries(lockstep.settings.quotas.tries, tries, attempt.now)
        try:
            booked = decide(lockstep, caller, claim, attempt)
        except Refusal as refusal:
            if keyed:
                _check_still_unanswered(lockstep, caller.member_id, keyed, stored)
            if isinstance(refusal, InviteUnavailable):
                return Denial(refusal, Changes(guard=tries))
            raise
        shown = _shown(lockstep, booked.answer, attempt.now)
        reply = Reply(shown, booked.answer.new)
        changes = booked.changes
        if keyed:
            changes = replace(changes, answer=_answer(keyed, reply))
            if not changes.days:
                # An answer that changes no day rests on nothing else (R33).
                own_profile(lockstep, caller.member_id)
                changes = replace(changes, present=(caller.member_id,))
        return Decision(reply, changes)

    return carry_out(lockstep, reply_to)


def _check_still_unanswered(lockstep: Lockstep, caller: str, keyed: Keyed, stored: Answer | None) -> None:
    """Check that the same request has not been carried out meanwhile: what it was answered is to be given again, and no
    refusal because of it. Raises Outdated.
    """
    if reads.answer(lockstep.table, caller, keyed.key) != stored:
        raise Outdated


def _shown(lockstep: Lockstep, booked: Booked, now: datetime) -> SessionView:
    """The caller's session; nothing is read again that the decision has read."""
    if booked.met:
        return view_of(lockstep, booked.booking, booked.met.other, now, is_favorite=booked.met.said.favorite)
    (shown,) = views(lockstep, [booked.booking], now)
    return shown


def _answer(keyed: Keyed, reply: Reply) -> Answer:
    view = reply.view
    expires = view.seen_at + ANSWERS_KEPT
    return Answer(keyed.key, keyed.request_digest, view.booking, reply.new, view.is_favorite, view.seen_at, expires)


def _again(lockstep: Lockstep, stored: Answer) -> Reply:
    """The first reply as it was, but for the partner, who is shown as the account is now (R33)."""
    booking = stored.booking
    partner = reads.profile(lockstep.table, booking.partner.member_id) if booking.partner else None
    view = view_of(lockstep, booking, partner, stored.at, is_favorite=stored.is_favorite)
    if booking.partner and view.partner is None:
        # Neither does the day of the booking tell how a former member worked.
        view = replace(view, booking=replace(booking, partner=replace(booking.partner, mode=Mode())))
    return Reply(view, stored.new)


def decide(lockstep: Lockstep, caller: Profile, claim: Claim, attempt: Attempt) -> Decision[Booked]:
    """One try of a claim: what becomes of it, and what is to be written for that."""
    me = caller.member_id
    link = reads.invite(lockstep.table, claim.invite) if claim.invite else None
    claim = replace(claim, lock_with=_lookup_id(claim, link, me))
    found = _read_own_days(lockstep, claim, me, attempt.now)
    # The caller's days before the target's (R14).
    days = found.days | reads.days(lockstep.table, [(claim.lock_with, claim.slot.date)] if claim.lock_with else [])
    if attempt.operation in days[me, claim.slot.date].operations:
        # An earlier attempt was carried out, and its answer lost; whatever became of the booking since, it was made.
        return Decision(Booked(_made(days[me, claim.slot.date], claim.slot, attempt), new=True))
    standing = None
    if claim.invite and claim.lock_with:
        standing = reads.standing(lockstep.table, me, claim.lock_with)
        link = judge_invite(link, standing, attempt.now)
    check_bookable(claim.slot, attempt.now)
    own = judge_own_side(claim, me, days, attempt.now)
    if own.met and own.held:
        return _already_held(lockstep, claim, own.held, days, attempt)
    _check_quotas(lockstep, claim, own, found.days, attempt.now)
    days |= reads.days(lockstep.table, partners_of(list(own.replaced)))
    booking = claim.applied_to(own.held) if own.held else _new_booking(caller, claim, attempt)
    if claim.lock_with is None:
        decided = _book(lockstep, own, booking, days, attempt)
    else:
        decided = _lock(lockstep, own, booking, days, _Target(claim.lock_with, standing, link), attempt)
    return replace(decided, changes=replace(decided.changes, guard=found.guard))


def _check_quotas(lockstep: Lockstep, claim: Claim, own: OwnSide, days: Days, now: datetime) -> None:
    """Refuse what the caller has or does too much of, whoever the target is (R11, R36)."""
    quotas = lockstep.settings.quotas
    if own.held is None:
        check_bookings(quotas.bookings, days, len(own.replaced), now)
    if claim.lock_with:
        check_given_up(quotas, days, claim.lock_with, now)


def _made(day: Day, slot: Slot, attempt: Attempt) -> Booking:
    """The booking that this operation made or took over, also if it was cancelled since."""
    made = day.find(session_id(day.member_id, day.date, attempt.made))
    of_slot = [booking for booking in day.bookings if booking.slot == slot]
    if made is None and not of_slot:
        raise Busy(IN_DOUBT)
    return made or of_slot[-1]


def _lookup_id(claim: Claim, link: InviteLink | None, caller: str) -> str | None:
    """Whom to look up for a lock-in: somebody whatever the words or the token, at the same cost (R11, R28)."""
    if claim.invite:
        return lookup_id(link.owner_id, caller) if link else stranger(claim.invite)
    return None if claim.lock_with is None else lookup_id(claim.lock_with, caller)


def _read_own_days(lockstep: Lockstep, claim: Claim, caller: str, now: datetime) -> OwnDays:
    """The caller's days that a claim may touch, and all ahead, which tell how many bookings there are (R36)."""
    slot, ahead = claim.slot, dates_ahead(now)
    first, last = slot.neighbourhood[0], slot.neighbourhood[-1]
    if claim.lock_with is None:
        # The days before tell whom the caller met lately (R20).
        first = slot.date - LATELY
    if slot.date in ahead:
        # A slot of any other date is refused, whatever else there is.
        first, last = min(first, ahead[0]), max(last, ahead[-1])
    return read_own_days(lockstep, caller, first, last, now)


def _already_held(lockstep: Lockstep, claim: Claim, held: Booking, days: Days, attempt: Attempt) -> Decision[Booked]:
    """The caller holds that already; a title or mode asked for again still counts (R14: both locks succeed)."""
    booking = claim.applied_to(held)
    if booking == held:
        return Decision(Booked(held, new=False))
    draft = Draft(days | reads.days(lockstep.table, partners_of([held])), attempt.operation, attempt.now)
    draft.revise(booking)
    return Decision(Booked(booking, new=False), Changes(days=draft.changes()))


def _book(lockstep: Lockstep, own: OwnSide, booking: Booking, days: Days, attempt: Attempt) -> Decision[Booked]:
    window = look_around(lockstep, booking.slot)
    booking = replace(booking, lane=window.lane)
    found = Found(None, None, days)
    contended = len(attempt.sought) >= RACES_FOR_A_PARTNER
    if not contended:
        found = find_partner(lockstep, booking, days, window.pages, attempt.now)
    if found.booking:
        attempt.sought.append(found.booking.member_id)
    if found.standing is None:
        # Read after the caller's days: whoever deletes the account meanwhile makes these days void (R33).
        own_profile(lockstep, booking.member_id)
    draft = Draft(found.days, attempt.operation, attempt.now)
    booked = book(draft, own, booking, found.booking, lockstep.token(ROOM_LENGTH))
    changes = Changes(days=draft.changes(), lanes=window.opened(booking.slot, attempt.now, contended=contended))
    return Decision(Booked(booked, new=True, met=found.standing), changes)


class _Target(Struct, frozen=True):
    """Whom a lock is for: by the target's setting, or by a `link` of the target's, for which `standing` was read."""

    member_id: str
    standing: Standing | None
    link: InviteLink | None


def _lock(
    lockstep: Lockstep, own: OwnSide, booking: Booking, days: Days, target: _Target, attempt: Attempt
) -> Decision[Booked]:
    slot, now, final, link = booking.slot, attempt.now, lockstep.settings.final, target.link
    theirs = days.holding(target.member_id, slot)
    if theirs and _names(theirs, booking.member_id) and not _shows_pair_of(own.held, theirs):
        # Their day was read after the two were paired, which our own day, read before, does not show (R12, R14).
        raise Outdated
    standing = target.standing or reads.standing(lockstep.table, booking.member_id, target.member_id)
    if theirs is None or not may_lock_booking(standing, own.held, theirs, now, final, link=link):
        # The same requests whatever the reason (R11).
        _check_still_held(lockstep, theirs, target.member_id, slot)
        if link:
            # It was read before the days: the use that locked its owner in there may have been its last (R28).
            judge_invite(reads.invite(lockstep.table, link.digest), standing, now)
        raise NotAvailable
    partnered = partnered_with_others(booking, theirs)
    days |= reads.days(lockstep.table, partners_of(partnered))
    displaced = Displacement(partnered, _may_have_each_other(lockstep, partnered, days, now))
    draft = Draft(days, attempt.operation, now)
    rooms = (lockstep.token(ROOM_LENGTH), lockstep.token(ROOM_LENGTH))
    booked = lock(draft, own, booking, theirs, displaced, rooms)
    changes = Changes(days=draft.changes(), invite=InviteUse(link, link.used()) if link else None)
    return Decision(Booked(booked, new=True, met=standing), changes)


def _check_still_held(lockstep: Lockstep, held: Booking | None, member_id: str, slot: Slot) -> None:
    """Check that the target holds what was read before what the two say of each other: so they were not locked in with
    each other when that forbade it, and there is a moment to refuse the lock for (R14). Raises Outdated.
    """
    if reads.days(lockstep.table, [(member_id, slot.date)]).holding(member_id, slot) != held:
        raise Outdated


def _names(held: Booking, target: str) -> bool:
    return held.partner is not None and held.partner.member_id == target


def _shows_pair_of(held: Booking | None, theirs: Booking) -> bool:
    """Whether the caller's booking is of the target's pair and in its state: a lock of two matched keeps their pair."""
    if held is None or held.partner is None or theirs.partner is None:
        return False
    return (held.state, held.partner.pair_id) == (theirs.state, theirs.partner.pair_id)


def _may_have_each_other(lockstep: Lockstep, partnered: list[Booking], days: Days, now: datetime) -> bool:
    """Whether two members who are about to be displaced may be paired with each other (R12)."""
    left = [booking.partner.member_id for booking in partnered if booking.partner]
    if len(left) != 2:
        return False
    return may_pair(reads.standing(lockstep.table, *left), partnered[0].slot, days, now)


def _new_booking(caller: Profile, claim: Claim, attempt: Attempt) -> Booking:
    return Booking(
        booking_id=session_id(caller.member_id, claim.slot.date, attempt.made),
        member_id=caller.member_id,
        slot=claim.slot,
        requested_at=attempt.now,
        # A draft decides at once what becomes of it.
        state=State.WAITING,
        mode=claim.mode(caller.mode),
        wish=claim.wish,
        title=claim.title,
    )
