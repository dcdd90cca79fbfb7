"""The times at which members may join a session and ask for another partner, and a room is open (R37, R38, R41)."""

from datetime import datetime, timedelta

from chalicelib.domain.model.slot import Slot

OPENS_BEFORE = timedelta(minutes=10)
OPEN_AFTER = timedelta(minutes=10)
SECOND_CHANCE_FROM = timedelta(minutes=3)
SECOND_CHANCE_UNTIL = timedelta(minutes=10)


def opens_at(slot: Slot) -> datetime:
    """Return the instant from which the members of a pair may join (R37)."""
    return slot.start - OPENS_BEFORE


def closes_at(slot: Slot) -> datetime:
    """Return the instant at which the room closes (R41)."""
    return slot.end + OPEN_AFTER


def may_join(slot: Slot, now: datetime) -> bool:
    """Return whether a member of a pair may join now (R37)."""
    return opens_at(slot) <= now <= slot.end


def is_room_open(slot: Slot, now: datetime) -> bool:
    """Return whether the room is open now (R41)."""
    return opens_at(slot) <= now < closes_at(slot)


def may_ask_again(slot: Slot, now: datetime) -> bool:
    """Return whether a member may ask for another partner now (R38)."""
    return slot.start + SECOND_CHANCE_FROM <= now < slot.start + SECOND_CHANCE_UNTIL
