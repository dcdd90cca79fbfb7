"""The events that the write of a day means to its owner (R42)."""

from collections.abc import Iterator
from datetime import datetime

from chalicelib.domain.model.booking import Booking, BookingChange, ChangeKind, State
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.event import Event, EventKind, event_id

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
    if after.state is State.CANCELLED:
        if before is None or before.active:
            yield EventKind.CANCELLED
        return
    if before is not None:
        yield from dict.fromkeys(
            _LOSSES[change.kind] for change in _new_changes(before, after) if change.kind in _LOSSES
        )
    if after.state in _PAIRED and (before is None or _pairing(before) != _pairing(after)):
        yield _PAIRED[after.state]
    elif before is not None and _pairing(before) == _pairing(after) and _details(before, at) != _details(after, at):
        yield EventKind.CHANGED


def _new_changes(before: Booking, after: Booking) -> list[BookingChange]:
    """Return the changes that the write added, oldest first. A booking keeps only its latest ones."""
    for count in range(len(after.changes)):
        kept = after.changes[count:]
        if kept == before.changes[: len(kept)]:
            return list(reversed(after.changes[:count]))
    return list(reversed(after.changes))


def _pairing(booking: Booking) -> tuple[State, str | None]:
    return booking.state, booking.partner.pair_id if booking.partner else None


def _details(booking: Booking, at: datetime) -> tuple[object, ...]:
    """Return what else the owner sees of a booking.

    After the start the partner's work style counts no more. It then changes only with the deletion of an account (R33).
    """
    partner = booking.partner.work_style if booking.partner and at < booking.slot.start else None
    return booking.title, booking.long_title, booking.work_style, booking.preference.favorites, partner
