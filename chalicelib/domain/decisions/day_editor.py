"""The editor of days, with which every use case changes bookings.

It writes nothing. Its changes are a value, and the commit checks that the days are unchanged since the read.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.model.booking import Booking, BookingChange, ChangeKind, QueuePosition, State
from chalicelib.domain.model.day import Day, DayKey, Days
from chalicelib.domain.model.slot import Slot


class StaleRead(Exception):
    """Days that contradict each other because they were read at different instants. The use case reads again."""


def check_start(slot: Slot, decided: datetime, now: datetime) -> None:
    """Raise StaleRead if the slot started between the two instants (R33, R47).

    A suspension or deletion after the start ends no pair. So reads for a decision from before the start can miss it.
    """
    if decided < slot.start <= now:
        raise StaleRead


class DayChange(Struct, frozen=True):
    """A day as read and as the transaction writes it.

    A day of a deleted account without anything to keep is `deleted` (R33).
    """

    before: Day
    after: Day
    deleted: bool = False


class DayEditor:
    """The days that one operation changes at one instant. It does not modify the days passed in."""

    def __init__(self, days: Days, operation: str, now: datetime) -> None:
        self._read = days
        self._edited: dict[DayKey, Day] = {}
        self._erased: set[DayKey] = set()
        self._operation = operation
        self._now = now

    def changes(self) -> tuple[DayChange, ...]:
        """Return the changed days, each with its next version."""
        return tuple(
            DayChange(self._read[key], day.written_by(self._operation), deleted=key in self._erased and day.is_empty)
            for key, day in self._edited.items()
            if day != self._read[key] or (key in self._erased and day.version)
        )

    def add_booking(self, booking: Booking) -> None:
        """Add a new booking, and `overnight_until` to the next day if its footprint passes midnight.

        Its day also stores the partners of the days before, as far as these were read (R20).
        """
        self._save_own(booking)
        day = self._day((booking.member_id, booking.slot.date))
        self._edited[day.key] = day.remembering(self._read.of(booking.member_id))
        if booking.slot.past_midnight:
            self._set_overnight_until(booking, booking.slot.footprint_end)

    def revise(self, booking: Booking) -> Booking:
        """Save a booking as its owner changed it, and a changed work style in the partner's booking too (R34)."""
        before = self.booking(booking)
        self._save_own(booking)
        if booking.partner and booking.work_style != before.work_style:
            self._show_to_partner(booking, work_style=booking.work_style)
        return booking

    def join(self, booking: Booking) -> Booking:
        """Save that the owner of a paired booking has joined now, in the partner's booking too (R37)."""
        joined = booking.joined(self._now)
        self._save(joined)
        self._show_to_partner(joined, joined_at=joined.joined_at)
        return joined

    def seek_again(self, booking: Booking, *, is_partner_deleted: bool = False) -> Booking:
        """Wait for another partner, and give up one who did not join, whose session is then missed (R38).

        It counts as the cancel of the absent partner, and neither as late nor towards a limit (R36). The session of a
        partner without an account is erased, because no other session refers to it any more (R33).
        """
        if booking.partner and is_partner_deleted:
            absent = self._partner_of(booking)
            self._erased.update((absent.member_id, on) for on in absent.slot.dates)
            self._forget(absent)
        elif booking.partner:
            self._save(self._partner_of(booking).missed())
        seeking = booking.losing_partner().seeking_again(self._now)
        self._save(seeking)
        return seeking

    def cancel(self, booking: Booking, *, counted: bool = True) -> None:
        """Cancel a booking. A partner's booking stays and waits for another member (R17, R18).

        A cancel that is not `counted` counts towards no limit of the owner (R36).
        """
        self._leave_partner(booking, counted=counted)
        self._save_own(booking.cancelled(self._now))
        if booking.slot.past_midnight:
            self._set_overnight_until(booking, None)

    def erase(self, key: DayKey) -> None:
        """Erase a day of a deleted account (R33).

        Only its paired bookings stay, for the partners. They and the partners' copies lose the owner's data. A day
        without such a booking is deleted. Every erased day is written, so a decision on an earlier read conflicts.
        """
        self._erased.add(key)
        for booking in self._day(key).bookings:
            if booking.active and booking.partner:
                self.revise(booking.anonymous())
            else:
                self._forget(booking)
        self._edited[key] = self._day(key).without_history()

    def queue(self, booking: Booking) -> None:
        """Add a new booking that waits, at the end of its queue (R20)."""
        self.add_booking(booking.waiting(QueuePosition(displaced=False, since=self._now), None))

    def displace_partner_of(self, booking: Booking) -> Booking | None:
        """Displace the random partner of a booking that the same operation locks in (R12).

        Returns the partner's booking, which now waits at the head of the queue (R13), or None without a partner.
        """
        return self._wait(self._partner_of(booking), ChangeKind.DISPLACED) if booking.partner else None

    def move(self, booking: Booking) -> None:
        """Take a booking out of its random pair to pair it again, allowed once for a booking (R21).

        It waits at the head of the queue. Its last change is `displaced`, although no lock displaced the member.
        """
        self._save(replace(self._wait(booking, ChangeKind.DISPLACED), moved=True))

    def part(self, booking: Booking) -> None:
        """Return both bookings of a pair to waiting, because the owner of `booking` blocked the partner (R1).

        To the partner it is a cancel of that owner. The owner's booking stays.
        """
        self._leave_partner(booking)
        self._wait(booking.losing_partner(), ChangeKind.PARTNER_CANCELLED)

    def match(self, one: Booking, other: Booking, pair_id: str, *, kind: ChangeKind = ChangeKind.MATCHED) -> None:
        """Pair two bookings at random (R20). Their owners see `kind` as the last change."""
        self._pair(one, other, State.MATCHED, pair_id, kind)

    def lock(self, one: Booking, other: Booking, pair_id: str) -> None:
        """Lock two bookings in with each other, as the owner of `one` requested (R12).

        It edits the two days only. The caller has judged that the lock is possible.
        Two bookings that are already matched with each other keep their pair id and with it their room.
        """
        if one.partner and one.partner.member_id == other.member_id:
            pair_id = one.partner.pair_id
        self._pair(replace(one, lock_requested=True), other, State.LOCKED_IN, pair_id, ChangeKind.LOCKED_IN)

    def booking(self, booking: Booking) -> Booking:
        """Return the booking with the changes so far."""
        return self._day((booking.member_id, booking.slot.date)).find(booking.booking_id) or booking

    def _pair(self, one: Booking, other: Booking, state: State, pair_id: str, kind: ChangeKind) -> None:
        change = BookingChange(kind, self._now)
        one = replace(one, queue_shard=other.queue_shard)
        self._save(one.paired(other, state, pair_id, change))
        self._save(other.paired(one, state, pair_id, change))

    def _wait(self, booking: Booking, kind: ChangeKind) -> Booking:
        # The place counts from the booking, not from the loss of the partner (R20).
        queue_position = QueuePosition(displaced=kind is ChangeKind.DISPLACED, since=booking.requested_at)
        waiting = booking.waiting(queue_position, BookingChange(kind, self._now))
        self._save(waiting)
        return waiting

    def _leave_partner(self, booking: Booking, *, counted: bool = True) -> None:
        """Let the partner wait for another member, and count the cancel (R18, R36)."""
        if booking.partner:
            left = self._partner_of(booking)
            self._wait(left.losing_partner(), ChangeKind.PARTNER_CANCELLED)
            day = self._day((left.member_id, left.slot.date))
            self._edited[day.key] = day.with_cancelled_by(left.slot, booking.member_id)
        if counted:
            self._count_cancel(booking)

    def _count_cancel(self, booking: Booking) -> None:
        """Count a cancel of a random match, locked before or not, and of a lock that the owner had requested (R36)."""
        key, today = (booking.member_id, booking.slot.date), self._now.date()
        if booking.was_matched_at_random:
            self._edited[key] = self._day(key).with_cancelled_match(today)
        if booking.partner and booking.lock_requested:
            self._edited[key] = self._day(key).with_cancelled_lock(booking.partner.member_id, today)

    def _show_to_partner(self, booking: Booking, **shown: object) -> None:
        """Change what the partner's booking shows of the owner of `booking`."""
        other = self._partner_of(booking)
        assert other.partner  # noqa: S101 - `_partner_of` returns a paired booking
        self._save(replace(other, partner=replace(other.partner, **shown)))

    def _partner_of(self, booking: Booking) -> Booking:
        return partner_booking(booking, self._read)

    def _save(self, booking: Booking) -> None:
        day = self._day((booking.member_id, booking.slot.date))
        self._edited[day.key] = day.with_booking(booking)

    def _save_own(self, booking: Booking) -> None:
        """Save a booking as its owner changed it. Long titles of an earlier release leave the day (R36)."""
        self._save(booking)
        day = self._day((booking.member_id, booking.slot.date))
        self._edited[day.key] = day.with_moved_titles()

    def _forget(self, booking: Booking) -> None:
        day = self._day((booking.member_id, booking.slot.date))
        kept = tuple(other for other in day.bookings if other.booking_id != booking.booking_id)
        self._edited[day.key] = replace(day, bookings=kept)
        if booking.active and booking.slot.past_midnight:
            self._set_overnight_until(booking, None)

    def _set_overnight_until(self, booking: Booking, until: datetime | None) -> None:
        day = self._day((booking.member_id, booking.slot.date + timedelta(days=1)))
        self._edited[day.key] = replace(day, overnight_until=until)

    def _day(self, key: DayKey) -> Day:
        return self._edited.get(key) or self._read[key]


def partner_booking(booking: Booking, days: Days) -> Booking:
    """Return the partner's booking of a paired booking (R3).

    Raises StaleRead if the two do not name each other, which means reads of different instants.
    """
    assert booking.partner  # noqa: S101 - the caller passes a paired booking
    other = days.holding(booking.partner.member_id, booking.slot)
    if other is None or other.partner is None or other.partner.member_id != booking.member_id:
        raise StaleRead
    if other.partner.pair_id != booking.partner.pair_id or other.state is not booking.state:
        raise StaleRead
    return other


def partners_of(bookings: list[Booking]) -> Iterator[DayKey]:
    """Return the keys of the partners' days that a change of these bookings affects."""
    return ((booking.partner.member_id, booking.slot.date) for booking in bookings if booking.partner)
