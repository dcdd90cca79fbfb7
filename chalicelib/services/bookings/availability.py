"""Show which bookings of other members can be locked, in three views with one judgement (R8 to R11).

Every view asks `lockable_now`, the judgement of the lock itself. The views of many members read eventually consistent,
since a lock reads again.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime

from msgspec import Struct

from chalicelib.domain.decisions.booking_rules import lockable_now
from chalicelib.domain.decisions.demand_view import Waiting, demands
from chalicelib.domain.decisions.eligibility import AVAILABLE_AHEAD, may_see_hours
from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.day import Day, Days
from chalicelib.domain.model.demand import Demand
from chalicelib.domain.model.ids import lookup_id
from chalicelib.domain.model.member import PairRelations, Profile, Relation
from chalicelib.domain.model.slot import ONE_DAY, Slot
from chalicelib.services.begun_reads import Begun
from chalicelib.services.bookings.demand import judged_members, waiting_ahead
from chalicelib.services.bookings.sessions import SessionView, views
from chalicelib.services.context import Context
from chalicelib.storage import availability_reads, reads


class PartnerView(Struct, frozen=True):
    """A member with a booking in a slot, who is locked in with the caller, can be locked, or neither."""

    member_id: str
    profile: Profile | None
    locked: bool
    lockable: bool


class SlotView(Struct, frozen=True):
    """A slot with the caller's own session in it, the other members that the caller may see there, and its demand."""

    slot: Slot
    partners: tuple[PartnerView, ...]
    session: SessionView | None = None
    waiting: Demand = Demand.NONE


class AvailabilityReads(Struct, frozen=True):
    """The caller's days around the next two weeks, and the other member's days in them, at one instant."""

    now: datetime
    target: str
    own: Days
    theirs: list[Day]


class FavoritesReads(Struct, frozen=True):
    """The caller's relations to favorites, and the caller's days around the next two weeks, at one instant."""

    now: datetime
    favorites: Mapping[str, Relation]
    own: Days


class CalendarReads(Struct, frozen=True):
    """The caller's relations, the caller's days around the range, and the members who wait in it, at one instant."""

    now: datetime
    outgoing: Mapping[str, Relation]
    own: Days
    waiting: Waiting


def read_availability(context: Context, caller: str, other: str) -> AvailabilityReads:
    """Read the days of the caller and of another member, in one round trip."""
    now = context.clock()
    first, last = _next_two_weeks(now)
    target = lookup_id(other, caller)
    with context.table.parallel(1) as threads:
        own = threads.submit(reads.days_of, context.table, caller, first - ONE_DAY, last + ONE_DAY)
        theirs = list(reads.days_between(context.table, target, first, last))
        return AvailabilityReads(now, target, own.result(), theirs)


def member_availability(
    context: Context, caller: str, other: str, begun: Begun[AvailabilityReads] | None = None
) -> list[SlotView]:
    """Return the slots in which the caller can lock or has locked another member, by start (R8, R11).

    The list is empty if the caller may see nothing, after the same reads for every reason. `begun` is the first of
    them.
    """
    read = begun() if begun else read_availability(context, caller, other)
    # Read after the days of both (R1).
    pair_relations = reads.pair_relations(context.table, caller, read.target)
    return _by_slot(_available(_seen(context, pair_relations, read.own, read.theirs, read.now)))


def read_favorites(context: Context, caller: str) -> FavoritesReads:
    """Read the caller's favorites and days in one round trip."""
    now = context.clock()
    with context.table.parallel(1) as threads:
        own = threads.submit(_own_days, context, caller, *_next_two_weeks(now))
        return FavoritesReads(now, reads.favorites_of(context.table, caller), own.result())


def favorites_availability(
    context: Context, caller: Profile, begun: Begun[FavoritesReads] | None = None
) -> list[SlotView]:
    """Return the slots of the next two weeks where the caller can lock or has locked favorites, by start (R9, R11).

    `begun` is the first read.
    """
    read = begun() if begun else read_favorites(context, caller.member_id)
    seen = _favorites(context, caller, read.favorites, read.own, _next_two_weeks(read.now), read.now)
    return _by_slot(_available(seen))


def read_calendar(context: Context, caller: str, start: datetime, end: datetime) -> CalendarReads:
    """Read the caller's relations and days, and the members who wait, in one round trip for most ranges."""
    now = context.clock()
    with context.table.parallel(2) as threads:
        waiting = threads.submit(waiting_ahead, context, start, end, now)
        own = threads.submit(_own_days, context, caller, (start - ONE_DAY).date(), end.date())
        outgoing = dict(reads.relations(context.table, caller, consistent=False))
        return CalendarReads(now, outgoing, own.result(), waiting.result())


