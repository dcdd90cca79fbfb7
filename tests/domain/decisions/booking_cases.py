"""Builders of members, bookings, days and facts, with which decisions are tested without an engine."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from chalicelib.domain.decisions.booking_facts import (
    BookerFacts,
    BookingFacts,
    ExistingFacts,
    SecondLook,
    TargetFacts,
    Terms,
    WaitingMemberFacts,
)
from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.decisions.queue_view import QueueView
from chalicelib.domain.decisions.write_set import WriteSet
from chalicelib.domain.model.booking import Booking, Partner, QueuePosition, State
from chalicelib.domain.model.day import Day, Days
from chalicelib.domain.model.ids import session_id, unkeyed_member_id
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.limits import MemberLimits
from chalicelib.domain.model.member import NO_RELATION, PairRelations, Profile, Relation
from chalicelib.domain.model.slot import Slot
from tests.domain.samples import CUTOFF

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
TODAY = NOW.date()
LIMITS = MemberLimits()
OPERATION = "this one"
FAVORITE = Relation(favorite=True)
BLOCK = Relation(blocked=True)
QUIET_QUEUE = QueueView(0, 1)


def at(hours: float, *, minutes: int = 50) -> Slot:
    """Return the slot that starts this number of hours after NOW."""
    return Slot(NOW + timedelta(hours=hours), minutes)


NINE = at(1)


def snoozed(seconds: float = 3600) -> Relation:
    """Return a snooze that ends this number of seconds after NOW, of a member who is a favorite."""
    return Relation(favorite=True, snoozed_until=NOW + timedelta(seconds=seconds))


def member(name: str, **settings: Any) -> Profile:
    """Return the member of that name, the same for every call."""
    return Profile(
        member_id=unkeyed_member_id("issuer", name),
        name=name,
        time_zone="UTC",
        member_since=NOW - timedelta(days=30),
        revision="1",
        **settings,
    )


ADA, BEN, CY, DEE = (member(name) for name in ("Ada", "Ben", "Cy", "Dee"))


def waiting(owner: Profile, slot: Slot = NINE, *, minutes: float = 10, displaced: bool = False, **more: Any) -> Booking:
    """Return a booking that waits since this number of minutes."""
    since = NOW - timedelta(minutes=minutes)
    one = Booking(
        session_id(owner.member_id, slot.date, f"{slot.start:%H%M}" + "0" * 12),
        owner.member_id,
        slot,
        since,
        State.WAITING,
    )
    return replace(one, queue_position=queue_position(since, displaced=displaced), **more)


def queue_position(since: datetime, *, displaced: bool = False) -> QueuePosition:
    """Return a place in a queue."""
    return QueuePosition(displaced=displaced, since=since)


def paired(
    owner: Profile, partner: Profile, slot: Slot = NINE, *, state: State = State.MATCHED, pair_id: str = "pair"
) -> Booking:
    """Return the owner's half of a pair."""
    half = Partner(partner.member_id, pair_id, partner.work_style, None, waiting(partner, slot).requested_at)
    return replace(waiting(owner, slot), queue_position=None, state=state, partner=half)


def locked_in(owner: Profile, partner: Profile, slot: Slot = NINE) -> Booking:
    """Return the owner's half of a locked-in pair."""
    return paired(owner, partner, slot, state=State.LOCKED_IN)


def days_of(owner: Profile, bookings: Iterable[Booking] = (), **changes: Any) -> Days:
    """Return the owner's days around TODAY, with `changes` of TODAY's."""
    days = Days.whole(owner.member_id, TODAY - timedelta(days=8), TODAY + timedelta(days=16), ())
    for booking in bookings:
        days |= Days([days[owner.member_id, booking.slot.date].with_booking(booking)])
    return days | Days([replace(days[owner.member_id, TODAY], **changes)])


def terms(**changes: Any) -> Terms:
    """Return the terms of a decision at NOW."""
    return replace(Terms(NOW, OPERATION, "9" * 16, ("new pair", "other pair"), CUTOFF, LIMITS), **changes)


