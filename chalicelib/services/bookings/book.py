"""Book a slot (R8 to R16, R24).

An attempt gathers facts, decides and commits. A booking is for a random partner, or a lock with a chosen member or the
owner of an invite link.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.decisions.attendance_score import MOST_AHEAD_BELOW
from chalicelib.domain.decisions.booking_facts import BookingFacts, BookingOutcome, Terms
from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.decisions.day_editor import check_start
from chalicelib.domain.decisions.decide_lock import decide_lock
from chalicelib.domain.decisions.decide_random import decide_random
from chalicelib.domain.decisions.write_set import (
    SETTLE,
    Decision,
    DocumentChange,
    RecordedRefusal,
    RecordedResponse,
    WriteSet,
)
from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.day import Days
from chalicelib.domain.model.errors import IdempotencyKeyReused
from chalicelib.domain.model.limits import check_recorded_responses, uses_by_bookings
from chalicelib.domain.model.member import Profile, WorkStyle
from chalicelib.metrics import current_metrics
from chalicelib.services.begun_reads import Begun
from chalicelib.services.bookings.day_confirmation import confirm_new_day
from chalicelib.services.bookings.facts import FirstReads, gather
from chalicelib.services.bookings.sessions import SessionView, view_of, with_titles
from chalicelib.services.context import Context
from chalicelib.services.members.attendance import least_attendance_missed
from chalicelib.services.transaction import Attempt, run_transaction

# A random booking that lost this many races for a partner waits, and the stream pairs it.
RACES_FOR_A_PARTNER = 2
RESPONSES_KEPT = timedelta(hours=24)
# Enough characters for a room that cannot be guessed: 130 bits.
ROOM_LENGTH = 26


class KeyedRequest(Struct, frozen=True):
    """An idempotency key and the digest of the request it came with."""

    key: str
    request_digest: str


class Reply(Struct, frozen=True):
    """The caller's session. `new` says that this request, or the one that it repeats, made the session."""

    view: SessionView
    new: bool


# The documents that the transaction of a booking also writes. It is asked in each attempt, before the reads.
Beside = Callable[[Attempt], tuple[DocumentChange, ...]]


def nothing(_attempt: Attempt) -> tuple[DocumentChange, ...]:
    """Return no documents."""
    return ()


def book_session(
    context: Context,
    caller: Profile,
    request: BookingRequest,
    keyed: KeyedRequest | None,
    begun: Begun[FirstReads] | None = None,
) -> Reply:
    """Book a slot and return the caller's session. `begun` are the first reads.

    The session is not new if a booking of the caller satisfies the request already. An existing lock takes the
    requested title and work style. With an idempotency key the response to a request that changes something is recorded
    in the same transaction and repeated for 24 hours, with the partner's current name and picture.

    Raises IdempotencyKeyReused first, then RateLimited for too many recorded responses of the date, then for too many
    failed links (R36), then InviteUnavailable if the invite link cannot be used (R28). Then it raises InvalidRequest,
    TooLate, TimeConflict and RateLimited for the other limits, then NotAvailable (R11). Raises Busy if every attempt
    failed. Raises Unauthenticated if the caller's account was deleted meanwhile (R33).
    """
    return book_beside(context, caller, request, nothing, keyed, least_attendance_missed(context, caller), begun)


def book_beside(
    context: Context,
    caller: Profile,
    request: BookingRequest,
    beside: Beside,
    keyed: KeyedRequest | None,
    least_attendance: int,
    begun: Begun[FirstReads] | None = None,
) -> Reply:
    """Book a slot as `book_session` does, together with the documents of `beside`.

    `least_attendance` is the least score in percent that the caller is below, else 0 (R39).
    """
    looks_again: list[bool] = []

    def reply_to(attempt: Attempt) -> Decision[Reply] | RecordedRefusal:
        documents = beside(attempt)
        terms = terms_of(context, attempt.now, attempt.operation, attempt.id_token, least_attendance)
        contended = len(attempt.chosen_partners) >= RACES_FOR_A_PARTNER
        first = begun if attempt.number == 1 else None
        facts = gather(context, caller, request, keyed.key if keyed else None, terms, contended=contended, begun=first)
        recorded = facts.booker.recorded
        if keyed and recorded and attempt.now < recorded.expires:
            looks_again.append(is_confirmed_again(recorded, attempt.now))
            return Decision(replayed(context, facts, recorded, keyed))
        if keyed:
            check_recorded_responses(terms.limits.responses, facts.booker.days, attempt.now)
        decision = decide(context, facts, terms)
        if isinstance(decision, RecordedRefusal):
            return decision
        booking = decision.answer.booking
        if facts.waiting_members and booking.partner:
            attempt.chosen_partners.append(booking.partner.member_id)
        looks_again.append(_creates_day(decision.changes, caller.member_id))
        (booking,) = with_titles(context, [booking])
        recording = recorded_reply(context, decision, booking, keyed, terms)
        note_limit_uses(facts, recording.changes, terms)
        return Decision(recording.answer, replace(recording.changes, documents=documents))

    reply = run_transaction(context, reply_to)
    if any(looks_again):
        return replace(reply, view=confirm_new_day(context, reply.view))
    return reply


