"""Gather the facts of a booking in two rounds of reads, the booker's first and then the partner's.

The first round also has the queue of a random booking, or the target's day of a lock.
"""

from datetime import date, datetime

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.decisions.booker_judgement import BookerJudgement, judge_booker, new_booking
from chalicelib.domain.decisions.booking_facts import BookerFacts, BookingFacts, Terms
from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.decisions.decide_lock import refusal_of_lock
from chalicelib.domain.decisions.partner_choice import fitting
from chalicelib.domain.model.day import RECENT_MEETINGS_WINDOW
from chalicelib.domain.model.ids import decoy_member_id, lookup_id
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.limits import is_far_below, versioned_limit_of_failed_links
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.slot import Slot, dates_ahead
from chalicelib.services.begun_reads import Begun
from chalicelib.services.bookings.bookings_limit import open_limit
from chalicelib.services.context import Context
from chalicelib.storage import booking_reads, read_plan, reads
from chalicelib.storage.booking_reads import Shards
from chalicelib.storage.read_plan import BegunRead, Plan, read_alone, read_beside

# The process remembers the numbers of queue shards of at most 1,000 popular slots. A booking then draws a shard without
# a read of the first one. Shards are never closed, so a remembered number of the same table is at worst too small.
MOST_REMEMBERED = 1000


class FirstReads(Struct, frozen=True):
    """The booker's facts of one date, with the read of others that began beside them.

    A random booking begins with the first page of the queue, and a lock with the target's day. `shards` are those of
    the queue at that instant.
    """

    on: date
    booker: BookerFacts
    begun: BegunRead | None = None
    shards: Shards | None = None


def first_reads(
    context: Context, member_id: str, request: BookingRequest, key: str | None, now: datetime
) -> FirstReads:
    """Read everything that needs only the booker's id and the request, in one round trip."""

    def read_booker() -> BookerFacts:
        return _booker_facts(context, member_id, request, key, now)

    if request.invite:
        return FirstReads(now.date(), read_booker())
    if request.lock_with is not None:
        target = (lookup_id(request.lock_with, member_id), request.slot.date)
        begun, booker = read_beside(context.table, read_plan.days_read([target]), read_booker)
        return FirstReads(now.date(), booker, begun)
    shards = _shards(context, request.slot)
    shards = replace(shards, drawn=booking_reads.draw(shards))
    begun, booker = read_beside(context.table, booking_reads.queue_read(request.slot, shards), read_booker)
    return FirstReads(now.date(), booker, begun, shards)


def gather(
    context: Context,
    caller: Profile,
    request: BookingRequest,
    key: str | None,
    terms: Terms,
    *,
    contended: bool,
    begun: Begun[FirstReads] | None = None,
) -> BookingFacts:
    """Read everything on which the booking is decided.

    A `contended` booking searches no partner. Near the limit of bookings the versioned limit is committed first (R36).
    `begun` are the first reads, which are made again if the date has changed. Raises StaleRead.
    """
    first = begun() if begun else None
    if first is None or first.on != terms.now.date():
        first = first_reads(context, caller.member_id, request, key, terms.now)
    booker = first.booker
    request = replace(request, lock_with=_lookup_id(request, booker.link, caller.member_id))
    facts = BookingFacts(caller, request, booker, key)
    if may_book(facts, terms):
        facts = replace(facts, booker=_with_limit(context, facts, terms))
    admitted = caller if begun else None
    plan = second_reads(context, facts, terms, contended=contended, shards=first.shards, admitted=admitted)
    return read_alone(context.table, plan, first.begun)


def may_book(facts: BookingFacts, terms: Terms) -> bool:
    """Return whether the request may make a booking, by the booker's facts. Such a booking must count for the limit."""
    if is_replayed(facts, terms):
        return False
    judgement = judge_booker(facts, terms)
    return not (judgement.stands_alone and (judgement.existing or judgement.refusal))


def is_replayed(facts: BookingFacts, terms: Terms) -> bool:
    """Return whether the request's idempotency key has a recorded response that has not expired."""
    return facts.booker.recorded is not None and terms.now < facts.booker.recorded.expires


