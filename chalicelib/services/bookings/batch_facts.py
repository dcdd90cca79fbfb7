"""Gather the facts of a batch of bookings of one member, in as few requests as those of one booking where possible.

The items that the batch names are read first, then the booker's days, then everything else by plans that share their
requests. A request that depends on an earlier one of the batch waits until that one is committed.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.decisions.booking_facts import BookerFacts, BookingFacts, Terms
from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.decisions.day_editor import StaleRead
from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.day import RECENT_MEETINGS_WINDOW, Day, Days
from chalicelib.domain.model.ids import lookup_id
from chalicelib.domain.model.limits import VersionedLimit, is_far_below
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.slot import dates_ahead
from chalicelib.services.bookings.bookings_limit import is_in_force, open_limit
from chalicelib.services.bookings.facts import may_book, second_reads
from chalicelib.services.bookings.sessions import with_titles
from chalicelib.services.context import Context
from chalicelib.storage import batch_reads, reads
from chalicelib.storage.batch_reads import NamedItems
from chalicelib.storage.read_plan import read_together
from chalicelib.storage.reads import DaysAndLimit


class WantedFacts(Struct, frozen=True):
    """A request of a batch. A `contended` one searches no partner."""

    request: BookingRequest
    key: str | None
    terms: Terms
    contended: bool


class Waits(Struct, frozen=True):
    """The mark of a request that waits for an earlier one of the batch."""


class BatchFacts(Struct, frozen=True):
    """The facts of each request in order, StaleRead or Waits in the place of some.

    `batches` is the versioned limit of batches, read before the days if several requests have one date. `titled` are
    the booker's bookings of the requested slots with long titles that their days do not hold.
    """

    facts: Sequence[BookingFacts | StaleRead | Waits]
    batches: VersionedLimit | None
    titled: Sequence[Booking]


def gather_batch(context: Context, caller: Profile, wanted: Sequence[WantedFacts], now: datetime) -> BatchFacts:
    """Read everything on which the bookings are decided. Near the limit the versioned limit is committed first (R36).

    Raises Busy or TableRequestFailed.
    """
    several = max(Counter(one.request.slot.date for one in wanted).values()) > 1
    keys = [one.key for one in wanted if one.key]
    named = batch_reads.named_items(context.table, caller.member_id, keys, with_batches=several)
    own = _own_days(context, caller.member_id, wanted, now)
    facts = [_booker_facts(caller, one, named, own) for one in wanted]
    limited = _with_limit(context, facts, wanted, now)
    ready = _ready(limited, wanted)
    plans = {
        place: second_reads(context, found, wanted[place].terms, contended=wanted[place].contended)
        for place, found in enumerate(ready)
        if isinstance(found, BookingFacts)
    }
    read = dict(zip(plans, read_together(context.table, list(plans.values()), limited[0].booker.days), strict=True))
    found = [read.get(place, waits) for place, waits in enumerate(ready)]
    return BatchFacts(found, named.batches, _titled(context, limited))


def depends(request: BookingRequest, earlier: Sequence[BookingRequest], *, limited: bool) -> bool:
    """Return whether a request depends on earlier ones of the batch that are not decided yet.

    It does if the slots overlap, if an earlier one may cancel further bookings, and if the limit of bookings is near.
    """
    if limited:
        return bool(earlier)
    return any(other.replace or other.slot.overlaps(request.slot) for other in earlier)


def _own_days(context: Context, member_id: str, wanted: Sequence[WantedFacts], now: datetime) -> DaysAndLimit:
    """Read the booker's days around every slot and those of all dates ahead, in one query.

    A slot on any other date is refused. Its days count as empty.
    """
    ahead = dates_ahead(now)
    first, last = ahead[0] - RECENT_MEETINGS_WINDOW, ahead[-1] + timedelta(days=1)
    found, has_limit = reads.days_and_limit(context.table, member_id, first, last)
    around = {on for one in wanted for on in one.request.slot.neighbourhood}
    return DaysAndLimit(Days(Day(member_id, on) for on in around) | found, has_limit)


def _booker_facts(caller: Profile, wanted: WantedFacts, named: NamedItems, own: DaysAndLimit) -> BookingFacts:
    """Return the booker's facts. A limit that was opened after the first read is found with the days."""
    request = wanted.request
    if request.lock_with is not None:
        request = replace(request, lock_with=lookup_id(request.lock_with, caller.member_id))
    limit = named.bookings if is_in_force(named.bookings) else None
    recorded = named.recorded.get(wanted.key) if wanted.key else None
    booker = BookerFacts(own.days, own.has_limit, limit=limit, recorded=recorded)
    return BookingFacts(caller, request, booker, wanted.key)


def _with_limit(
    context: Context,
    facts: Sequence[BookingFacts],
    wanted: Sequence[WantedFacts],
    now: datetime,
) -> list[BookingFacts]:
    """Return the facts with the versioned limit in force, or unchanged far from the limit (R36).

    The days are read again after the version, so that the commit fails if a booking has passed the limit since.
    """
    booker = facts[0].booker
    far = not booker.has_limit and is_far_below(wanted[0].terms.limits.bookings, booker.days, now)
    if far or booker.limit or not any(map(_may_book, facts, wanted)):
        return list(facts)
    member_id = facts[0].caller.member_id
    limit = open_limit(context, member_id)
    days = _own_days(context, member_id, wanted, now).days
    return [replace(one, booker=replace(one.booker, limit=limit, days=days)) for one in facts]


def _may_book(facts: BookingFacts, wanted: WantedFacts) -> bool:
    try:
        return may_book(facts, wanted.terms)
    except StaleRead:
        return True


def _ready(facts: Sequence[BookingFacts], wanted: Sequence[WantedFacts]) -> list[BookingFacts | Waits]:
    """Return the facts of the requests that depend on no earlier booking of the batch, in the order of the batch."""
    earlier: list[BookingRequest] = []
    waiting: list[BookingRequest] = []
    ready: list[BookingFacts | Waits] = []
    for found, one in zip(facts, wanted, strict=True):
        overlaps = any(other.slot.overlaps(one.request.slot) for other in earlier)
        waits = depends(one.request, waiting, limited=found.booker.limit is not None)
        # The judgement comes last: it compares the slot with every session ahead.
        books = not waits and _may_book(found, one)
        if waits or (overlaps and books):
            waiting.append(one.request)
            ready.append(Waits())
            continue
        ready.append(found)
        if books:
            earlier.append(one.request)
    return ready


def _titled(context: Context, facts: Sequence[BookingFacts]) -> Sequence[Booking]:
    held = (one.booker.days.holding(one.caller.member_id, one.request.slot) for one in facts)
    unread = [booking for booking in held if booking and booking.long_title and booking.title is None]
    return with_titles(context, unread)