BEN_WAITS = waiting(BEN)


def lock_facts(
    *,
    booker: Profile = ADA,
    target: Profile | None = BEN,
    own: Sequence[Booking] = (),
    theirs: Booking | None = BEN_WAITS,
    others: Sequence[Booking] = (),
    outgoing: Relation = FAVORITE,
    incoming: Relation = NO_RELATION,
    displaced: PairRelations | None = None,
    link: InviteLink | None = None,
    second_look: SecondLook | None = None,
    booker_facts: dict[str, Any] | None = None,
    today: dict[str, Any] | None = None,
    cancelled_by: tuple[tuple[Slot, str], ...] = (),
    **request: Any,
) -> BookingFacts:
    """Return the facts of a lock of Ben's waiting booking at nine by Ada, which is possible, with changes.

    `others` are bookings of third members. `today` changes the booker's day. `request` changes the request.
    """
    asked = replace(BookingRequest(NINE, lock_with=BEN.member_id, invite=link.digest if link else None), **request)
    days = days_of(booker, own, **(today or {}))
    found = days | days_of(BEN, [theirs] if theirs else ())
    for other in others:
        found |= Days([Day(other.member_id, other.slot.date, 1, (other,), cancelled_by=cancelled_by)])
    relations = PairRelations(booker, target, outgoing, incoming)
    return BookingFacts(
        booker,
        asked,
        BookerFacts(days, link=link, **(booker_facts or {})),
        target=TargetFacts(found, relations, displaced),
        second_look=second_look or SecondLook(found.holding(BEN.member_id, asked.slot), link),
    )


class Fit:
    """A member who waits at nine, with the relations of Ada and the member."""

    def __init__(
        self,
        owner: Profile,
        booking: Booking | None = None,
        outgoing: Relation = NO_RELATION,
        incoming: Relation = NO_RELATION,
        **day: Any,
    ) -> None:
        self.owner = owner
        self.booking = booking or waiting(owner)
        self.relations = PairRelations(ADA, owner, outgoing, incoming)
        self.day = day

    @property
    def days(self) -> Days:
        """The member's days."""
        return days_of(self.owner, [self.booking], **self.day)


def random_facts(
    *fits: Fit,
    own: Sequence[Booking] = (),
    others: Sequence[Booking] = (),
    booker: Profile = ADA,
    account: Profile | None = ADA,
    queue: QueueView = QUIET_QUEUE,
    contended: bool = False,
    existing_facts: ExistingFacts | None = None,
    second_look: SecondLook | None = None,
    key: str | None = None,
    booker_facts: dict[str, Any] | None = None,
    today: dict[str, Any] | None = None,
    **request: Any,
) -> BookingFacts:
    """Return the facts of a booking at nine by Ada, for which the members in `fits` wait, with changes."""
    days = days_of(booker, own, **(today or {}))
    found = days
    for fit in fits:
        found |= fit.days
    for other in others:
        found |= Days([Day(other.member_id, other.slot.date, 1, (other,))])
    waiting_members = WaitingMemberFacts(found, queue, [fit.relations for fit in fits], contended, account)
    return BookingFacts(
        booker,
        replace(BookingRequest(NINE), **request),
        BookerFacts(days, **(booker_facts or {})),
        key,
        waiting_members=waiting_members,
        existing_facts=existing_facts,
        second_look=second_look,
    )


def after(changes: WriteSet, owner: Profile, slot: Slot = NINE) -> Booking | None:
    """Return the member's active booking of the slot as the changes leave it, None if they leave none."""
    (day,) = [change.after for change in changes.days if change.after.key == (owner.member_id, slot.date)]
    return day.holding(slot)


def shown(changes: WriteSet, owner: Profile, slot: Slot = NINE) -> tuple[str, str | None, str | None]:
    """Return the state, the partner's id and the pair's id of the member's booking as the changes leave it."""
    booking = after(changes, owner, slot)
    if booking is None:
        return ("none", None, None)
    partner = booking.partner
    return (str(booking.state), partner.member_id if partner else None, partner.pair_id if partner else None)