def calendar(
    context: Context,
    caller: Profile,
    start: datetime,
    end: datetime,
    minutes: int | None,
    begun: Begun[CalendarReads] | None = None,
) -> list[SlotView]:
    """Return the caller's own sessions, the partner panel and the demand from `start` to `end` (R9, R10, R46).

    The panel lists every favorite with a booking ahead in the next two weeks, unless it is locked in with a third
    member or its hours are hidden from the caller. `minutes` selects one length. Slots with none of the three are left
    out. `begun` is the first of two rounds of parallel reads.
    """
    read = begun() if begun else read_calendar(context, caller.member_id, start, end)
    own, now, waiting = read.own, read.now, read.waiting
    held = [booking for day in own for booking in day.active if caller.is_of(booking.requested_at)]
    favorites = {other: relation for other, relation in read.outgoing.items() if relation.favorite}
    with context.table.parallel(2) as threads:
        judged = threads.submit(judged_members, context, caller, read.outgoing, waiting)
        shown = threads.submit(views, context, held, now)
        seen = _favorites(context, caller, favorites, own, ((start - ONE_DAY).date(), end.date()), now)
        demand = demands(waiting, judged.result(), caller.member_id, own, now)
        sessions = {view.booking.slot: view for view in shown.result()}
    panels = {view.slot: view.partners for view in _by_slot(seen)}
    return [
        SlotView(slot, panels.get(slot, ()), sessions.get(slot), demand.get(slot, Demand.NONE))
        for slot in sorted(panels.keys() | sessions.keys() | demand.keys())
        if slot.start <= end and start <= slot.end and minutes in (None, slot.minutes)
    ]


Seen = tuple[Slot, PartnerView]


def _next_two_weeks(now: datetime) -> tuple[date, date]:
    return now.date(), (now + AVAILABLE_AHEAD).date()


def _own_days(context: Context, caller: str, first: date, last: date) -> Days:
    """Read the caller's days from the one before `first` to the one after `last`, for display."""
    own_range = first - ONE_DAY, last + ONE_DAY
    return Days.whole(caller, *own_range, reads.days_between(context.table, caller, *own_range, consistent=False))


def _favorites(
    context: Context,
    caller: Profile,
    favorites: Mapping[str, Relation],
    own: Days,
    dates: tuple[date, date],
    now: datetime,
) -> list[Seen]:
    """Read the favorites' bookings as the caller sees them, in one round trip.

    `favorites` are the caller's relations to them. They are read only if the range of dates reaches into the next two
    weeks (R10).
    """
    today, horizon = _next_two_weeks(now)
    panel = max(dates[0], today), min(dates[1], horizon)
    outgoing = favorites if panel[0] <= panel[1] else {}
    if not outgoing:
        return []
    found = availability_reads.members_seen(context.table, caller.member_id, dict.fromkeys(outgoing, panel))
    seen: list[Seen] = []
    for favorite, member in found.items():
        pair_relations = PairRelations(caller, member.profile, outgoing[favorite], member.incoming)
        seen += _seen(context, pair_relations, own, member.days, now)
    return seen


def _seen(
    context: Context, pair_relations: PairRelations, own: Days, days: Iterable[Day], now: datetime
) -> Iterator[Seen]:
    """Yield one member's bookings of the next two weeks as the caller sees them, without locks with others (R2).

    A lock of the two shows also if the member hides all other hours, since the caller's sessions show it (R10, R32).
    """
    caller, other = pair_relations.member, pair_relations.other
    if caller is None or other is None or not pair_relations.may_meet:
        return
    hidden, until = not may_see_hours(pair_relations, now), now + AVAILABLE_AHEAD
    for booking in (booking for day in days for booking in day.active if now < booking.slot.start <= until):
        locked = booking.state is State.LOCKED_IN
        if not _is_with(booking, caller.member_id) if locked else hidden:
            continue
        lockable = lockable_now(pair_relations, own, booking, now, context.settings.lock_cutoff)
        yield booking.slot, PartnerView(other.member_id, other, locked, lockable)


def _is_with(booking: Booking, member_id: str) -> bool:
    return booking.partner is not None and booking.partner.member_id == member_id


def _available(seen: Iterable[Seen]) -> Iterator[Seen]:
    """Return the bookings that the caller can lock or has locked (R8, R11)."""
    return ((slot, view) for slot, view in seen if view.locked or view.lockable)


def _by_slot(seen: Iterable[Seen]) -> list[SlotView]:
    slots: dict[Slot, list[PartnerView]] = {}
    for slot, view in seen:
        slots.setdefault(slot, []).append(view)
    return [
        SlotView(slot, tuple(sorted(partners, key=lambda view: view.member_id)))
        for slot, partners in sorted(slots.items())
    ]