def _creates_day(changes: WriteSet, member_id: str) -> bool:
    """Return whether the changes create a day of the member."""
    return any(change.before.version == 0 for change in changes.days if change.after.member_id == member_id)


def decide(context: Context, facts: BookingFacts, terms: Terms) -> Decision[BookingOutcome] | RecordedRefusal:
    """Decide a lock if the request names a target, else a booking for a random partner.

    Raises as these do, and StaleRead if the slot has started since the reads began.
    """
    check_start(facts.request.slot, terms.now, context.clock())
    return decide_lock(facts, terms) if facts.request.lock_with else decide_random(facts, terms, context.rng)


def terms_of(context: Context, now: datetime, operation: str, booking_token: str, least_attendance: int = 0) -> Terms:
    """Return the terms of one decision, with new ids of its pairs.

    A booker below a least score, `least_attendance` in percent, may have fewer sessions ahead (R39).
    """
    pair_ids = (context.token(ROOM_LENGTH), context.token(ROOM_LENGTH))
    limits = context.settings.limits
    if least_attendance:
        limits = replace(limits, bookings=min(limits.bookings, MOST_AHEAD_BELOW))
    return Terms(now, operation, booking_token, pair_ids, context.settings.lock_cutoff, limits, least_attendance)


def recorded_reply(
    context: Context, decision: Decision[BookingOutcome], booking: Booking, keyed: KeyedRequest | None, terms: Terms
) -> Decision[Reply]:
    """Return the reply to the outcome, and record it in the same transaction if the request has a key.

    `booking` is that of the outcome with its title. A response that changes nothing is not recorded. The recorded ones
    of a date are limited (R36).
    """
    outcome, changes = decision.answer, decision.changes
    view = view_of(context, booking, outcome.partner, terms.now, is_favorite=outcome.is_favorite)
    reply = Reply(view, outcome.new)
    if keyed and changes.days:
        expires = view.seen_at + RESPONSES_KEPT
        response = RecordedResponse(
            keyed.key, keyed.request_digest, view.booking, reply.new, view.is_favorite, view.seen_at, expires
        )
        changes = changes.recording(response, terms.now)
    return Decision(reply, changes)


def is_confirmed_again(recorded: RecordedResponse, now: datetime) -> bool:
    """Return whether the request that made the recorded pair may have died before its second look."""
    return recorded.booking.partner is not None and now - recorded.at < SETTLE


def note_limit_uses(facts: BookingFacts, changes: WriteSet, terms: Terms) -> None:
    """Note the booker's use of the limits after the changes, for the headers of the response (R36)."""
    own = (change.after for change in changes.days if change.after.member_id == facts.caller.member_id)
    current_metrics().limit_uses = uses_by_bookings(terms.limits, facts.booker.days | Days(own), terms.now)


def replayed(context: Context, facts: BookingFacts, recorded: RecordedResponse, keyed: KeyedRequest) -> Reply:
    """Return the first reply again, with the partner's current name and picture (R33).

    Raises IdempotencyKeyReused if the key came with another request.
    """
    if recorded.request_digest != keyed.request_digest:
        raise IdempotencyKeyReused(field="Idempotency-Key")
    booking = recorded.booking
    partner = facts.existing_facts.partner if facts.existing_facts else None
    view = view_of(context, booking, partner, recorded.at, is_favorite=recorded.is_favorite)
    if booking.partner and view.partner is None:
        # The work style of a former member is hidden too.
        view = replace(view, booking=replace(booking, partner=replace(booking.partner, work_style=WorkStyle())))
    return Reply(view, recorded.new)