def second_reads(
    context: Context,
    facts: BookingFacts,
    terms: Terms,
    *,
    contended: bool,
    shards: Shards | None = None,
    admitted: Profile | None = None,
) -> Plan[BookingFacts]:
    """Read everything that follows from the booker's facts. Raises StaleRead.

    `admitted` is the booker's account if it was read beside the first reads.
    """
    recorded, request = facts.booker.recorded, facts.request
    if recorded and is_replayed(facts, terms):
        return (yield from booking_reads.replay_facts(facts, recorded.booking))
    judgement = judge_booker(facts, terms)
    if judgement.existing and judgement.stands_alone:
        kept = judgement.existing if judgement.made else request.applied_to(judgement.existing)
        return (yield from booking_reads.existing_facts(facts, kept, changes=kept != judgement.existing))
    if judgement.refusal and judgement.stands_alone:
        return (yield from booking_reads.with_second_look(facts, judgement.refusal))
    if request.lock_with:
        facts = yield from booking_reads.target_facts(
            facts, judgement.conflicts.replaced, lambda found: refusal_of_lock(found, judgement, terms)
        )
        if judgement.existing and not facts.second_look:
            # The invite link can be used, so the booking that exists already is the answer.
            return (yield from booking_reads.with_second_look(facts))
        return facts
    return (
        yield from _waiting_member_facts(
            context,
            facts,
            judgement,
            terms,
            contended=contended,
            shards=shards or _shards(context, request.slot),
            admitted=admitted,
        )
    )


def _booker_facts(
    context: Context, member_id: str, request: BookingRequest, key: str | None, now: datetime
) -> BookerFacts:
    """Read the booker's facts without the versioned limit."""
    failed_links = versioned_limit_of_failed_links(member_id, now) if request.invite else None
    dates = _dates(request, now)
    return booking_reads.booker_facts(
        context.table, member_id, *dates, invite=request.invite, key=key, failed_links=failed_links
    )


def _with_limit(context: Context, facts: BookingFacts, terms: Terms) -> BookerFacts:
    """Return the booker's facts with the versioned limit in force, or unchanged far from the limit (R36).

    The days are read again after the version, so that the commit fails if a booking has passed the limit since.
    """
    booker, member_id = facts.booker, facts.caller.member_id
    if not booker.has_limit and is_far_below(terms.limits.bookings, booker.days, terms.now):
        return booker
    limit = open_limit(context, member_id)
    days = reads.days_and_limit(context.table, member_id, *_dates(facts.request, terms.now)).days
    return replace(booker, limit=limit, days=days)


def _dates(request: BookingRequest, now: datetime) -> tuple[date, date]:
    """Return the first and last date to read of the booker, around the slot and up to all dates ahead (R36)."""
    slot, ahead = request.slot, dates_ahead(now)
    first, last = slot.neighbourhood[0], slot.neighbourhood[-1]
    if request.lock_with is None and request.invite is None:
        # The days before show the partners of the last 7 days (R20).
        first = slot.date - RECENT_MEETINGS_WINDOW
    if slot.date in ahead:
        # A slot on any other date is refused.
        first, last = min(first, ahead[0]), max(last, ahead[-1])
    return first, last


def _lookup_id(request: BookingRequest, link: InviteLink | None, caller: str) -> str | None:
    """Return the member id to look up for a lock, a decoy for an invalid id or link, at the same cost (R11, R28)."""
    if request.invite:
        return lookup_id(link.owner_id, caller) if link else decoy_member_id(request.invite)
    return None if request.lock_with is None else lookup_id(request.lock_with, caller)


def _shards(context: Context, slot: Slot) -> Shards:
    return Shards(context.queue_shards.get(slot, 1), context.rng.randrange)


def _waiting_member_facts(
    context: Context,
    facts: BookingFacts,
    judgement: BookerJudgement,
    terms: Terms,
    *,
    contended: bool,
    shards: Shards,
    admitted: Profile | None,
) -> Plan[BookingFacts]:
    """Read the queue and the candidates, and remember the number of queue shards."""
    booking, slot = new_booking(facts, terms), facts.request.slot
    read = yield from booking_reads.waiting_member_facts(
        facts,
        booking,
        judgement.conflicts.replaced,
        None if contended else lambda relations, days: any(fitting(booking, relations, days, terms.now)),
        shards,
        admitted=admitted,
    )
    if read.waiting_members and read.waiting_members.queue.queue_shards != shards.known:
        if len(context.queue_shards) >= MOST_REMEMBERED:
            context.queue_shards.clear()
        context.queue_shards[slot] = read.waiting_members.queue.queue_shards
    return read
