"""A member's day: the one item through which all bookings of a date go. Its version is the lock (R3)."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta

from msgspec import Struct, field
from msgspec.structs import replace

from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.slot import Slot

KEPT_CANCELLED = 4
KEPT_OPERATIONS = 8
# Two who were paired so many days before a slot, or on its day, have met lately. A day remembers so many of them at the
# most, by the beginnings of their ids: enough to prefer others, and small.
RECENT_MEETINGS_WINDOW = timedelta(days=7)
KEPT_MET = 8
_ID_BEGINNING = 8

DayKey = tuple[str, date]


class Day(Struct, frozen=True):
    """The bookings of one member that start on one UTC date.

    `version` grows with every write and never starts again. `tail` is until when a booking of the day before reaches
    into this one. `operations` are the ids of the latest writes: a write whose answer was lost finds itself here.
    `deserters` are, per slot, the members who cancelled on this member there (R18). `met` are the beginnings of the ids
    of those whom the member was paired with on the days before, as far as was known when the member last booked (R20).
    `given_up` counts the locks of this day that the member asked for and cancelled on the date `given_up_on`, by the
    beginnings of the partners' ids (R36).
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
        """Whose day it is, and which."""
        return (self.member_id, self.date)

    @property
    def active(self) -> Iterator[Booking]:
        """The bookings that are not cancelled."""
        return (booking for booking in self.bookings if booking.active)

    def find(self, booking_id: str) -> Booking | None:
        """The booking of that id, cancelled or not."""
        return next((booking for booking in self.bookings if booking.booking_id == booking_id), None)

    def holding(self, slot: Slot) -> Booking | None:
        """The active booking of exactly that slot."""
        return next((booking for booking in self.active if booking.slot == slot), None)

    def members_who_cancelled(self, slot: Slot) -> frozenset[str]:
        """Who cancelled on this member in that slot (R18)."""
        return self.cancelled_by.get(slot, frozenset())

    @property
    def met_lately(self) -> frozenset[str]:
        """The beginnings of the ids of all with whom the day knows of a pair lately (R20)."""
        partners = (booking.partner.member_id for booking in self.active if booking.partner)
        return frozenset((*self.met, *(id_prefix(member_id) for member_id in partners)))

    def has_met(self, member_id: str) -> bool:
        """Whether the day knows of a pair with that member lately."""
        return id_prefix(member_id) in self.met_lately

    def remembering(self, earlier: Iterable["Day"]) -> "Day":
        """The same day, remembering also whom its member was paired with on `earlier` days, the last ones first."""
        lately = sorted(
            (day for day in earlier if self.date - RECENT_MEETINGS_WINDOW <= day.date < self.date),
            key=_date,
            reverse=True,
        )
        met = [id_prefix(held.partner.member_id) for day in lately for held in day.active if held.partner]
        return replace(self, met=tuple(dict.fromkeys([*met, *self.met]))[:KEPT_MET])

    def with_booking(self, booking: Booking) -> "Day":
        """The same day with `booking` in the place of the one with its id, or added.

        Bookings stand in the order of their last change. Of the cancelled ones only the last few stay, so that a day
        stays small whatever its owner does.
        """
        bookings = [other for other in self.bookings if other.booking_id != booking.booking_id] + [booking]
        cancelled = [other.booking_id for other in bookings if not other.active]
        dropped = cancelled[:-KEPT_CANCELLED]
        return replace(self, bookings=tuple(other for other in bookings if other.booking_id not in dropped))

    def with_cancelled_by(self, slot: Slot, deserter: str) -> "Day":
        """The same day, remembering who cancelled on its owner in that slot (R18)."""
        return replace(self, cancelled_by={**self.cancelled_by, slot: self.members_who_cancelled(slot) | {deserter}})

    def cancelled_locks_with(self, target: str) -> int:
        """How many locks of that member's were asked for and cancelled on the date `given_up_on` (R36)."""
        return self.cancelled_locks.get(id_prefix(target), 0)

    def with_cancelled_lock(self, target: str, on: dt.date) -> "Day":
        """The same day, counting one more lock of that member's; what was given up on dates before is forgotten."""
        counted = self.cancelled_locks if self.cancelled_locks_on == on else {}
        counted = {**counted, id_prefix(target): counted.get(id_prefix(target), 0) + 1}
        return replace(self, cancelled_locks=counted, cancelled_locks_on=on)

    def written_by(self, operation: str) -> "Day":
        """The same day as the next write leaves it."""
        return replace(self, version=self.version + 1, operations=(*self.operations, operation)[-KEPT_OPERATIONS:])


def id_prefix(member_id: str) -> str:
    """As much of a member's id as a day remembers."""
    return member_id[:_ID_BEGINNING]


def _date(day: Day) -> date:
    return day.date


class Days:
    """Days of any members as they were read together."""

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
        """All days of one member from `first` to `last`, those never written among them."""
        empty = (Day(member_id, first + timedelta(days=n)) for n in range((last - first).days + 1))
        return cls([*empty, *written])

    def of(self, member_id: str) -> Iterator[Day]:
        """The days of one member."""
        return (day for day in self if day.member_id == member_id)

    def holding(self, member_id: str, slot: Slot) -> Booking | None:
        """The member's active booking of exactly that slot."""
        return self._days[member_id, slot.date].holding(slot)

    def in_the_way(self, member_id: str, slot: Slot) -> list[Booking]:
        """The member's active bookings whose footprints overlap the slot's, in the order of their starts (R3)."""
        found = [booking for day in self.of(member_id) for booking in day.active if booking.slot.overlaps(slot)]
        return sorted(found, key=lambda booking: booking.slot)

    def is_free(self, member_id: str, slot: Slot) -> bool:
        """Whether nothing of the member overlaps the slot, the tail of the day before included (R3)."""
        overnight_until = self._days[member_id, slot.date].overnight_until
        return not self.in_the_way(member_id, slot) and (overnight_until is None or overnight_until <= slot.start)
