"""Booking a slot, for a random partner or locked in with a chosen one (R10, R12, R14 to R16)."""

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
    """What somebody asks for. What is None was left out: it is the member's default, or stays as it is.

    `lock_with` names the partner of a lock-in, `wish` whom a regular booking prefers. `invite` is the digest of the
    token of an invite link, whose owner the caller asks to be locked in with.
    """

    slot: Slot
    title: str | None = None
    activity: Activity | None = None
    quiet: bool | None = None
    preference: PartnerPreference = PartnerPreference()
    lock_with: str | None = None
    invite: str | None = None
    replace: bool = False

    def work_style(self, default: WorkStyle) -> WorkStyle:
        """How the member will work there, `default` where the claim says nothing."""
        return WorkStyle(self.activity or default.activity, default.quiet if self.quiet is None else self.quiet)

    def applied_to(self, booking: Booking) -> Booking:
        """The booking with what the claim says of title and mode."""
        title = booking.title if self.title is None else self.title
        return replace(booking, title=title, work_style=self.work_style(booking.work_style))

    def is_met_by(self, booking: Booking) -> bool:
        """Whether the caller already holds exactly that."""
        if self.lock_with is not None:
            return _is_locked_with(booking, self.lock_with)
        wished = PartnerPreference(
            self.preference.favorites or booking.preference.favorites, self.preference.named or booking.preference.named
        )
        brought = booking.partner and booking.partner.member_id == self.preference.named
        return self.applied_to(booking) == booking and (wished == booking.preference or bool(brought))


class OwnConflicts(Struct, frozen=True):
    """What the caller's own days mean for a claim.

    `held` is the booking that a lock reuses, or that meets the claim already; `replaced` are cancelled for it.
    """

    held: Booking | None
    met: bool
    replaced: tuple[Booking, ...] = ()


def own_conflicts(booking_request: BookingRequest, caller: str, days: Days, now: datetime) -> OwnConflicts:
    """Judge a claim by the caller's own days alone, whoever the target is (R11, R16, R17).

    Raises TimeConflict where own bookings are in the way and may not be replaced: locked in, or begun.
    """
    held = days.holding(caller, booking_request.slot)
    if held and booking_request.is_met_by(held):
        return OwnConflicts(held, met=True)
    reused = held if held and booking_request.lock_with and held.state is not State.LOCKED_IN else None
    in_the_way = tuple(booking for booking in days.in_the_way(caller, booking_request.slot) if booking != reused)
    overnight_until = days[caller, booking_request.slot.date].overnight_until
    overlaps_overnight = overnight_until is not None and booking_request.slot.start < overnight_until
    if not in_the_way and not overlaps_overnight:
        return OwnConflicts(reused, met=False)
    stays = any(booking.state is State.LOCKED_IN or booking.slot.start <= now for booking in in_the_way)
    if stays or not booking_request.replace:
        raise TimeConflict(field="startTime")
    if overlaps_overnight and all(booking.slot.date == booking_request.slot.date for booking in in_the_way):
        # The booking that the tail belongs to was read before or after the tail.
        raise StaleRead
    return OwnConflicts(reused, met=False, replaced=in_the_way)


def may_lock_booking(
    pair_relations: PairRelations,
    held: Booking | None,
    theirs: Booking | None,
    now: datetime,
    final: timedelta,
    *,
    link: InviteLink | None = None,
) -> bool:
    """Whether `member` may lock in with the booking, whatever else the member has at that time (R5 to R8, R22, R26).

    `held` is the member's own booking of the slot: a final match is not left for another. With a `link` its owner
    consents to what it offers, whatever the setting.
    """
    if theirs is None:
        return False
    moves = held is None or not held.is_final(now, final)
    consents = (
        may_lock(pair_relations, now)
        if link is None
        else link.offers(theirs) and may_lock_by_invite(pair_relations, now)
    )
    return consents and is_lockable(theirs, now, final) and moves


def lockable_now(pair_relations: PairRelations, own: Days, theirs: Booking, now: datetime, final: timedelta) -> bool:
    """Whether a plain lock of the target's booking would succeed at `now`: what every view shows (R9).

    The same two judgements as the lock's own: by the caller's days first, then by the two and the target's booking.
    """
    if pair_relations.member is None:
        return False
    try:
        side = own_conflicts(
            BookingRequest(theirs.slot, lock_with=theirs.member_id), pair_relations.member.member_id, own, now
        )
    except TimeConflict:
        return False
    return not side.met and may_lock_booking(pair_relations, side.held, theirs, now, final)


def book(editor: DayEditor, own: OwnConflicts, booking: Booking, partner: Booking | None, pair_id: str) -> Booking:
    """Claim the slot for a random partner: with the waiting `partner` where there is one, else wait (R20)."""
    for replaced in own.replaced:
        editor.cancel(replaced)
    if partner is None:
        editor.queue(booking)
    else:
        editor.add_booking(booking)
        editor.match(booking, partner, pair_id)
    return editor.booking(booking)


class Displacement(Struct, frozen=True):
    """Those whose random partners are about to be locked in, and whether the two may have each other (R12)."""

    bookings: Sequence[Booking]
    may_pair: bool


def lock(
    editor: DayEditor,
    own: OwnConflicts,
    booking: Booking,
    target: Booking,
    displaced: Displacement,
    pair_ids: tuple[str, str],
) -> Booking:
    """Lock the caller's booking in with the target's (R12, R16).

    Random partners of either are displaced, and paired with each other in the same write if they may.
    """
    for replaced in own.replaced:
        editor.cancel(replaced)
    if own.held is None:
        editor.add_booking(booking)
    left = [editor.displace(partnered) for partnered in displaced.bookings]
    editor.lock(booking, target, pair_ids[0])
    if displaced.may_pair:
        one, other = (waiting for waiting in left if waiting)
        editor.match(one, other, pair_ids[1], kind=ChangeKind.DISPLACED)
    return editor.booking(booking)


def partnered_with_others(one: Booking, other: Booking) -> list[Booking]:
    """Which of two bookings has a random partner to be displaced when the two are locked in (R12)."""
    if _partner_id(one.partner) == other.member_id:
        return []
    return [booking for booking in (one, other) if booking.partner]


def _is_locked_with(booking: Booking, member_id: str) -> bool:
    return booking.state is State.LOCKED_IN and _partner_id(booking.partner) == member_id


def _partner_id(partner: Partner | None) -> str | None:
    return partner.member_id if partner else None
