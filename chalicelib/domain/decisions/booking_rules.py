"""The rules of booking a slot, for a random partner or locked in with a chosen one (R10, R12, R14 to R16)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.decisions.day_editor import DayEditor, StaleRead
from chalicelib.domain.decisions.eligibility import is_lockable, may_lock, may_lock_by_invite
from chalicelib.domain.model.booking import Booking, ChangeKind, Partner, PartnerPreference, State
from chalicelib.domain.model.day import Days
from chalicelib.domain.model.errors import TimeConflict
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.member import Activity, PairRelations, WorkStyle
from chalicelib.domain.model.slot import Slot


class BookingRequest(Struct, frozen=True):
    """A member's request for a booking.

    A field that the request omits is None. A new booking then has the member's default, and an existing one keeps its
    value. `lock_with` names the target of a lock, `preference` the preferred partner of a random booking. `invite` is
    the digest of an invite link's token. With it the request is a lock with the link's owner. `repeat_id` is the repeat
    that asks. Any booking of the member is then in the way (R40).
    """

    slot: Slot
    title: str | None = None
    activity: Activity | None = None
    quiet: bool | None = None
    preference: PartnerPreference = PartnerPreference()
    lock_with: str | None = None
    invite: str | None = None
    replace: bool = False
    repeat_id: str | None = None

    def work_style(self, default: WorkStyle) -> WorkStyle:
        """Return the requested work style, completed from `default`."""
        return WorkStyle(self.activity or default.activity, default.quiet if self.quiet is None else self.quiet)

    def applied_to(self, booking: Booking) -> Booking:
        """Return the booking with the requested title and work style, and the preference added while it waits (R10).

        The end of a repeat does not cancel a changed booking (R40).
        """
        changed = replace(
            booking,
            work_style=self.work_style(booking.work_style),
            preference=self.preference | booking.preference if booking.state is State.WAITING else booking.preference,
        )
        changed = changed if self.title is None else changed.titled(self.title)
        return changed if changed == booking else replace(changed, repeat_id=None)

    def is_satisfied_by(self, booking: Booking) -> bool:
        """Return whether the booking is what the request asks for.

        A lock is satisfied by its partner alone, and a preference by a booking that waits (R10). Title and work style
        may differ.
        """
        if self.lock_with is not None:
            return _is_locked_with(booking, self.lock_with)
        if self.preference != PartnerPreference() and booking.state is State.WAITING:
            return True
        brought = booking.partner is not None and booking.partner.member_id == self.preference.named
        return self.applied_to(booking) == booking and (
            self.preference | booking.preference == booking.preference or brought
        )


class OwnConflicts(Struct, frozen=True):
    """The booker's own bookings that concern a request.

    `reused` is the booking that a lock reuses. If `satisfied` is true, it satisfies the request already. The request
    cancels the bookings in `replaced`.
    """

    reused: Booking | None
    satisfied: bool
    replaced: tuple[Booking, ...] = ()


def own_conflicts(booking_request: BookingRequest, caller: str, days: Days, now: datetime) -> OwnConflicts:
    """Compare a request with the booker's own days alone (R11, R16, R17).

    Raises TimeConflict if own bookings overlap the slot and may not be replaced. Raises StaleRead if the days
    contradict each other.
    """
    held = days.holding(caller, booking_request.slot)
    if held and booking_request.repeat_id:
        raise TimeConflict(field="startTime")
    if held and booking_request.is_satisfied_by(held):
        return OwnConflicts(held, satisfied=True)
    reused = held if held and booking_request.lock_with and held.state is not State.LOCKED_IN else None
    overlapping = tuple(booking for booking in days.overlapping(caller, booking_request.slot) if booking != reused)
    overnight_until = days[caller, booking_request.slot.date].overnight_until
    overlaps_overnight = overnight_until is not None and booking_request.slot.start < overnight_until
    if not overlapping and not overlaps_overnight:
        return OwnConflicts(reused, satisfied=False)
    stays = any(booking.state is State.LOCKED_IN or booking.slot.start <= now for booking in overlapping)
    if stays or not booking_request.replace:
        raise TimeConflict(field="startTime")
    if overlaps_overnight and all(booking.slot.date == booking_request.slot.date for booking in overlapping):
        # No booking of the day before was read that ends at `overnight_until`: the two days are of different instants.
        raise StaleRead
    return OwnConflicts(reused, satisfied=False, replaced=overlapping)


def may_lock_booking(
    pair_relations: PairRelations,
    held: Booking | None,
    theirs: Booking | None,
    now: datetime,
    lock_cutoff: timedelta,
    *,
    link: InviteLink | None = None,
) -> bool:
    """Return whether the booker may lock in with the booking, apart from overlaps (R5 to R8, R15, R22, R26).

    It judges the two members by `may_lock` or the link, and their two bookings.
    `held` is the booker's own booking of the slot; after the cut-off a booker cannot leave a random match. A `link` is
    its owner's consent to a lock of the bookings that it offers, and outranks the availability setting.
    """
    if theirs is None:
        return False
    moves = held is None or not held.is_final(now, lock_cutoff)
    consents = (
        may_lock(pair_relations, now)
        if link is None
        else link.offers(theirs) and may_lock_by_invite(pair_relations, now)
    )
    return consents and is_lockable(theirs, now, lock_cutoff) and moves


def lockable_now(
    pair_relations: PairRelations, own_days: Days, theirs: Booking, now: datetime, lock_cutoff: timedelta
) -> bool:
    """Return whether a lock without a link would succeed at `now`, as every view shows it (R9).

    It judges like the lock: first the booker's own days, then the relations and the target's booking.
    """
    if pair_relations.member is None:
        return False
    try:
        conflicts = own_conflicts(
            BookingRequest(theirs.slot, lock_with=theirs.member_id), pair_relations.member.member_id, own_days, now
        )
    except TimeConflict:
        return False
    return not conflicts.satisfied and may_lock_booking(pair_relations, conflicts.reused, theirs, now, lock_cutoff)


def book(
    editor: DayEditor, conflicts: OwnConflicts, booking: Booking, partner: Booking | None, pair_id: str
) -> Booking:
    """Match the booking with the waiting `partner`, or let it wait if there is none (R20)."""
    for replaced in conflicts.replaced:
        editor.cancel(replaced)
    if partner is None:
        editor.queue(booking)
    else:
        editor.add_booking(booking)
        editor.match(booking, partner, pair_id)
    return editor.booking(booking)


class Displacement(Struct, frozen=True):
    """The bookings whose random partners a new lock displaces (R12).

    `displaced_may_pair` says that two displaced members may be paired with each other.
    """

    left_by: Sequence[Booking]
    displaced_may_pair: bool


def lock(
    editor: DayEditor,
    conflicts: OwnConflicts,
    booking: Booking,
    target: Booking,
    displacement: Displacement,
    pair_ids: tuple[str, str],
) -> Booking:
    """Lock the booker's booking in with the target's (R12, R16).

    It edits all days that a lock changes. `decide_lock` has judged that the lock is possible.
    Random partners of both are displaced, and paired with each other in the same write if they may be.
    """
    for replaced in conflicts.replaced:
        editor.cancel(replaced)
    if conflicts.reused is None:
        editor.add_booking(booking)
    left = [editor.displace_partner_of(partnered) for partnered in displacement.left_by]
    editor.lock(booking, target, pair_ids[0])
    if displacement.displaced_may_pair:
        one, other = (waiting for waiting in left if waiting)
        editor.match(one, other, pair_ids[1], kind=ChangeKind.DISPLACED)
    return editor.booking(booking)


def bookings_losing_partners(one: Booking | None, other: Booking) -> list[Booking]:
    """Return those of two bookings whose random partners are displaced when the two are locked in (R12)."""
    if one and _partner_id(one.partner) == other.member_id:
        return []
    return [booking for booking in (one, other) if booking and booking.partner]


def _is_locked_with(booking: Booking, member_id: str) -> bool:
    return booking.state is State.LOCKED_IN and _partner_id(booking.partner) == member_id


def _partner_id(partner: Partner | None) -> str | None:
    return partner.member_id if partner else None
