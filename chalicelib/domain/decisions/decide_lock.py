"""Decide a lock with a chosen member or the owner of an invite link (R5 to R8, R11 to R16, R22, R24 to R29, R36)."""

from chalicelib.domain.decisions.booker_judgement import BookerJudgement, judge_booker, keep_booking, new_booking
from chalicelib.domain.decisions.booking_facts import (
    BookingFacts,
    BookingOutcome,
    HeldFacts,
    TargetFacts,
    Terms,
    check_still_unanswered,
)
from chalicelib.domain.decisions.booking_rules import Displacement, lock, may_lock_booking, partnered_with_others
from chalicelib.domain.decisions.day_editor import DayEditor, StaleRead
from chalicelib.domain.decisions.invite_rules import check_invite
from chalicelib.domain.decisions.partner_choice import may_pair
from chalicelib.domain.decisions.write_set import Decision, InviteUse, RecordedRefusal, WriteSet
from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.errors import InviteUnavailable, NotAvailable, Refusal


def decide_lock(facts: BookingFacts, terms: Terms) -> Decision[BookingOutcome] | RecordedRefusal:
    """Lock the booker's booking in with the target's, or keep the lock that exists.

    Returns a recorded InviteUnavailable if the link cannot be used (R28, R36). Raises the booker's own refusals first,
    then NotAvailable (R11), Unauthenticated and StaleRead.
    """
    own = judge_booker(facts, terms)
    refusal = _confirmed(refusal_of_lock(facts, own, terms), facts, terms)
    if refusal:
        check_still_unanswered(facts)
        if isinstance(refusal, InviteUnavailable):
            return RecordedRefusal(refusal, WriteSet(versioned_limit=facts.booker.failed_links))
        raise refusal
    if own.existing:
        return keep_booking(facts, own, _held_facts(facts), terms)
    target = facts.target
    assert target  # noqa: S101 - read for every lock that is not refused
    return _lock(facts, own, target, terms)


def refusal_of_lock(facts: BookingFacts, own: BookerJudgement, terms: Terms) -> Refusal | None:
    """Return the first reason against the lock (R11).

    The order is the limit of failed links, the invite link, the booker's other reasons, the target's reasons. Raises
    StaleRead if the days of booker and target contradict each other.
    """
    target, link = facts.target, facts.booker.link
    if own.complete or target is None:
        return own.refusal
    if facts.request.invite:
        try:
            check_invite(link, target.relations, terms.now)
        except InviteUnavailable as refusal:
            return refusal
    if own.refusal or own.existing:
        return own.refusal
    held, theirs = own.conflicts.held, _target_booking(facts, target)
    if theirs and _names(theirs, facts.caller.member_id) and not _shows_pair_of(held, theirs):
        # The two were paired after the booker's day was read and before the target's was (R12, R14).
        raise StaleRead
    if not may_lock_booking(target.relations, held, theirs, terms.now, terms.final, link=link):
        return NotAvailable()
    return None


def _confirmed(refusal: Refusal | None, facts: BookingFacts, terms: Terms) -> Refusal | None:
    """Return the refusal as the second look leaves it. Raises StaleRead if there was no moment for it (R14)."""
    target, second_look = facts.target, facts.second_look
    if not isinstance(refusal, NotAvailable) or target is None or second_look is None:
        return refusal
    _check_still_held(_target_booking(facts, target), second_look.target)
    if facts.request.invite:
        try:
            # The lock that took the owner's booking may have spent the last use of the link (R28).
            check_invite(second_look.link, target.relations, terms.now)
        except InviteUnavailable as unavailable:
            return unavailable
    return refusal


def _check_still_held(before: Booking | None, after: Booking | None) -> None:
    """Raise StaleRead if the target's booking changed while the relations were read.

    Otherwise booker and target were not locked in with each other when the relations forbade it (R14).
    """
    if before != after:
        raise StaleRead


def _lock(facts: BookingFacts, own: BookerJudgement, target: TargetFacts, terms: Terms) -> Decision[BookingOutcome]:
    held, theirs = own.conflicts.held, _target_booking(facts, target)
    assert theirs  # noqa: S101 - a lock without a booking of the target is refused
    booking = facts.request.applied_to(held) if held else new_booking(facts, terms)
    may_have_each_other = target.displaced is not None and may_pair(
        target.displaced, booking.slot, target.days, terms.now
    )
    displaced = Displacement(partnered_with_others(booking, theirs), may_have_each_other)
    editor = DayEditor(target.days, terms.operation, terms.now)
    booked = lock(editor, own.conflicts, booking, theirs, displaced, terms.pair_ids)
    link, relations = facts.booker.link, target.relations
    changes = WriteSet(
        days=editor.changes(),
        invite=InviteUse(link, link.used()) if link else None,
        versioned_limit=facts.booker.limit,
    )
    return Decision(BookingOutcome(booked, True, relations.other, relations.outgoing.favorite), changes)


def _target_booking(facts: BookingFacts, target: TargetFacts) -> Booking | None:
    request = facts.request
    return target.days.holding(request.lock_with, request.slot) if request.lock_with else None


def _held_facts(facts: BookingFacts) -> HeldFacts:
    """Return the facts of the booking that exists, which the target's facts include if there is an invite link."""
    if facts.target is None:
        assert facts.held  # noqa: S101 - read if the target is not
        return facts.held
    relations = facts.target.relations
    return HeldFacts(facts.target.days, relations.other, relations.outgoing.favorite, relations.member)


def _names(held: Booking, member_id: str) -> bool:
    return held.partner is not None and held.partner.member_id == member_id


def _shows_pair_of(held: Booking | None, theirs: Booking) -> bool:
    """Return whether both bookings show one pair in one state, since a lock of a matched pair keeps the pair's id."""
    if held is None or held.partner is None or theirs.partner is None:
        return False
    return (held.state, held.partner.pair_id) == (theirs.state, theirs.partner.pair_id)
