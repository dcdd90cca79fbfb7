"""Days, the unit of conflict. A day holds all bookings of one member that start on one date (R3)."""

import datetime as dt
import zlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import islice

from msgspec import Struct, field
from msgspec.structs import replace

from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.slot import Slot

# To stay small, a day keeps only this number of its latest cancelled bookings, operations, partners met and cancels of
# partners.
KEPT_CANCELLED = 4
KEPT_OPERATIONS = 8
KEPT_MET = 8
KEPT_CANCELLED_BY = 48
# The maximum number of long titles that one write moves out of a day of an earlier release.
MOVED_TITLES = 8
# Two members met recently if they were paired on the day of a slot or within this time before it (R20).
RECENT_MEETINGS_WINDOW = timedelta(days=7)
# The number of meeting ranks: no recent meeting, and one for each number of days since.
MEETING_RANKS = RECENT_MEETINGS_WINDOW.days + 2
# A day stores other members' ids by their first characters. A rare collision of two ids
# changes a preference or a count, or keeps two members from a random pair in one slot. It breaks no pair.
ID_PREFIX_LENGTH = 8

DayKey = tuple[str, date]


class Day(Struct, frozen=True):
    """The bookings of one member that start on one UTC date.

    Every write increments `version`. The first write draws it, so that a day which is written again after a deletion of
    the account has none of the versions before (R33). `overnight_until` is the end of a footprint that
    reaches into this day from the day before. `operations` are the ids of the latest writes. A retry after a lost
    response finds its own id there.
    `cancelled_by` holds the latest cancels of partners as slot and id prefix, the newest last (R18).
    `met` holds the id prefixes of the partners on the days before, each with the number of days before `date`, as known
    at the member's last booking (R20).
    `cancelled_locks` counts the locks of this day that the member requested and cancelled on the date `cancelled_on`,
    by the id prefix of the partner. `cancelled_matches` counts the random matches of this day that the member
    cancelled on the same date (R36), and `recorded_responses` those of its bookings that were recorded on that date.
    `bumped_at` is the instant of the latest bump for a relation or a suspension (R1).
    """

    member_id: str
    date: date
    version: int = 0
    bookings: tuple[Booking, ...] = ()
    overnight_until: datetime | None = None
    operations: tuple[str, ...] = ()
    cancelled_by: tuple[tuple[Slot, str], ...] = ()
    met: Mapping[str, int] = field(default_factory=dict)
    cancelled_locks: Mapping[str, int] = field(default_factory=dict)
    cancelled_on: dt.date | None = None
    cancelled_matches: int = 0
    recorded_responses: int = 0
    bumped_at: datetime | None = None

    @property
    def key(self) -> DayKey:
        """The owner and the date of the day."""
        return (self.member_id, self.date)

    @property
    def active(self) -> Iterator[Booking]:
        """The bookings that are not cancelled."""
        return (booking for booking in self.bookings if booking.active)

    @property
    def is_empty(self) -> bool:
        """Return whether the day holds neither a booking nor the end of one of the day before."""
        return not self.bookings and self.overnight_until is None

    def find(self, booking_id: str) -> Booking | None:
        """Return the booking with the id, also a cancelled one."""
        return next((booking for booking in self.bookings if booking.booking_id == booking_id), None)

    def holding(self, slot: Slot) -> Booking | None:
        """Return the active booking of exactly that slot."""
        return next((booking for booking in self.active if booking.slot == slot), None)

    def members_who_cancelled(self, slot: Slot) -> frozenset[str]:
        """Return the id prefixes of the members who cancelled on this member in the slot (R18)."""
        return frozenset(prefix for cancelled, prefix in self.cancelled_by if cancelled == slot)

    def was_cancelled_by(self, slot: Slot, member_id: str) -> bool:
        """Return whether the day records that the member cancelled on its owner in the slot (R18)."""
        return id_prefix(member_id) in self.members_who_cancelled(slot)

    @property
    def recently_met(self) -> dict[str, int]:
        """The id prefixes of the partners on this day, and those in `met`, with the days since (R20)."""
        partners = (booking.partner.member_id for booking in self.active if booking.partner)
        return {**self.met, **{id_prefix(member_id): 0 for member_id in partners}}

    def days_since_pair_with(self, member_id: str) -> int | None:
        """Return the days since the latest pair with the member that the day records, or None."""
        return self.recently_met.get(id_prefix(member_id))

    def remembering(self, earlier: Iterable["Day"]) -> "Day":
        """Return the day with the partners on `earlier` days of the last week added to `met`, the latest first."""
        recent = [day for day in earlier if self.date - RECENT_MEETINGS_WINDOW <= day.date < self.date]
        met = [
            (id_prefix(held.partner.member_id), (self.date - day.date).days)
            for day in recent
            for held in day.active
            if held.partner
        ]
        # Of several pairs with one member the latest counts, so it is written last.
        longest_ago_first = dict(sorted([*met, *self.met.items()], key=_days_since, reverse=True))
        latest_first = sorted(longest_ago_first.items(), key=_days_since)
        return replace(self, met=dict(latest_first[:KEPT_MET]))

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
        """Return the day with a member added who cancelled on its owner in the slot (R18).

        Only the latest 48 cancels of the day stay, so that other members cannot make the day grow (R36).
        """
        cancel = (slot, id_prefix(member_id))
        others = [other for other in self.cancelled_by if other != cancel]
        return replace(self, cancelled_by=(*others, cancel)[-KEPT_CANCELLED_BY:])

    def cancelled_locks_with(self, target: str) -> int:
        """Return the number of locks with the target that were cancelled on `cancelled_on` (R36)."""
        return self.cancelled_locks.get(id_prefix(target), 0)

    def with_cancelled_lock(self, target: str, on: dt.date) -> "Day":
        """Return the day with one more cancelled lock with the target. Counts of earlier dates are dropped."""
        day = self._counting_on(on)
        counted = {**day.cancelled_locks, id_prefix(target): day.cancelled_locks_with(target) + 1}
        return replace(day, cancelled_locks=counted)

    def with_cancelled_match(self, on: dt.date) -> "Day":
        """Return the day with one more random match cancelled. Counts of earlier dates are dropped."""
        day = self._counting_on(on)
        return replace(day, cancelled_matches=day.cancelled_matches + 1)

    def with_recorded_response(self, on: dt.date) -> "Day":
        """Return the day with one more recorded response of its bookings. Counts of earlier dates are dropped."""
        day = self._counting_on(on)
        return replace(day, recorded_responses=day.recorded_responses + 1)

    def without_history(self) -> "Day":
        """Return the day without what it stores about its owner beside the bookings (R33)."""
        return replace(self._without_counts(), cancelled_by=(), met={}, cancelled_on=None, bumped_at=None)

    def _counting_on(self, on: dt.date) -> "Day":
        """Return the day with the counts of the date, which are 0 on a new date."""
        return self if self.cancelled_on == on else replace(self._without_counts(), cancelled_on=on)

    def _without_counts(self) -> "Day":
        return replace(self, cancelled_locks={}, cancelled_matches=0, recorded_responses=0)

    def written_by(self, operation: str) -> "Day":
        """Return the day as the write of `operation` stores it."""
        version = self.version + 1 if self.version else _first_version(operation)
        return replace(self, version=version, operations=(*self.operations, operation)[-KEPT_OPERATIONS:])


def _first_version(operation: str) -> int:
    """Return the first version of a day, below 2**31 and random like the id of the operation."""
    return 1 + zlib.crc32(operation.encode()) // 2


def id_prefix(member_id: str) -> str:
    """Return the first 8 characters of a member's id, by which a day stores other members."""
    return member_id[:ID_PREFIX_LENGTH]


def _days_since(met: tuple[str, int]) -> int:
    return met[1]


def meeting_rank(*days_since: int | None) -> int:
    """Return 0 without a recent pair, else a number that is greater the fewer days ago the latest pair was (R20)."""
    known = [days for days in days_since if days is not None]
    return MEETING_RANKS - 1 - min(known) if known else 0


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
