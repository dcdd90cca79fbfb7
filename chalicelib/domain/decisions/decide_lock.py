"""Decide a lock with a chosen member or the owner of an invite link (R5 to R8, R11 to R16, R22, R24 to R29, R36)."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from chalicelib.domain.decisions.booker_judgement import BookerJudgement, judge_booker, keep_booking, new_booking
from chalicelib.domain.decisions.booking_facts import (
    BookingFacts,
    BookingOutcome,
    ExistingFacts,
    TargetFacts,
    Terms,
    check_still_unanswered,
)
from chalicelib.domain.decisions.booking_rules import Displacement, bookings_losing_partners, lock, may_lock_booking
from chalicelib.domain.decisions.day_editor import DayEditor, StaleRead
from chalicelib.domain.decisions.invite_rules import check_invite
from chalicelib.domain.decisions.partner_choice import may_pair, unread_block
from chalicelib.domain.decisions.write_set import Decision, InviteUse, RecordedRefusal, WriteSet
from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.day import Days
from chalicelib.domain.model.errors import InviteUnavailable, NotAvailable, Refusal, Suspended


def decide_lock(facts: BookingFacts, terms: Terms) -> Decision[BookingOutcome] | RecordedRefusal:
    """Lock the booker's booking in with the target's, or keep the lock that exists.

    Returns a recorded InviteUnavailable if the link cannot be used (R28, R36). Raises the booker's own refusals first,
    then NotAvailable (R11), Unauthenticated and StaleRead.
    """
    judgement = judge_booker(facts, terms)
    refusal = _confirmed(refusal_of_lock(facts, judgement, terms), facts, terms)
    if refusal:
        check_still_unanswered(facts)
        if isinstance(refusal, InviteUnavailable):
            return RecordedRefusal(refusal, WriteSet(versioned_limit=facts.booker.failed_links))
        raise refusal
    if judgement.existing:
        return keep_booking(facts, judgement, _existing_facts(facts), terms)
    target = facts.target
    assert target  # noqa: S101 - read for every lock that is not refused
    return _lock(facts, judgement, target, terms)


def refusal_of_lock(facts: BookingFacts, judgement: BookerJudgement, terms: Terms) -> Refusal | None:
    """Return the first reason against the lock (R11).

    The order is the limit of failed links, the invite link, the booker's other reasons, the target's reasons. Raises
    StaleRead if the days of booker and target contradict each other.
    """
    target, link = facts.target, facts.booker.link
    if judgement.stands_alone or target is None:
        return judgement.refusal
    if facts.request.invite:
        try:
            check_invite(link, facts.caller.member_id, target.relations.other, terms.now)
        except (InviteUnavailable, Suspended) as refusal:
            return refusal
    if judgement.refusal or judgement.existing:
        return judgement.refusal
    reused, theirs = judgement.conflicts.reused, _target_booking(facts, target)
    if theirs and _names(theirs, facts.caller.member_id) and not _shows_pair_of(reused, theirs):
        # The two were paired after the booker's day was read and before the target's was (R12, R14).
        raise StaleRead
    if not may_lock_booking(target.relations, reused, theirs, terms.now, terms.lock_cutoff, link=link):
        return NotAvailable()
    return None


def _confirmed(refusal: Refusal | None, facts: BookingFacts, terms: Terms) -> Refusal | None:
    """Return the refusal that the second look leads to.

    Raises StaleRead if the second look does not prove a moment at which the lock was impossible (R14).
    """
    target, second_look = facts.target, facts.second_look
    if not isinstance(refusal, NotAvailable) or target is None or second_look is None:
        return refusal
    _check_unchanged(_target_booking(facts, target), second_look.target)
    if facts.request.invite:
        try:
            # The lock that took the owner's booking may have spent the last use of the link (R28).
            check_invite(second_look.link, facts.caller.member_id, target.relations.other, terms.now)
        except (InviteUnavailable, Suspended) as unavailable:
            return unavailable
    return refusal


def _check_unchanged(before: Booking | None, after: Booking | None) -> None:
    """Raise StaleRead if the target's booking changed while the relations were read.

    If it did not change, the lock was impossible at the moment at which the relations were read (R14).
    """
    if before != after:
        raise StaleRead


def _lock(
    facts: BookingFacts, judgement: BookerJudgement, target: TargetFacts, terms: Terms
) -> Decision[BookingOutcome]:
    """Return the decision of a lock that is not refused, with its whole write set."""
    reused, theirs = judgement.conflicts.reused, _target_booking(facts, target)
    assert theirs  # noqa: S101 - a lock without a booking of the target is refused
    # A lock of its owner changes what a repeat made (R40).
    booking = replace(facts.request.applied_to(reused), repeat_id=None) if reused else new_booking(facts, terms)
    of_displaced = target.displaced_relations
    displaced_may_pair = of_displaced is not None and may_pair(of_displaced, booking.slot, target.days, terms.now)
    left_by = bookings_losing_partners(booking, theirs)
    displacement = Displacement(left_by, displaced_may_pair)
    editor = DayEditor(target.days, terms.operation, terms.now)
    booked = lock(editor, judgement.conflicts, booking, theirs, displacement, terms.pair_ids)
    link, relations = facts.booker.link, target.relations
    changes = WriteSet(
        days=editor.changes(),
        invite=InviteUse(link, link.used()) if link else None,
        versioned_limit=facts.booker.limit,
        unblocked=_unread_blocks(left_by, target.days, terms.now) if displaced_may_pair else (),
    )
    return Decision(BookingOutcome(booked, True, relations.other, relations.outgoing.favorite), changes)


def _unread_blocks(left_by: Sequence[Booking], days: Days, now: datetime) -> tuple[tuple[str, str], ...]:
    """Return the blocks between two displaced members that the reads can have missed (R1)."""
    one, other = (days[left.partner.member_id, left.slot.date] for left in left_by if left.partner)
    return unread_block(one, other.member_id, now) + unread_block(other, one.member_id, now)


def _target_booking(facts: BookingFacts, target: TargetFacts) -> Booking | None:
    request = facts.request
    return target.days.holding(request.lock_with, request.slot) if request.lock_with else None


def _existing_facts(facts: BookingFacts) -> ExistingFacts:
    """Return the facts of the booking that exists, which the target's facts include if there is an invite link."""
    if facts.target is None:
        assert facts.existing_facts  # noqa: S101 - read if the target is not
        return facts.existing_facts
    relations = facts.target.relations
    return ExistingFacts(facts.target.days, relations.other, relations.outgoing.favorite)


def _names(booking: Booking, member_id: str) -> bool:
    return booking.partner is not None and booking.partner.member_id == member_id


def _shows_pair_of(own: Booking | None, theirs: Booking) -> bool:
    """Return whether both bookings show the same pair in the same state.

    The id alone is not enough, because a lock of a matched pair keeps the pair's id.
    """
    if own is None or own.partner is None or theirs.partner is None:
        return False
    return (own.state, own.partner.pair_id) == (theirs.state, theirs.partner.pair_id)
