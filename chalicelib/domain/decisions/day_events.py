"""The events that the write of a day means to its owner (R42)."""

from collections.abc import Iterator
from datetime import datetime

from chalicelib.domain.model.booking import Booking, ChangeKind, State
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.event import Event, EventKind, event_id
from chalicelib.domain.model.title import long_title_digest

# The losses of a partner, by the change that the booking shows.
_LOSSES = {
    ChangeKind.DISPLACED: EventKind.DISPLACED,
    ChangeKind.PARTNER_CANCELLED: EventKind.PARTNER_CANCELLED,
}
_PAIRED = {State.MATCHED: EventKind.MATCHED, State.LOCKED_IN: EventKind.LOCKED_IN}


def day_events(before: Day | None, after: Day, at: datetime) -> list[Event]:
    """Return the events of one write of a day at `at`, those of one booking in the order in which they happened (R42).

    The ids depend on the booking and the version of the day, so that a repeated stream record gives the same ids.
    """
    found: list[Event] = []
    for booking in after.bookings:
        earlier = before.find(booking.booking_id) if before else None
        for kind in _kinds(earlier, booking, at):
            key = event_id(booking.booking_id, after.version, kind)
            found.append(Event(key, kind, after.member_id, at, booking.slot, booking.booking_id))
    return found


def _kinds(before: Booking | None, after: Booking, at: datetime) -> Iterator[EventKind]:
    """Yield the kinds of events between two states of a booking. `before` is None for a new one."""
    if before is None:
        yield EventKind.BOOKED
    elif loss := _loss(before, after):
        yield loss
    if not after.active:
        if before is None or before.active:
            yield EventKind.CANCELLED
    elif before is None or _pairing(before) != _pairing(after):
        if after.partner:
            yield _PAIRED[after.state]
        elif after.state is State.MISSED:
            yield EventKind.MISSED
        elif before and before.seeks_again != after.seeks_again:
            yield EventKind.CHANGED
    elif _details(before, at) != _details(after, at):
        yield EventKind.CHANGED


def _loss(before: Booking, after: Booking) -> EventKind | None:
    """Return how the owner lost the partner in the write, or None if the owner kept, left or replaced the partner."""
    if before.partner is None or not after.active or after.last_change is None:
        return None
    # A second chance adds no change to either booking (R38).
    if after.state is State.MISSED or before.seeks_again != after.seeks_again:
        return None
    if after.partner is None:
        return _LOSSES.get(after.last_change.kind)
    # Another pair follows in the same write, after a lock of another member (R12) or because finalizing moves (R21).
    displaced = after.last_change.kind is ChangeKind.DISPLACED or (after.moved and not before.moved)
    return EventKind.DISPLACED if displaced and after.partner.pair_id != before.partner.pair_id else None


def _pairing(booking: Booking) -> tuple[State, str | None]:
    return booking.state, booking.partner.pair_id if booking.partner else None


def _details(booking: Booking, at: datetime) -> tuple[object, ...]:
    """Return what else the owner sees of a booking.

    After the start the partner's work style counts no more. It then changes only with the deletion of an account (R33).
    """
    partner = booking.partner.work_style if booking.partner and at < booking.slot.start else None
    return _title(booking), booking.work_style, booking.preference.favorites, booking.seeks_again, partner


def _title(booking: Booking) -> str | None:
    """Return the title, or the digest of a long one. An earlier release stored long titles in the day (R36)."""
    return booking.long_title or (long_title_digest(booking.title) or booking.title if booking.title else None)
