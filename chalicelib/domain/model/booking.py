"""Bookings: one member's claim on one slot, whoever the partner is."""

from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.model.member import WorkStyle
from chalicelib.domain.model.slot import Slot

LATE = timedelta(hours=1)


class State(StrEnum):
    """What is stored of a booking's state. `unmatched` is judged by the clock (R23)."""

    WAITING = "waiting"
    MATCHED = "matched"
    LOCKED_IN = "locked_in"
    CANCELLED = "cancelled"


class ChangeKind(StrEnum):
    """What last happened to a booking by somebody else's doing."""

    MATCHED = "matched"
    LOCKED_IN = "locked_in"
    DISPLACED = "displaced"
    PARTNER_CANCELLED = "partner_cancelled"
    PARTED = "parted"


class Change(Struct, frozen=True):
    """A kind of change and when it happened."""

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
        """The order of a queue: displaced members first, then the longest waiting."""
        return (not self.displaced, self.since)


class Partner(Struct, frozen=True):
    """The other half of a pair as this booking keeps it; the pair's id is also its room (R34)."""

    member_id: str
    pair_id: str
    work_style: WorkStyle


class PartnerPreference(Struct, frozen=True):
    """Whom random matching should rather bring: favorites, or one person by name (R10, R20)."""

    favorites: bool = False
    named: str | None = None


class Booking(Struct, frozen=True):
    """One member's claim on one slot. `booking_id` never changes, whoever the partner is.

    A waiting booking has a `turn` and no `partner`; a matched or locked-in one a `partner` and no `turn`; a cancelled
    one neither. `lane` is the one of its slot's queue in which its row stands: a popular slot has several, and a pair
    has one. `moved` says that its random match was moved once, as often as may be (R21),
    `asked` that its owner asked for the lock (R36).
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
    last_change: Change | None = None
    cancelled_late: bool = False
    queue_shard: int = 0
    moved: bool = False
    lock_requested: bool = False

    @property
    def active(self) -> bool:
        """Whether it blocks its footprint."""
        return self.state is not State.CANCELLED

    def is_final(self, now: datetime, final: timedelta) -> bool:
        """Whether its random match can no longer be moved or overridden (R22): judged by the clock, never stored."""
        return self.state is State.MATCHED and now >= self.slot.start - final

    def is_completed(self, now: datetime) -> bool:
        """Whether there was a partner and the end has passed."""
        return self.partner is not None and now >= self.slot.end

    def waiting(self, queue_position: QueuePosition, change: Change | None) -> "Booking":
        """The same booking without a partner, at `turn` in the queue."""
        change = change or self.last_change
        return replace(
            self,
            state=State.WAITING,
            queue_position=queue_position,
            partner=None,
            last_change=change,
            lock_requested=False,
        )

    def paired(self, other: "Booking", state: State, pair_id: str, change: Change) -> "Booking":
        """The same booking with the owner of `other` as its partner."""
        partner = Partner(other.member_id, pair_id, other.work_style)
        return replace(self, state=state, queue_position=None, partner=partner, last_change=change)

    def anonymous(self) -> "Booking":
        """The same booking without what its owner said of it: no more than the partner's half rests on (R33)."""
        return replace(self, work_style=WorkStyle(), preference=PartnerPreference(), title=None)

    def cancelled(self, now: datetime) -> "Booking":
        """The same booking given up by its owner; within the last hour it is marked late (R17)."""
        late = now >= self.slot.start - LATE
        return replace(
            self, state=State.CANCELLED, queue_position=None, partner=None, cancelled_late=late, lock_requested=False
        )
