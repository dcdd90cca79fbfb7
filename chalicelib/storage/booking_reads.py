"""The reads of a booking, with one function for the booker and one plan for each kind of second read.

The order inside a function matters. Days are read before relations: a block writes the relation first and then bumps
the versions of the days, so a decision sees the block or its commit fails (R1). Only the days of waiting members, and
those of displaced ones, are read in parallel with their relations, and the commit then excludes a block that both reads
can have missed. The relations with a member whose waiting row was not read before are read again. Before a refusal the
target's day is read again, then the link, then the recorded response. Reads whose order does not matter run in
parallel. The booker's days and the target's day do: if the two contradict each other, the commit, the second look or
the judgement fails and reads again (R14).
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.decisions import queue_view
from chalicelib.domain.decisions.booking_facts import (
    BookerFacts,
    BookingFacts,
    ExistingFacts,
    SecondLook,
    TargetFacts,
    WaitingMemberFacts,
)
from chalicelib.domain.decisions.day_editor import partners_of
from chalicelib.domain.decisions.queue_rows import WaitingRow, row_of
from chalicelib.domain.decisions.queue_view import QueueView
from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.day import Days
from chalicelib.domain.model.errors import NotAvailable, Refusal
from chalicelib.domain.model.limits import VersionedLimit
from chalicelib.domain.model.member import PairRelations, Profile
from chalicelib.domain.model.slot import Slot
from chalicelib.storage import read_plan, reads
from chalicelib.storage.connection import Table
from chalicelib.storage.read_plan import Plan, Read

Fits = Callable[[Sequence[PairRelations], Days], bool]


class WaitingMembers(Struct, frozen=True):
    """The days of the booker and of waiting members, and the booker's relations with each, if one of them fits.

    `account` is the booker's own, read with the relations of members that do not fit.
    """

    days: Days
    relations: Sequence[PairRelations] = ()
    account: Profile | None = None


class Shards(Struct, frozen=True):
    """The number of queue shards that the process remembers, and a random choice among a number of shards.

    `drawn` is the queue shard whose first page is read before the plan.
    """

    known: int
    draw: Callable[[int], int]
    drawn: int | None = None


# The recorded response, the invite link and the versioned limit of failed links, beside the booker's days.
_NAMED_ITEMS = 3


def booker_facts(
    table: Table,
    member_id: str,
    first: date,
    last: date,
    *,
    invite: str | None = None,
    key: str | None = None,
    failed_links: VersionedLimit | None = None,
) -> BookerFacts:
    """Read the booker's days from `first` to `last` and all later ones, and the items that the request names.

    `failed_links` is the versioned limit of failed invite links at version 0. The read takes one query and, in
    parallel, one get for each of `invite`, `key` and `failed_links`.
    """
    if not (invite or key or failed_links):
        days, has_limit = reads.days_and_limit(table, member_id, first, last)
        return BookerFacts(days, has_limit)
    with table.parallel(_NAMED_ITEMS) as threads:
        recorded = threads.submit(reads.recorded_response, table, member_id, key) if key else None
        counted = threads.submit(reads.versioned_limit, table, failed_links) if failed_links else None
        link = threads.submit(reads.invite, table, invite) if invite else None
        days, has_limit = reads.days_and_limit(table, member_id, first, last)
    return BookerFacts(
        days,
        has_limit,
        link=link.result() if link else None,
        failed_links=counted.result() if counted else None,
        recorded=recorded.result() if recorded else None,
    )


def target_facts(
    facts: BookingFacts, replaced: Sequence[Booking], refusal_of: Callable[[BookingFacts], Refusal | None]
) -> Plan[BookingFacts]:
    """Read the target's day for a lock, then the relations of booker and target.

    `refusal_of` judges these. With them the days of the booker's own partners and of the target's random partner are
    read, and the relations of two random partners (R12). Without a random partner of the target, its own day is read
    once more, and its own relations with the booker's random partner. They are not used, so that the cost is the same
    for every reason of a refusal (R11). A refusal needs a second look, with the same requests for every reason of the
    target.
    """
    request, me, own_days = facts.request, facts.caller.member_id, facts.booker.days
    target, slot = request.lock_with or me, request.slot
    days = own_days | (yield from read_plan.days([(target, slot.date)]))
    own = own_days.holding(me, slot)
    theirs = days.holding(target, slot)
    partners = set(partners_of([*replaced, *([own] if own else [])])) - {(target, slot.date)}
    own_partner, their_partner = _random_partner(own, target), _random_partner(theirs, me)
    last = {(their_partner or target, slot.date)}
    relations, read, of_displaced = yield from read_plan.pair_relations_and_days(
        (me, target),
        partners | last if their_partner else partners,
        unused=() if their_partner else last,
        beside=(own_partner, their_partner or target) if own_partner else None,
    )
    found = TargetFacts(days | read, relations, of_displaced if their_partner else None)
    facts = replace(facts, target=found)
    refusal = refusal_of(facts)
    return (yield from with_second_look(facts, refusal)) if refusal else facts


def _random_partner(booking: Booking | None, other: str) -> str | None:
    """Return the random partner of a booking, None if it is the other member of a lock."""
    partner = booking.partner if booking and booking.state is State.MATCHED else None
    return partner.member_id if partner and partner.member_id != other else None


def with_second_look(facts: BookingFacts, refusal: Refusal | None = None) -> Plan[BookingFacts]:
    """Read again, in a fixed order, the items on which a refusal or an answer without a write rests.

    If the target is not available, the target's day and then the invite link are read. With an idempotency key the
    recorded response is read last, since a concurrent request with the same key may have caused the answer.
    """
    request, theirs, link, recorded = facts.request, None, None, None
    if isinstance(refusal, NotAvailable) and request.lock_with:
        days = yield from read_plan.days_again([(request.lock_with, request.slot.date)])
        theirs = days.holding(request.lock_with, request.slot)
        if request.invite:
            link = yield from read_plan.invite(request.invite)
    if facts.key:
        recorded = yield from read_plan.recorded_response(facts.caller.member_id, facts.key)
    return replace(facts, second_look=SecondLook(theirs, link, recorded))


def waiting_member_facts(
    facts: BookingFacts,
    booking: Booking,
    replaced: Sequence[Booking],
    fits: Fits | None,
    shards: Shards,
    *,
    admitted: Profile | None = None,
) -> Plan[BookingFacts]:
    """Read the queue for a random booking, then candidates page by page until one fits.

    Without `fits` the booking only waits. If no candidate fits, the booker's account is read with the days of replaced
    partners. `admitted` is that account, read beside the booker's days. It serves for a booking that creates
    its day, which looks at the account again after its commit (R33, R47).
    """
    queue = yield from _queue_view(booking.slot, shards)
    found = WaitingMembers(facts.booker.days)
    if fits:
        found = yield from waiting_members(booking, facts.booker.days, queue.pages, fits)
    is_new_day = facts.booker.days[booking.member_id, booking.slot.date].version == 0
    account, partners = found.account or (admitted if is_new_day else None), set(partners_of(list(replaced)))
    if found.relations or account:
        days = yield from read_plan.days(partners)
    else:
        account, days = yield from read_plan.profile_and_days(booking.member_id, partners)
    read = WaitingMemberFacts(
        found.days | days,
        queue,
        found.relations,
        contended=fits is None,
        account=None if found.relations else account,
    )
    return replace(facts, waiting_members=read)


def waiting_members(
    booking: Booking, own_days: Days, pages: Iterable[Sequence[WaitingRow]], fits: Fits
) -> Plan[WaitingMembers]:
    """Read the days and the relations of a page of waiting members, and of further pages until one fits.

    A partner asked for by name is read with the first page, in any queue shard (R10).
    """
    me, named = booking.member_id, booking.preference.named
    first = [named] if named and named != me else []
    account = None
    for page in pages:
        others = [*first, *(row.member_id for row in page if row.member_id not in (me, named))]
        first = []
        found = WaitingMembers(own_days)
        if others:
            days, relations = yield from _days_and_relations(booking, others, page)
            found = WaitingMembers(own_days | days, relations)
        if fits(found.relations, found.days):
            return found
        account = found.relations[0].member if found.relations else account
    return WaitingMembers(own_days, account=account)


def _days_and_relations(
    booking: Booking, others: Sequence[str], page: Sequence[WaitingRow]
) -> Plan[tuple[Days, Sequence[PairRelations]]]:
    """Read days and relations in parallel, then again the relations with each member who may have booked in between.

    Such a member has no row in the `page`, which was read before. The booking sees what its owner set before it (R32).
    After the start every relation is read again: a suspension changes no booking that has begun (R47).
    """
    pairs = {other: (booking.member_id, other) for other in others}
    keys = [(other, booking.slot.date) for other in others]
    days, found = yield from read_plan.days_beside_relations(keys, pairs.values())
    relations, waited = dict(zip(others, found, strict=True)), frozenset(page)
    waiting = (row_of(held) for other in others if (held := days.holding(other, booking.slot)))
    late = [
        row.member_id for row in waiting if isinstance(row, WaitingRow) and (booking.seeks_again or row not in waited)
    ]
    if late:
        again = yield from read_plan.pairs_relations([pairs[other] for other in late])
        relations |= zip(late, again, strict=True)
    return days, list(relations.values())


def queue_read(slot: Slot, shards: Shards) -> Read:
    """Return the first read of a random booking, of the queue shard that is drawn already."""
    return read_plan.waiting_read(slot, shards.drawn or 0, queue_view.PAGE)


def _queue_view(slot: Slot, shards: Shards) -> Plan[QueueView]:
    """Read one queue shard of the slot.

    It takes one query, one more if the remembered number of shards is wrong, and one if a page is full. The reads are
    eventually consistent, at half the price. Candidates are read again before a decision, and the stream's worker finds
    a member who was missed.
    """
    found = yield from _shard_view(slot, draw(shards) if shards.drawn is None else shards.drawn)
    if found.queue_shards != shards.known:
        # More shards were opened, or the process remembers another table; the first shard always exists.
        found = yield from _shard_view(slot, draw(replace(shards, known=found.queue_shards)))
    return found


def draw(shards: Shards) -> int:
    """Return one of the queue shards, the only one without a random choice."""
    return shards.draw(shards.known) if shards.known > 1 else 0


def _shard_view(slot: Slot, queue_shard: int) -> Plan[QueueView]:
    page = yield from read_plan.waiting_in(slot, queue_shard, queue_view.PAGE)
    latest: Sequence[WaitingRow] = ()
    if len(page.rows) >= queue_view.PAGE:
        latest = yield from read_plan.last_waiting_in(slot, queue_shard, queue_view.PAGE)
    return QueueView(queue_shard, page.queue_shards, page.rows, latest)


def existing_facts(facts: BookingFacts, booking: Booking, *, changes: bool) -> Plan[BookingFacts]:
    """Read the partner of a booking that exists already, for display.

    The partner's day is read if the booking changes. If it does not, nothing is written, so the recorded response to
    the idempotency key is read again: a concurrent request with the same key may have made the booking.
    """
    found = ExistingFacts(days=(yield from read_plan.days(partners_of([booking]) if changes else ())))
    if booking.partner:
        partner, said = yield from read_plan.profile_and_relation(booking.member_id, booking.partner.member_id)
        found = replace(found, partner=partner, is_favorite=said.favorite)
    facts = replace(facts, existing_facts=found)
    return facts if changes else (yield from with_second_look(facts))


def replay_facts(facts: BookingFacts, booking: Booking) -> Plan[BookingFacts]:
    """Read the account of the partner in a recorded response (R33)."""
    partner = (yield from read_plan.profile(booking.partner.member_id)) if booking.partner else None
    return replace(facts, existing_facts=ExistingFacts(partner=partner))
