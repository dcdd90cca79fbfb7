"""Judge a request for a booking by the booker's own facts, before the target or a candidate is read (R11)."""

from msgspec import Struct

from chalicelib.domain.decisions.booking_facts import (
    BookingFacts,
    BookingOutcome,
    ExistingFacts,
    Terms,
    check_still_unanswered,
)
from chalicelib.domain.decisions.booking_rules import OwnConflicts, own_conflicts
from chalicelib.domain.decisions.day_editor import DayEditor
from chalicelib.domain.decisions.write_set import Decision, WriteSet
from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.errors import OUTCOME_UNKNOWN_DETAIL, Busy, Refusal
from chalicelib.domain.model.ids import session_id
from chalicelib.domain.model.limits import (
    check_bookings,
    check_cancelled_locks,
    check_cancelled_matches,
    check_failed_links,
)
from chalicelib.domain.model.slot import check_bookable


class BookerJudgement(Struct, frozen=True):
    """A refusal for the booker's own reasons, or the booking that exists already, or neither.

    `made` says that an earlier attempt of this operation made the existing booking. `stands_alone` says that no fact of
    another member can change the judgement: it stands even if the invite link is unusable.
    """

    refusal: Refusal | None = None
    existing: Booking | None = None
    made: bool = False
    stands_alone: bool = False
    conflicts: OwnConflicts = OwnConflicts(None, satisfied=False)


def judge_booker(facts: BookingFacts, terms: Terms) -> BookerJudgement:
    """Judge the request by the booker's own days and limits.

    The refusals are Busy, InvalidRequest, TooLate, TimeConflict and RateLimited (R36). With an invite link they count
    only if the link can be used (R28). The limit of failed links always counts. Raises StaleRead.
    """
    request, booker = facts.request, facts.booker
    day = booker.days[facts.caller.member_id, request.slot.date]
    try:
        if booker.failed_links:
            check_failed_links(terms.limits.tries, booker.failed_links, terms.now)
        if terms.operation in day.operations:
            # An earlier attempt committed, but its response was lost.
            return BookerJudgement(existing=_made_booking(day, facts, terms), made=True, stands_alone=True)
    except Refusal as refusal:
        return BookerJudgement(refusal, stands_alone=True)
    stands_alone = request.invite is None
    try:
        check_bookable(request.slot, terms.now)
        conflicts = own_conflicts(request, facts.caller.member_id, booker.days, terms.now)
        if conflicts.satisfied:
            return BookerJudgement(existing=conflicts.reused, stands_alone=stands_alone)
        if conflicts.reused is None:
            check_bookings(
                terms.limits.bookings,
                booker.days,
                len(conflicts.replaced),
                terms.now,
                least_attendance=terms.least_attendance,
            )
        check_cancelled_matches(terms.limits.cancelled_matches, booker.days, terms.now)
        if request.lock_with:
            check_cancelled_locks(terms.limits, booker.days, request.lock_with, terms.now)
    except Refusal as refusal:
        return BookerJudgement(refusal, stands_alone=stands_alone)
    return BookerJudgement(conflicts=conflicts)


def keep_booking(
    facts: BookingFacts, judgement: BookerJudgement, existing_facts: ExistingFacts, terms: Terms
) -> Decision[BookingOutcome]:
    """Keep the booking that exists already, with the title and work style of the request.

    Two members who lock each other both succeed (R14). Raises StaleRead if a concurrent request with the same
    idempotency key made the booking.
    """
    existing = judgement.existing
    assert existing  # noqa: S101 - only called if there is one
    booking = existing if judgement.made else facts.request.applied_to(existing)
    editor = DayEditor(facts.booker.days | existing_facts.days, terms.operation, terms.now)
    if booking != existing:
        editor.revise(booking)
    else:
        check_still_unanswered(facts)
    # An earlier attempt may also have changed a booking, which only a lock turns into a new session.
    own_id = session_id(booking.member_id, booking.slot.date, terms.booking_token)
    new = judgement.made and (facts.request.lock_with is not None or booking.booking_id == own_id)
    outcome = BookingOutcome(booking, new, existing_facts.partner, existing_facts.is_favorite)
    return Decision(outcome, WriteSet(days=editor.changes()))


def new_booking(facts: BookingFacts, terms: Terms) -> Booking:
    """Return the booking that the request makes, before the decision lets it wait or pairs it."""
    caller, request = facts.caller, facts.request
    return Booking(
        booking_id=session_id(caller.member_id, request.slot.date, terms.booking_token),
        member_id=caller.member_id,
        slot=request.slot,
        requested_at=terms.now,
        state=State.WAITING,
        work_style=request.work_style(caller.work_style),
        preference=request.preference,
        repeat_id=request.repeat_id,
    ).titled(request.title)


def _made_booking(day: Day, facts: BookingFacts, terms: Terms) -> Booking:
    """Return the booking that this operation made or reused, even if it was cancelled since. Raises Busy."""
    made = day.find(session_id(day.member_id, day.date, terms.booking_token))
    of_slot = [booking for booking in day.bookings if booking.slot == facts.request.slot]
    if made is None and not of_slot:
        raise Busy(OUTCOME_UNKNOWN_DETAIL)
    return made or of_slot[-1]
