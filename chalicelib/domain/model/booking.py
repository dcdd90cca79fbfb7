"""Bookings, one member's claim on one slot each."""

from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.model.member import WorkStyle
from chalicelib.domain.model.room_times import SECOND_CHANCE_UNTIL
from chalicelib.domain.model.slot import Slot
from chalicelib.domain.model.title import long_title_digest

# The number of changes that a booking shows, the latest first (R13).
KEPT_CHANGES = 3
# The number of lost partners that a booking keeps.
KEPT_LOST = 3
# A cancel within this time before the start is late (R17).
LATE = timedelta(hours=1)


class State(StrEnum):
    """The stored state of a booking. `unmatched` is not stored. It follows from the clock (R23).

    `missed` is the state of a member who did not join, after the partner asked for another one (R38).
    """

    WAITING = "waiting"
    MATCHED = "matched"
    LOCKED_IN = "locked_in"
    CANCELLED = "cancelled"
    MISSED = "missed"


class ChangeKind(StrEnum):
    """The kinds of changes that an owner did not make, as the API shows them."""

    MATCHED = "matched"
    LOCKED_IN = "locked_in"
    DISPLACED = "displaced"
    PARTNER_CANCELLED = "partner_cancelled"


class BookingChange(Struct, frozen=True):
    """A change of a booking that its owner did not make, with its time."""

    kind: ChangeKind
    at: datetime


class QueuePosition(Struct, frozen=True):
    """The place of a booking in its slot's queue (R13, R20).

    `displaced` means that the member's random partner was locked in by another member.
    `since` has microsecond precision: the key of the waiting row contains it.
    """

    displaced: bool
    since: datetime

    @property
    def sort_key(self) -> tuple[bool, datetime]:
        """The order of a queue, displaced members first and then the longest waiting."""
        return (not self.displaced, self.since)


class Partner(Struct, frozen=True):
    """The partner as stored in a booking. The id of the pair is also the id of its room (R34).

    `joined_at` and `requested_at` are those of the partner's booking (R37). `requested_at` is None in a pair of an
    earlier release.
    """

    member_id: str
    pair_id: str
    work_style: WorkStyle
    joined_at: datetime | None = None
    requested_at: datetime | None = None


class PartnerPreference(Struct, frozen=True):
    """The preferred partners of a booking, its owner's favorites or one named member (R10, R20)."""

    favorites: bool = False
    named: str | None = None

    def __or__(self, earlier: "PartnerPreference") -> "PartnerPreference":
        """Return both preferences as one. This one names the partner, if it names any."""
        return PartnerPreference(self.favorites or earlier.favorites, self.named or earlier.named)


