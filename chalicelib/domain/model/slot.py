"""Slots and the footprints that they block in a member's day (R3, R4, R30)."""

import datetime as dt
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from msgspec import Struct

from chalicelib.domain.model import input_texts
from chalicelib.domain.model.errors import InvalidRequest, TooLate

GRID = timedelta(minutes=15)
ONE_DAY = timedelta(days=1)
FOOTPRINT_MINUTES = {25: 30, 50: 60, 75: 90}
LONGEST_FOOTPRINT = timedelta(minutes=max(FOOTPRINT_MINUTES.values()))
HORIZON = timedelta(weeks=13)


# No session is on a date outside of these. The ends of the calendar have no room for the days around a slot.
FIRST_DATE, LAST_DATE = dt.date(1970, 1, 1), dt.date(9998, 12, 31)


class Slot(Struct, frozen=True, order=True):
    """A start instant (UTC, on the quarter hour) and a length of 25, 50 or 75 minutes. A value without an owner."""

    start: datetime
    minutes: int

    @property
    def end(self) -> datetime:
        """The instant at which the session ends."""
        return self.start + timedelta(minutes=self.minutes)

    @property
    def footprint_end(self) -> datetime:
        """The end of the footprint, 30, 60 or 90 minutes after the start."""
        return self.start + timedelta(minutes=FOOTPRINT_MINUTES[self.minutes])

    @property
    def date(self) -> dt.date:
        """The UTC date of the start. The day of this date holds the slot's bookings."""
        return self.start.date()

    @property
    def past_midnight(self) -> bool:
        """True if the footprint reaches into the next UTC date. A footprint that ends at midnight does not."""
        return self.footprint_end > day_start(self.date + ONE_DAY)

    @property
    def dates(self) -> tuple[dt.date, ...]:
        """The UTC dates that the footprint touches."""
        return (self.date, self.date + timedelta(days=1)) if self.past_midnight else (self.date,)

    @property
    def neighbourhood(self) -> tuple[dt.date, ...]:
        """The UTC dates touched by any footprint that could overlap this one."""
        first = (self.start - LONGEST_FOOTPRINT).date()
        last = (self.footprint_end + LONGEST_FOOTPRINT).date()
        return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))

    def overlaps(self, other: "Slot") -> bool:
        """Return whether the two footprints share an instant (R3). This is the only predicate of overlap."""
        return self.start < other.footprint_end and other.start < self.footprint_end


def day_start(day: dt.date) -> datetime:
    """Return the midnight (UTC) at which `day` begins."""
    return datetime.combine(day, time(), UTC)


def slots_between(after: datetime, until: datetime) -> Iterator[Slot]:
    """Yield every slot that starts after one instant and not after another, by start."""
    midnight = day_start(after.date())
    start = midnight + ((after - midnight) // GRID + 1) * GRID
    while start <= until:
        yield from (Slot(start, minutes) for minutes in FOOTPRINT_MINUTES)
        start += GRID


def with_room(instant: datetime) -> datetime:
    """Return the instant, with the nearest date that a session can have and with its time of day.

    It is as far from every session, and in the past or beyond the horizon, as the instant itself.
    """
    return datetime.combine(min(max(instant.date(), FIRST_DATE), LAST_DATE), instant.timetz())


def dates_ahead(now: datetime) -> tuple[dt.date, ...]:
    """Return the UTC dates of all slots bookable at `now`, or a moment later if midnight passes (R30)."""
    first, last = now.date(), (now + HORIZON).date() + timedelta(days=1)
    return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))


def check_bookable(slot: Slot, now: datetime) -> None:
    """Raise an error for a slot that is not bookable at `now` (R30).

    Raises InvalidRequest (off the quarter hour, beyond 13 weeks) or TooLate (started), with `startTime` as the field.
    """
    check_start(slot.start, now)
    if now >= slot.start:
        raise TooLate("This slot has started.", field="startTime")


def check_start(start: datetime, now: datetime) -> None:
    """Raise InvalidRequest for a start off the quarter hour or more than 13 weeks after `now` (R30)."""
    if (start - day_start(start.date())) % GRID:
        raise InvalidRequest(input_texts.OFF_THE_QUARTER_HOUR, field="startTime")
    if start > now + HORIZON:
        raise InvalidRequest(input_texts.BEYOND_HORIZON, field="startTime")


def check_ahead(instant: datetime | None, now: datetime, field: str) -> None:
    """Raise InvalidRequest for an instant that is not after `now`. None is no instant."""
    if instant is not None and instant <= now:
        raise InvalidRequest(input_texts.NOT_AHEAD, field=field)
