"""Book a slot: for a random partner, or locked in with a chosen one (R8 to R16)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus

from chalicelib.domain.booking import Booking, State
from chalicelib.domain.changes import Answer, Changes, Decision
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
from chalicelib.domain.day import Days
from chalicelib.domain.draft import Draft, Outdated, partners_of
from chalicelib.domain.errors import IdempotencyKeyReused, NotAvailable
from chalicelib.domain.identity import lookup_id, session_id
from chalicelib.domain.matching import may_pair
from chalicelib.domain.member import Profile, Standing
from chalicelib.domain.slot import check_bookable
from chalicelib.services.attempts import Attempt, carry_out
from chalicelib.services.lockstep import Lockstep
from chalicelib.services.profiles import own_profile
from chalicelib.services.seek import Found, seek_partner
from chalicelib.services.sessions import SessionView, view_of, views
from chalicelib.storage import reads

# A regular booking that lost this many races for a partner simply waits: the stream pairs it.
RACES_FOR_A_PARTNER = 2
ANSWERS_KEPT = timedelta(hours=24)
# Enough characters for a room that nobody guesses: 130 bits.
ROOM_LENGTH = 26


@dataclass(frozen=True, slots=True)
class Keyed:
    """An idempotency key and the digest of the request it came with."""

    key: str
    request_digest: str


@dataclass(frozen=True, slots=True)
class Reply:
    """A status and the body that went, or goes, with it."""

    status: int
    body: str


Render = Callable[[SessionView], str]


@dataclass(frozen=True, slots=True)
class Booked:
    """What became of a claim; `met` is how the caller stands to the partner, where that was read for the decision."""

    booking: Booking
    new: bool
    met: Standing | None = None


def book_session(lockstep: Lockstep, caller: Profile, claim: Claim, keyed: Keyed | None, render: Render) -> Reply:
    """Carry out a claim and render the caller's session: 201, or 200 where the caller holds exactly that already.

    With an idempotency key the first reply is stored in the same transaction and given again for 24 hours. Raises
    InvalidRequest, TooLate, TimeConflict, then NotAvailable (R11), IdempotencyKeyReused and Busy.
    """

    def reply_to(attempt: Attempt) -> Decision[Reply]:
        stored = keyed and reads.answer(caller.member_id, keyed.key)
        if keyed and stored and attempt.now < stored.expires:
            if stored.request_digest != keyed.request_digest:
                raise IdempotencyKeyReused(field="Idempotency-Key")
            return Decision(Reply(stored.status, stored.body))
        check_bookable(claim.slot, attempt.now)
        booked = decide(lockstep, caller, claim, attempt)
        shown = _shown(lockstep, booked.answer, attempt.now)
        reply = Reply(HTTPStatus.CREATED if booked.answer.new else HTTPStatus.OK, render(shown))
        changes = booked.changes
        if keyed:
            # An answer that changes no day rests on nothing else.
            present = () if changes.days else (caller.member_id,)
            answer = _answer(caller.member_id, keyed, reply, attempt.now)
            changes = replace(changes, answer=answer, present=present)
        return Decision(reply, changes)

    return carry_out(lockstep, reply_to)


def _shown(lockstep: Lockstep, booked: Booked, now: datetime) -> SessionView:
    """The caller's session; nothing is read again that the decision has read."""
    if booked.met:
        return view_of(lockstep, booked.booking, booked.met.other, booked.met.said, now)
    (shown,) = views(lockstep, [booked.booking], now)
    return shown


def _answer(member_id: str, keyed: Keyed, reply: Reply, now: datetime) -> Answer:
    return Answer(member_id, keyed.key, keyed.request_digest, reply.status, reply.body, now + ANSWERS_KEPT)


