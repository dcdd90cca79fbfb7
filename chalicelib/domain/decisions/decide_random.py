"""Decide a booking for a random partner (R3, R10, R16, R20, R33, R36)."""

from random import Random

from msgspec.structs import replace

from chalicelib.domain.decisions.booker_judgement import judge_booker, keep_booking, new_booking
from chalicelib.domain.decisions.booking_facts import (
    BookingFacts,
    BookingOutcome,
    Terms,
    check_account,
    check_still_unanswered,
)
from chalicelib.domain.decisions.booking_rules import book
from chalicelib.domain.decisions.day_editor import DayEditor
from chalicelib.domain.decisions.partner_choice import choose_partner, unread_block
from chalicelib.domain.decisions.write_set import Decision, WriteSet


def decide_random(facts: BookingFacts, terms: Terms, rng: Random) -> Decision[BookingOutcome]:
    """Pair the booking with the best candidate, or let it wait (R20).

    `rng` breaks ties. Raises InvalidRequest, TooLate, TimeConflict, RateLimited (R36), Busy, Unauthenticated and
    StaleRead.
    """
    judgement = judge_booker(facts, terms)
    if judgement.refusal:
        check_still_unanswered(facts)
        raise judgement.refusal
    if judgement.existing:
        assert facts.existing_facts  # noqa: S101 - read for a booking that exists
        return keep_booking(facts, judgement, facts.existing_facts, terms)
    found = facts.waiting_members
    assert found  # noqa: S101 - read for every other booking
    booking = replace(new_booking(facts, terms), queue_shard=found.queue.queue_shard)
    partner = choose_partner(booking, found.relations, found.days, terms.now, rng)
    if partner is None:
        check_account(found.account)
    partners_day = found.days[partner.member_id, booking.slot.date] if partner else None
    editor = DayEditor(found.days, terms.operation, terms.now)
    booked = book(editor, judgement.conflicts, booking, partner, terms.pair_ids[0])
    opened = found.queue.opened(booking.slot, terms.now, contended=found.contended)
    changes = WriteSet(
        days=editor.changes(),
        queue_shards=(opened,) if opened else (),
        versioned_limit=facts.booker.limit,
        unblocked=unread_block(partners_day, booking.member_id, terms.now) if partners_day else (),
    )
    for relations in found.relations:
        if partner and relations.other and relations.other.member_id == partner.member_id:
            return Decision(BookingOutcome(booked, True, relations.other, relations.outgoing.favorite), changes)
    return Decision(BookingOutcome(booked, True), changes)
