"""Days, the unit of conflict. A day holds all bookings of one member that start on one date (R3)."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import islice

from msgspec import Struct, field
from msgspec.structs import replace

from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.slot import Slot

# To stay small, a day keeps only this number of its latest cancelled bookings, operations and partners met.
KEPT_CANCELLED = 4
KEPT_OPERATIONS = 8
KEPT_MET = 8
# The maximum number of long titles that one write moves out of a day of an earlier release.
MOVED_TITLES = 8
# Two members met recently if they were paired on the day of a slot or within this time before it (R20).
RECENT_MEETINGS_WINDOW = timedelta(days=7)
# A day stores other members' ids by their first characters. A rare collision changes a preference or a count, no pair.
_ID_PREFIX_LENGTH = 8

DayKey = tuple[str, date]


class Day(Struct, frozen=True):
    """The bookings of one member that start on one UTC date.

    Every write increments `version`, which is never reset. `overnight_until` is the end of a footprint that
    reaches into this day from the day before. `operations` are the ids of the latest writes. A retry after a lost
    response finds its own id there.
    `cancelled_by` holds for each slot the members who cancelled on this member there (R18).
    `met` holds the id prefixes of the partners on the days before, as known at the member's last booking (R20).
    `cancelled_locks` counts the locks of this day that the member requested and cancelled on the date
    `cancelled_locks_on`, by the id prefix of the partner (R36).
    """

    member_id: str
    date: date
    version: int = 0
    bookings: tuple[Booking, ...] = ()
    overnight_until: datetime | None = None
    operations: tuple[str, ...] = ()
    cancelled_by: Mapping[Slot, frozenset[str]] = field(default_factory=dict)
    met: tuple[str, ...] = ()
    cancelled_locks: Mapping[str, int] = field(default_factory=dict)
    cancelled_locks_on: dt.date | None = None

    @property
    def key(self) -> DayKey:
        """The owner and the date of the day."""
        return (self.member_id, self.date)

    @property
    def active(self) -> Iterator[Booking]:
        """The bookings that are not cancelled."""
        return (booking for booking in self.bookings if booking.active)

    def find(self, booking_id: str) -> Booking | None:
        """Return the booking with the id, also a cancelled one."""
        return next((booking for booking in self.bookings if booking.booking_id == booking_id), None)

    def holding(self, slot: Slot) -> Booking | None:
        """Return the active booking of exactly that slot."""
        return next((booking for booking in self.active if booking.slot == slot), None)

    def members_who_cancelled(self, slot: Slot) -> frozenset[str]:
        """Return the members who cancelled on this member in the slot (R18)."""
        return self.cancelled_by.get(slot, frozenset())

    @property
    def recently_met(self) -> frozenset[str]:
        """The id prefixes of the partners on this day, and those in `met` (R20)."""
        partners = (booking.partner.member_id for booking in self.active if booking.partner)
        return frozenset((*self.met, *(id_prefix(member_id) for member_id in partners)))

    def was_paired_with(self, member_id: str) -> bool:
        """Return whether the day records a recent pair with the member."""
        return id_prefix(member_id) in self.recently_met

    def remembering(self, earlier: Iterable["Day"]) -> "Day":
        """Return the day with the partners on `earlier` days of the last week added to `met`, the latest first."""
        recent = sorted(
            (day for day in earlier if self.date - RECENT_MEETINGS_WINDOW <= day.date < self.date),
            key=_date,
            reverse=True,
        )
        met = [id_prefix(held.partner.member_id) for day in recent for held in day.active if held.partner]
        return replace(self, met=tuple(dict.fromkeys([*met, *self.met]))[:KEPT_MET])

    def with_booking(self, booking: Booking) -> "Day":
        """Return the day with `booking` added, or replacing the booking with the same id.

        Bookings are in the order of their last change. Only the last 4 cancelled ones stay.
        """
        bookings = [other for other in self.bookings if other.booking_id != booking.booking_id] + [booking]
        cancelled = [other.booking_id for other in bookings if not other.active]
        dropped = cancelled[:-KEPT_CANCELLED]
        return replace(self, bookings=tuple(other for other in bookings if other.booking_id not in dropped))

    def with_moved_titles(self) -> "Day":
        """Return the day with up to 8 long titles of an earlier release marked as items of their own (R36)."""
        apart = ((booking, booking.with_title_apart()) for booking in self.bookings)
        moved = islice((after for before, after in apart if after != before), MOVED_TITLES)
        by_id = {booking.booking_id: booking for booking in moved}
        return replace(self, bookings=tuple(by_id.get(booking.booking_id, booking) for booking in self.bookings))

    def with_cancelled_by(self, slot: Slot, member_id: str) -> "Day":
        """Return the day with a member added who cancelled on its owner in the slot (R18)."""
        return replace(self, cancelled_by={**self.cancelled_by, slot: self.members_who_cancelled(slot) | {member_id}})

    def cancelled_locks_with(self, target: str) -> int:
        """Return the number of locks with the target that were cancelled on `cancelled_locks_on` (R36)."""
        return self.cancelled_locks.get(id_prefix(target), 0)

    def with_cancelled_lock(self, target: str, on: dt.date) -> "Day":
        """Return the day with one more cancelled lock with the target. Counts of earlier dates are dropped."""
        counted = self.cancelled_locks if self.cancelled_locks_on == on else {}
        counted = {**counted, id_prefix(target): counted.get(id_prefix(target), 0) + 1}
        return replace(self, cancelled_locks=counted, cancelled_locks_on=on)

    def written_by(self, operation: str) -> "Day":
        """Return the day as the write of `operation` stores it."""
        return replace(self, version=self.version + 1, operations=(*self.operations, operation)[-KEPT_OPERATIONS:])


def id_prefix(member_id: str) -> str:
    """Return the first 8 characters of a member's id, by which a day stores other members."""
    return member_id[:_ID_PREFIX_LENGTH]


def _date(day: Day) -> date:
    return day.date


class Days:
    """Days of one or more members that were read together."""

    def __init__(self, days: Iterable[Day] = ()) -> None:
        self._days = {day.key: day for day in days}

    def __iter__(self) -> Iterator[Day]:
        return iter(self._days.values())

    def __getitem__(self, key: DayKey) -> Day:
        return self._days[key]

    def __or__(self, others: "Days") -> "Days":
        return Days([*self, *others])

    @classmethod
    def whole(cls, member_id: str, first: date, last: date, written: Iterable[Day]) -> "Days":
        """Return all days of one member from `first` to `last`. Days that were never written are empty."""
        empty = (Day(member_id, first + timedelta(days=n)) for n in range((last - first).days + 1))
        return cls([*empty, *written])

    def of(self, member_id: str) -> Iterator[Day]:
        """Return the days of one member."""
        return (day for day in self if day.member_id == member_id)

    def holding(self, member_id: str, slot: Slot) -> Booking | None:
        """Return the member's active booking of exactly that slot."""
        return self._days[member_id, slot.date].holding(slot)

    def overlapping(self, member_id: str, slot: Slot) -> list[Booking]:
        """Return the member's active bookings whose footprints overlap the slot's, by start (R3)."""
        found = [booking for day in self.of(member_id) for booking in day.active if booking.slot.overlaps(slot)]
        return sorted(found, key=lambda booking: booking.slot)
