"""Slots: when two members meet, and what that blocks in a member's day (R3, R4, R30)."""

import datetime as dt
from datetime import UTC, datetime, time, timedelta

from msgspec import Struct

from chalicelib.domain.model.errors import InvalidRequest, TooLate

GRID = timedelta(minutes=15)
FOOTPRINT_MINUTES = {25: 30, 50: 60, 75: 90}
LONGEST_FOOTPRINT = timedelta(minutes=max(FOOTPRINT_MINUTES.values()))
HORIZON = timedelta(weeks=13)


class Slot(Struct, frozen=True, order=True):
    """A start instant (UTC, on the quarter hour) and a length of 25, 50 or 75 minutes. A value; nobody owns it."""

    start: datetime
    minutes: int

    @property
    def end(self) -> datetime:
        """When the two part."""
        return self.start + timedelta(minutes=self.minutes)

    @property
    def footprint_end(self) -> datetime:
        """Until when the member's day is blocked: 30, 60 or 90 minutes from the start."""
        return self.start + timedelta(minutes=FOOTPRINT_MINUTES[self.minutes])

    @property
    def date(self) -> dt.date:
        """The UTC date it starts on: the day that holds its bookings."""
        return self.start.date()

    @property
    def past_midnight(self) -> bool:
        """Whether the footprint reaches into the next UTC date (ending at midnight does not)."""
        return self.footprint_end > day_start(self.date + timedelta(days=1))

    @property
    def dates(self) -> tuple[dt.date, ...]:
        """The UTC dates its footprint touches."""
        return (self.date, self.date + timedelta(days=1)) if self.past_midnight else (self.date,)

    @property
    def neighbourhood(self) -> tuple[dt.date, ...]:
        """The UTC dates touched by any footprint that could overlap this one."""
        first = (self.start - LONGEST_FOOTPRINT).date()
        last = (self.footprint_end + LONGEST_FOOTPRINT).date()
        return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))

    def overlaps(self, other: "Slot") -> bool:
        """Whether the two footprints share a moment (R3): the one predicate of overlap."""
        return self.start < other.footprint_end and other.start < self.footprint_end


def day_start(day: dt.date) -> datetime:
    """Midnight UTC that begins `day`."""
    return datetime.combine(day, time(), UTC)


def dates_ahead(now: datetime) -> tuple[dt.date, ...]:
    """Every UTC date on which a slot may start that can be booked at `now`, or a moment later past midnight (R30)."""
    first, last = now.date(), (now + HORIZON).date() + timedelta(days=1)
    return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))


def check_bookable(slot: Slot, now: datetime) -> None:
    """Refuse a slot that nobody may book at `now` (R30).

    Raises InvalidRequest (off the quarter hour, beyond 13 weeks) or TooLate (started), naming `startTime`.
    """
    if (slot.start - day_start(slot.date)) % GRID:
        raise InvalidRequest("Sessions start on the quarter hour, UTC.", field="startTime")
    if slot.start > now + HORIZON:
        raise InvalidRequest("Sessions can be booked at most 13 weeks ahead.", field="startTime")
    if now >= slot.start:
        raise TooLate("This slot has started.", field="startTime")
