"""Members, bookings and days for tests without a table. It is noon, and the slot starts an hour later."""

from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.domain.model.booking import Booking, BookingChange, ChangeKind, QueuePosition, State
from chalicelib.domain.model.day import Day, Days
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.slot import Slot

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SLOT = Slot(NOON + timedelta(hours=1), 50)
# A booking of this slot blocks the next date until half an hour after midnight.
OVERNIGHT = Slot(NOON.replace(hour=23, minute=30), 50)
INSTANT = timedelta(microseconds=1)
# A cut-off of moves or locks, 5 minutes before the start (R22).
CUTOFF = timedelta(minutes=5)


def profile(member_id: str, **settings: Any) -> Profile:
    return Profile(member_id, member_id.title(), "UTC", NOON - timedelta(days=100), "revision", **settings)


def waiting(member_id: str, slot: Slot = SLOT, *, displaced: bool = False, minutes: int = 10, **fields: Any) -> Booking:
    """Return a booking that has waited for this number of minutes."""
    since = NOON - timedelta(minutes=minutes)
    position = QueuePosition(displaced, since)
    return Booking(f"booking of {member_id}", member_id, slot, since, State.WAITING, queue_position=position, **fields)


def pair(one: Booking, other: Booking, state: State = State.MATCHED, pair_id: str = "pair") -> tuple[Booking, Booking]:
    """Return the two bookings as partners of each other."""
    change = BookingChange(ChangeKind(state), NOON - timedelta(minutes=1))
    return one.paired(other, state, pair_id, change), other.paired(one, state, pair_id, change)


def days_of(*bookings: Booking) -> Days:
    """Return the days that hold the bookings, each at version 1."""
    days: dict[tuple[str, Any], Day] = {}
    for booking in bookings:
        key = (booking.member_id, booking.slot.date)
        days[key] = days.get(key, Day(*key, version=1)).with_booking(booking)
    return Days(days.values())
