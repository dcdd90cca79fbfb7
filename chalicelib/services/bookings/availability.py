"""Show which bookings of other members can be locked, in three views with one judgement (R8 to R11).

Every view asks `lockable_now`, the judgement of the lock itself. The views of many members read eventually consistent,
since a lock reads again.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime

from msgspec import Struct

from chalicelib.domain.decisions.booking_rules import lockable_now
from chalicelib.domain.decisions.demand_view import demands
from chalicelib.domain.decisions.eligibility import AVAILABLE_AHEAD, may_see_hours
from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.day import Day, Days
from chalicelib.domain.model.demand import Demand
from chalicelib.domain.model.ids import lookup_id
from chalicelib.domain.model.member import PairRelations, Profile, Relation
from chalicelib.domain.model.slot import ONE_DAY, Slot
from chalicelib.services.bookings.demand import judged_members, waiting_ahead
from chalicelib.services.bookings.sessions import SessionView, views
from chalicelib.services.context import Context
from chalicelib.storage import reads


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


def member_availability(context: Context, caller: str, other: str) -> list[SlotView]:
    """Return the slots in which the caller can lock or has locked another member, by start (R8, R11).

    The list is empty if the caller may see nothing, after the same reads for every reason.
    """
    now = context.clock()
    first, last = _next_two_weeks(now)
    target = lookup_id(other, caller)
    own = reads.days_of(context.table, caller, first - ONE_DAY, last + ONE_DAY)
    days = list(reads.days_between(context.table, target, first, last))
    pair_relations = reads.pair_relations(context.table, caller, target)
    return _by_slot(_available(_seen(context, pair_relations, own, days, now)))


def favorites_availability(context: Context, caller: Profile) -> list[SlotView]:
    """Return the slots of the next two weeks where the caller can lock or has locked favorites, by start (R9, R11)."""
    now = context.clock()
    first, last = _next_two_weeks(now)
    _, seen = _favorites(context, caller, reads.favorites_of(context.table, caller.member_id), (first, last), now)
    return _by_slot(_available(seen))


def calendar(context: Context, caller: Profile, start: datetime, end: datetime, minutes: int | None) -> list[SlotView]:
    """Return the caller's own sessions, the partner panel and the demand from `start` to `end` (R9, R10, R46).

    The panel lists every favorite with a booking ahead in the next two weeks, unless it is locked in with a third
    member or its hours are hidden from the caller. `minutes` selects one length. Slots with none of the three are left
    out. There are two round trips, each in parallel, and one for the partners of the sessions.
    """
    now = context.clock()
    with context.table.parallel(1) as threads:
        read = threads.submit(waiting_ahead, context, start, end, now)
        outgoing = dict(reads.relations(context.table, caller.member_id, consistent=False))
        waiting = read.result()
    with context.table.parallel(1) as threads:
        judged = threads.submit(judged_members, context, caller, outgoing, waiting)
        favorites = {other: relation for other, relation in outgoing.items() if relation.favorite}
        own, seen = _favorites(context, caller, favorites, ((start - ONE_DAY).date(), end.date()), now)
        demand = demands(waiting, judged.result(), caller.member_id, own, now)
    held = [booking for day in own for booking in day.active if caller.is_of(booking.requested_at)]
    sessions = {view.booking.slot: view for view in views(context, held, now)}
    panels = {view.slot: view.partners for view in _by_slot(seen)}
    return [
        SlotView(slot, panels.get(slot, ()), sessions.get(slot), demand.get(slot, Demand.NONE))
        for slot in sorted(panels.keys() | sessions.keys() | demand.keys())
        if slot.start <= end and start <= slot.end and minutes in (None, slot.minutes)
    ]


Seen = tuple[Slot, PartnerView]


def _next_two_weeks(now: datetime) -> tuple[date, date]:
    return now.date(), (now + AVAILABLE_AHEAD).date()


def _favorites(
    context: Context, caller: Profile, favorites: Mapping[str, Relation], dates: tuple[date, date], now: datetime
) -> tuple[Days, list[Seen]]:
    """Read the caller's own days, and the favorites' bookings as the caller sees them, in one round trip.

    `favorites` are the caller's relations to them. They are read only if the range of dates reaches into the next two
    weeks (R10).
    """
    first, last = dates
    today, horizon = _next_two_weeks(now)
    panel = max(first, today), min(last, horizon)
    outgoing = favorites if panel[0] <= panel[1] else {}
    own_range = first - ONE_DAY, last + ONE_DAY
    found = reads.members_seen(
        context.table, caller.member_id, {caller.member_id: own_range, **dict.fromkeys(outgoing, panel)}
    )
    own = Days.whole(caller.member_id, *own_range, found.pop(caller.member_id).days)
    seen: list[Seen] = []
    for favorite, member in found.items():
        pair_relations = PairRelations(caller, member.profile, outgoing[favorite], member.incoming)
        seen += _seen(context, pair_relations, own, member.days, now)
    return own, seen


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