class Booking(Struct, frozen=True):
    """One member's claim on one slot. `booking_id` never changes.

    A waiting booking has a `queue_position` and no `partner`. A matched or locked-in one has a `partner` and no
    `queue_position`. A cancelled or missed one has neither.
    `queue_shard` is the shard of the slot's queue that holds its waiting row or pair row. Both halves of a pair have
    the same one. `moved` means that finalizing moved its random match, which is allowed once (R21).
    `lock_requested` means that its owner asked for the lock (R36). `changes` are the latest ones, newest first (R13).
    `long_title` is the digest of a title that is too long for the day. Then `title` is the text, or None if the text
    was not read. `joined_at` is the instant at which its owner joined (R37). `seeks_again` means that the owner asked
    for another partner after the start (R38). `repeat_id` is the repeat that made the booking (R40). `lost` are the
    latest partners who were lost by a cancel, a block or a second chance, the latest first, for a report (R47).
    """

    booking_id: str
    member_id: str
    slot: Slot
    requested_at: datetime
    state: State
    work_style: WorkStyle = WorkStyle()
    preference: PartnerPreference = PartnerPreference()
    title: str | None = None
    queue_position: QueuePosition | None = None
    partner: Partner | None = None
    cancelled_late: bool = False
    queue_shard: int = 0
    moved: bool = False
    lock_requested: bool = False
    changes: tuple[BookingChange, ...] = ()
    long_title: str | None = None
    joined_at: datetime | None = None
    seeks_again: bool = False
    repeat_id: str | None = None
    lost: tuple[str, ...] = ()

    @property
    def last_change(self) -> BookingChange | None:
        """The latest change that its owner did not make."""
        return self.changes[0] if self.changes else None

    @property
    def active(self) -> bool:
        """True while the booking blocks its footprint."""
        return self.state is not State.CANCELLED

    @property
    def was_matched_at_random(self) -> bool:
        """True for a random match, also after a lock has overridden it (R36)."""
        if self.state is not State.LOCKED_IN:
            return self.state is State.MATCHED
        before = self.changes[1:]
        matched = bool(before) and before[0].kind is ChangeKind.MATCHED
        # A lock that displaces a member can pair it again in the same write (R12).
        paired_again = len(before) > 1 and before[0] == before[1] and before[0].kind is ChangeKind.DISPLACED
        return matched or paired_again

    @property
    def wait_counts_from(self) -> datetime:
        """The instant from which a wait counts, that of the booking also after a second chance (R20, R38)."""
        assert self.queue_position is not None  # noqa: S101 - the caller passes a waiting booking
        return self.requested_at if self.seeks_again else self.queue_position.since

    def may_be_matched(self, now: datetime) -> bool:
        """Return whether the booking waits and may get a random partner now.

        After the start only members who asked for a second chance get one, until 10 minutes after it (R23, R38).
        """
        until = self.slot.start + SECOND_CHANCE_UNTIL if self.seeks_again else self.slot.start
        return self.state is State.WAITING and now < until

    def is_final(self, now: datetime, cutoff: timedelta) -> bool:
        """Return whether it has a random match and the cut-off has passed (R22).

        `cutoff` is a time before the start. There is one for moves and one for locks. This follows from the clock and
        is not stored.
        """
        return self.state is State.MATCHED and now >= self.slot.start - cutoff

    def is_completed(self, now: datetime, *, attendance: bool) -> bool:
        """Return whether both members joined. Without `attendance` a partner and the end suffice (R37)."""
        if self.partner is None:
            return False
        if attendance:
            return self.joined_at is not None and self.partner.joined_at is not None
        return now >= self.slot.end

    def waiting(self, queue_position: QueuePosition, change: BookingChange | None) -> "Booking":
        """Return the booking without a partner, at `queue_position`, and with `change` if there is one."""
        return replace(
            self,
            state=State.WAITING,
            queue_position=queue_position,
            partner=None,
            changes=self._changes_with(change) if change else self.changes,
            lock_requested=False,
        )

    def paired(self, other: "Booking", state: State, pair_id: str, change: BookingChange) -> "Booking":
        """Return the booking with the owner of `other` as its partner."""
        partner = Partner(
            other.member_id, pair_id, other.work_style, other.joined_at_in(pair_id), requested_at=other.requested_at
        )
        return replace(
            self,
            state=state,
            queue_position=None,
            partner=partner,
            changes=self._changes_with(change),
            joined_at=self.joined_at_in(pair_id),
        )

    def joined_at_in(self, pair_id: str) -> datetime | None:
        """Return the instant of joining as it counts in a pair, None if the owner joined another partner (R37).

        An instant from before the loss of a partner stays until the next pair. It stays in that pair only if the owner
        asked for a second chance (R38).
        """
        stays = self.partner.pair_id == pair_id if self.partner else self.seeks_again
        return self.joined_at if stays else None

    def seeking_again(self, now: datetime) -> "Booking":
        """Return the booking as waiting after its owner gave up a partner who did not join (R38).

        The queue position is after the start, unlike that of any other waiting booking.
        """
        return replace(self.waiting(QueuePosition(displaced=False, since=now), None), seeks_again=True)

    def joined(self, now: datetime) -> "Booking":
        """Return the booking as joined by its owner now, in whole seconds like those of the table (R37)."""
        return replace(self, joined_at=now.replace(microsecond=0))

    def missed(self) -> "Booking":
        """Return the booking as missed by its owner, whose partner asked for another one (R38)."""
        return replace(self.losing_partner(), state=State.MISSED, partner=None, lock_requested=False)

    def losing_partner(self) -> "Booking":
        """Return the booking, which loses its partner if it has one, with the id of that member (R47)."""
        if self.partner is None:
            return self
        earlier = tuple(one for one in self.lost if one != self.partner.member_id)
        return replace(self, lost=(self.partner.member_id, *earlier)[:KEPT_LOST])

    @property
    def reportable(self) -> tuple[str, ...]:
        """The ids of the members that the owner may report, the partner and then the lost ones (R47)."""
        return (self.partner.member_id, *self.lost) if self.partner else self.lost

    def titled(self, title: str | None) -> "Booking":
        """Return the booking with the title of its owner, unchanged if it has that title already."""
        digest = long_title_digest(title) if title else None
        unread = self.long_title is not None and self.title is None
        same = self.long_title == digest if unread else self.title == title
        return self if same else replace(self, title=title, long_title=digest)

    def with_title_apart(self) -> "Booking":
        """Return the booking with its title marked as an item of its own if it is long."""
        return replace(self, long_title=long_title_digest(self.title)) if self.title else self

    def anonymous(self) -> "Booking":
        """Return the booking without its owner's data, as it stays for the partner after a deletion (R33)."""
        return replace(
            self,
            work_style=WorkStyle(),
            preference=PartnerPreference(),
            title=None,
            long_title=None,
            repeat_id=None,
            lost=(),
        )

    def cancelled(self, now: datetime) -> "Booking":
        """Return the booking as cancelled by its owner. A cancel within the last hour is marked late (R17)."""
        late = now >= self.slot.start - LATE
        return replace(
            self.losing_partner(),
            state=State.CANCELLED,
            queue_position=None,
            partner=None,
            cancelled_late=late,
            lock_requested=False,
        )

    def _changes_with(self, change: BookingChange) -> tuple[BookingChange, ...]:
        return (change, *self.changes)[:KEPT_CHANGES]