def decide(lockstep: Lockstep, caller: Profile, claim: Claim, attempt: Attempt) -> Decision[Booked]:
    if claim.lock_with is not None:
        claim = replace(claim, lock_with=lookup_id(claim.lock_with, caller.member_id))
    slot, me = claim.slot, caller.member_id
    wanted = [(me, on) for on in (slot.neighbourhood if claim.replace else slot.dates)]
    if claim.lock_with is not None:
        wanted.append((claim.lock_with, slot.date))
    days = reads.days(wanted)
    held = days.holding(me, slot)
    if held and attempt.operation in days[me, slot.date].operations:
        # An earlier attempt was carried out, and its answer lost.
        return Decision(Booked(held, new=True))
    own = judge_own_side(claim, me, days)
    days |= reads.days(partners_of(list(own.replaced)))
    if own.met and own.held:
        return _already_held(claim, own.held, days, attempt)
    booking = claim.applied_to(own.held) if own.held else _new_booking(lockstep, caller, claim, attempt.now)
    if claim.lock_with is None:
        return _book(lockstep, own, booking, days, attempt)
    return _lock(lockstep, own, booking, days, claim.lock_with, attempt)


def _already_held(claim: Claim, held: Booking, days: Days, attempt: Attempt) -> Decision[Booked]:
    """The caller holds that already; a title or mode asked for again still counts (R14: both locks succeed)."""
    booking = claim.applied_to(held)
    if booking == held:
        return Decision(Booked(held, new=False))
    draft = Draft(days | reads.days(partners_of([held])), attempt.operation, attempt.now)
    draft.revise(booking)
    return Decision(Booked(booking, new=False), Changes(days=draft.changes()))


def _book(lockstep: Lockstep, own: OwnSide, booking: Booking, days: Days, attempt: Attempt) -> Decision[Booked]:
    found = Found(None, None, days)
    if attempt.number <= RACES_FOR_A_PARTNER:
        found = seek_partner(lockstep, booking, days, attempt.now, to_the_end=False)
    if found.standing is None:
        # Read after the caller's days: whoever deletes the account meanwhile makes these days void (R33).
        own_profile(booking.member_id)
    draft = Draft(found.days, attempt.operation, attempt.now)
    booked = book(draft, own, booking, found.booking, lockstep.token(ROOM_LENGTH))
    return Decision(Booked(booked, new=True, met=found.standing), Changes(days=draft.changes()))


def _lock(
    lockstep: Lockstep, own: OwnSide, booking: Booking, days: Days, target: str, attempt: Attempt
) -> Decision[Booked]:
    slot, now, final = booking.slot, attempt.now, lockstep.settings.final
    theirs = days.holding(target, slot)
    if theirs and theirs.partner and theirs.partner.member_id == booking.member_id and not _names(own.held, target):
        # Their day was read after a lock of ours that our own day, read before, does not show (R14).
        raise Outdated
    # Nothing but these two requests, whatever the reason of a refusal (R11): first days, then what they say.
    (standing,) = reads.standings(booking.member_id, [target])
    if theirs is None or not may_lock_booking(standing, own.held, theirs, now, final):
        raise NotAvailable
    partnered = partnered_with_others(booking, theirs)
    days |= reads.days(partners_of(partnered))
    displaced = Displacement(partnered, _may_have_each_other(partnered, days, now))
    draft = Draft(days, attempt.operation, now)
    rooms = (lockstep.token(ROOM_LENGTH), lockstep.token(ROOM_LENGTH))
    booked = lock(draft, own, booking, theirs, displaced, rooms)
    return Decision(Booked(booked, new=True, met=standing), Changes(days=draft.changes()))


def _names(held: Booking | None, target: str) -> bool:
    return held is not None and held.partner is not None and held.partner.member_id == target


def _may_have_each_other(partnered: list[Booking], days: Days, now: datetime) -> bool:
    """Whether two members who are about to be displaced may be paired with each other (R12)."""
    left = [booking.partner.member_id for booking in partnered if booking.partner]
    if len(left) != 2:
        return False
    (standing,) = reads.standings(left[0], left[1:])
    return may_pair(standing, partnered[0].slot, days, now)


def _new_booking(lockstep: Lockstep, caller: Profile, claim: Claim, now: datetime) -> Booking:
    return Booking(
        booking_id=session_id(caller.member_id, claim.slot.date, lockstep.token(16)),
        member_id=caller.member_id,
        slot=claim.slot,
        requested_at=now,
        # A draft decides at once what becomes of it.
        state=State.WAITING,
        mode=claim.mode(caller.mode),
        wish=claim.wish,
        title=claim.title,
    )
