"""The draft of a decision: the days it read, and what it would make of them.

Every use case that changes a booking is a few of these verbs. Nothing is written here: the changes are a value, and
the commit asserts that what was read still stands.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.model.booking import Booking, Change, ChangeKind, QueuePosition, State
from chalicelib.domain.model.day import Day, DayKey, Days


class StaleRead(Exception):
    """The days were not read at one instant: they disagree, so read again. Never seen by a caller."""


class DayChange(Struct, frozen=True):
    """A day as it was read and as it shall be."""

    before: Day
    after: Day


class DayEditor:
    """Days being changed by one operation at one instant. The days passed in stay as they are."""

    def __init__(self, days: Days, operation: str, now: datetime) -> None:
        self._read = days
        self._drafted: dict[DayKey, Day] = {}
        self._operation = operation
        self._now = now

    def changes(self) -> tuple[DayChange, ...]:
        """What is to be written, day by day."""
        return tuple(
            DayChange(self._read[key], day.written_by(self._operation))
            for key, day in self._drafted.items()
            if day != self._read[key]
        )

    def add_booking(self, booking: Booking) -> None:
        """Add a new booking, and its tail to the next day where it passes midnight.

        Its day remembers whom the days before, as far as they were read, tell of (R20).
        """
        self._save(booking)
        day = self._day((booking.member_id, booking.slot.date))
        self._drafted[day.key] = day.remembering(self._read.of(booking.member_id))
        if booking.slot.past_midnight:
            self._set_overnight_until(booking, booking.slot.footprint_end)

    def revise(self, booking: Booking) -> Booking:
        """Save what its owner changed of a booking, and show a partner the mode if that has changed (R34)."""
        before = self.booking(booking)
        self._save(booking)
        if booking.partner and booking.work_style != before.work_style:
            other = self._partner_of(booking)
            shown = replace(booking.partner, member_id=booking.member_id, work_style=booking.work_style)
            self._save(replace(other, partner=shown))
        return booking

    def cancel(self, booking: Booking) -> None:
        """Give up a booking; a partner stays and waits, for somebody else (R17, R18)."""
        if booking.partner:
            left = self._partner_of(booking)
            self._wait(left, ChangeKind.PARTNER_CANCELLED)
            day = self._day((left.member_id, left.slot.date))
            self._drafted[day.key] = day.with_cancelled_by(left.slot, booking.member_id)
        self._count_cancelled_lock(booking)
        self._save(booking.cancelled(self._now))
        if booking.slot.past_midnight:
            self._set_overnight_until(booking, None)

    def erase(self, key: DayKey) -> None:
        """Leave of a day no more than the halves of its pairs, without what their owner said; nor elsewhere (R33)."""
        for booking in self._day(key).bookings:
            if booking.active and booking.partner:
                self.revise(booking.anonymous())
            else:
                self._forget(booking)
        self._drafted[key] = replace(
            self._day(key), cancelled_by={}, met=(), cancelled_locks={}, cancelled_locks_on=None
        )

    def queue(self, booking: Booking) -> None:
        """Add a new booking that waits, behind whoever waits already (R20)."""
        self.add_booking(booking.waiting(QueuePosition(displaced=False, since=self._now), None))

    def displace(self, booking: Booking) -> Booking | None:
        """Take the random partner away from a booking that is about to be locked in (R12).

        Returns the partner's booking, which waits ahead of everyone (R13), or None where there was no partner.
        """
        return self._wait(self._partner_of(booking), ChangeKind.DISPLACED) if booking.partner else None

    def move(self, booking: Booking) -> None:
        """Take a booking out of its random pair, once in its life, to be paired again (R21): it waits ahead of all."""
        self._save(replace(self._wait(booking, ChangeKind.DISPLACED), moved=True))

    def part(self, booking: Booking) -> None:
        """Send both halves of a pair back to waiting, as the owner of `booking` asked (R1); neither is told why."""
        self._count_cancelled_lock(booking)
        self._wait(self._partner_of(booking), ChangeKind.PARTED)
        self._wait(booking, ChangeKind.PARTED)

    def match(self, one: Booking, other: Booking, pair_id: str, *, kind: ChangeKind = ChangeKind.MATCHED) -> None:
        """Pair two bookings at random (R20); `kind` is what their owners see as the last change."""
        self._pair(one, other, State.MATCHED, pair_id, kind)

    def lock(self, one: Booking, other: Booking, pair_id: str) -> None:
        """Pair two bookings for good (R12), as the owner of `one` asked.

        Two who are matched with each other keep their room: nobody moves.
        """
        if one.partner and one.partner.member_id == other.member_id:
            pair_id = one.partner.pair_id
        self._pair(replace(one, lock_requested=True), other, State.LOCKED_IN, pair_id, ChangeKind.LOCKED_IN)

    def booking(self, booking: Booking) -> Booking:
        """The booking as drafted so far."""
        return self._day((booking.member_id, booking.slot.date)).find(booking.booking_id) or booking

    def _pair(self, one: Booking, other: Booking, state: State, pair_id: str, kind: ChangeKind) -> None:
        change = Change(kind, self._now)
        one = replace(one, queue_shard=other.queue_shard)
        self._save(one.paired(other, state, pair_id, change))
        self._save(other.paired(one, state, pair_id, change))

    def _wait(self, booking: Booking, kind: ChangeKind) -> Booking:
        queue_position = QueuePosition(displaced=kind is ChangeKind.DISPLACED, since=self._now)
        waiting = booking.waiting(queue_position, Change(kind, self._now))
        self._save(waiting)
        return waiting

    def _count_cancelled_lock(self, booking: Booking) -> None:
        """Remember that its owner gives up a partner whom the owner locked in (R36)."""
        if booking.partner and booking.lock_requested:
            day = self._day((booking.member_id, booking.slot.date))
            self._drafted[day.key] = day.with_cancelled_lock(booking.partner.member_id, self._now.date())

    def _partner_of(self, booking: Booking) -> Booking:
        return partner_booking(booking, self._read)

    def _save(self, booking: Booking) -> None:
        day = self._day((booking.member_id, booking.slot.date))
        self._drafted[day.key] = day.with_booking(booking)

    def _forget(self, booking: Booking) -> None:
        day = self._day((booking.member_id, booking.slot.date))
        kept = tuple(other for other in day.bookings if other.booking_id != booking.booking_id)
        self._drafted[day.key] = replace(day, bookings=kept)
        if booking.active and booking.slot.past_midnight:
            self._set_overnight_until(booking, None)

    def _set_overnight_until(self, booking: Booking, until: datetime | None) -> None:
        day = self._day((booking.member_id, booking.slot.date + timedelta(days=1)))
        self._drafted[day.key] = replace(day, overnight_until=until)

    def _day(self, key: DayKey) -> Day:
        return self._drafted.get(key) or self._read[key]


def partner_booking(booking: Booking, days: Days) -> Booking:
    """The other half of the booking's pair (R3).

    Raises Outdated where the two do not name each other: then they were read at different instants.
    """
    assert booking.partner  # noqa: S101 - only asked of a booking that has one
    other = days.holding(booking.partner.member_id, booking.slot)
    if other is None or other.partner is None or other.partner.member_id != booking.member_id:
        raise StaleRead
    if other.partner.pair_id != booking.partner.pair_id or other.state is not booking.state:
        raise StaleRead
    return other


def partners_of(bookings: list[Booking]) -> Iterator[DayKey]:
    """The days of the partners whom a change of these bookings touches."""
    return ((booking.partner.member_id, booking.slot.date) for booking in bookings if booking.partner)
