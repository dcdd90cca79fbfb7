"""The write set of a decision. The commit turns it into one transaction."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Generic, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from chalicelib.domain.decisions.day_editor import DayChange
from chalicelib.domain.model.api_key import ApiKey
from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.document import Document
from chalicelib.domain.model.errors import Refusal
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.limits import VersionedLimit
from chalicelib.domain.model.member import Account, Profile, Relation, Tombstone
from chalicelib.domain.model.slot import Slot

T = TypeVar("T")


class RecordedResponse(Struct, frozen=True):
    """The first response to a request with an idempotency key, stored until `expires`.

    It holds the booking as shown at `at`. Of the partner it holds no more than the booking does, so it contains no
    name of a member who deletes the account later (R33).
    """

    key: str
    request_digest: str
    booking: Booking
    new: bool
    is_favorite: bool
    at: datetime
    expires: datetime


class ProfileChange(Struct, frozen=True):
    """An account as read (None if there was none) and as the transaction writes it."""

    before: Account | None
    after: Account


class SessionsCounted(Struct, frozen=True):
    """The number of an account's sessions that ended up to a UTC midnight (R34)."""

    profile: Profile
    completed: int
    until: datetime


class RelationChange(Struct, frozen=True):
    """A relation as read and as the transaction writes it.

    `ended` is another member to which the relation was only a snooze that has ended. It is deleted, so that the
    number of stored relations has a limit (R36).
    """

    member_id: str
    other_id: str
    before: Relation
    after: Relation
    ended: str | None = None


# A job is repeated until it has this age, longer than a request can live (29 seconds).
SETTLE = timedelta(minutes=1)


class JobKind(StrEnum):
    """The kinds of jobs."""

    PARTING = "parting"
    DELETION = "deletion"
    SUSPENSION = "suspension"
    LIFTING = "lifting"


class Job(Struct, frozen=True):
    """Work that is too large for one transaction.

    It parts every pair ahead of `member_id` with `other_id` (R1), erases the deleted account of `member_id` (R33),
    cancels the bookings ahead of the suspended `member_id`, or records the end of a suspension (R47).
    `made_at` is the instant of the transaction that stored it. It is None for a job of an earlier release.
    """

    job_id: str
    kind: JobKind
    member_id: str
    other_id: str | None = None
    made_at: datetime | None = None

    def is_settled(self, now: datetime) -> bool:
        """Return whether no request can be alive that was there when the job was stored.

        A job far in the future is from before the clock was set back, and is settled too.
        """
        return self.made_at is None or abs(now - self.made_at) >= SETTLE


class Erasure(Struct, frozen=True):
    """Items of a deleted account to delete (R33).

    `others` are the members to which the account has a relation, and `mirrors` those with a copy of theirs in its
    partition. `favorites` are the changes of the others' relations that delete their favorites about it. `limits` are
    the names of its versioned limits, and `answers` the digests of its idempotency keys. `titles` are the bookings with
    long titles.
    """

    member_id: str
    others: tuple[str, ...] = ()
    mirrors: tuple[str, ...] = ()
    favorites: tuple[RelationChange, ...] = ()
    limits: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()


class InviteMade(Struct, frozen=True):
    """A new invite link, stored under the digest of its token and in its owner's list (R25).

    `replaces` is a link that can no longer be used. It is deleted to stay within the limit (R36).
    """

    link: InviteLink
    replaces: InviteLink | None = None


class InviteUse(Struct, frozen=True):
    """An invite link as read and with one more use, written in the transaction of the lock (R29)."""

    before: InviteLink
    after: InviteLink


class InviteRevoked(Struct, frozen=True):
    """An invite link to delete, also from its owner's list (R25)."""

    link: InviteLink


class KeyMade(Struct, frozen=True):
    """A new API key, stored under its digest and in its owner's list (R35)."""

    key: ApiKey


class KeyRevoked(Struct, frozen=True):
    """An API key to delete with the links that it made, also from its owner's lists (R35)."""

    key: ApiKey
    links: tuple[InviteLink, ...] = ()


class QueueShardsOpened(Struct, frozen=True):
    """The number of queue shards of a slot as read and as the transaction writes it."""

    slot: Slot
    before: int
    after: int


class DocumentChange(Struct, frozen=True):
    """A document as read, None if there was none, and as the transaction writes it, None to delete it.

    The write requires that the stored document is unchanged since the read, except with `regardless`.
    """

    before: Document | None
    after: Document | None
    regardless: bool = False


class WriteSet(Struct, frozen=True):
    """All writes and checks of one transaction.

    `versioned_limit` is the limit as read. The transaction increments it (R36).
    The rest are conditions at the commit: the members in `present` have accounts, `tombstone` is unchanged (R33), the
    first member in `block` blocks the second (R1), the first of each two in `unblocked` does not block the second (R1),
    and the member `suspended` has the suspension that was read (R47).
    """

    days: tuple[DayChange, ...] = ()
    queue_shards: tuple[QueueShardsOpened, ...] = ()
    recorded_responses: tuple[RecordedResponse, ...] = ()
    profile: ProfileChange | None = None
    counted: SessionsCounted | None = None
    relation: RelationChange | None = None
    invite: InviteMade | InviteUse | InviteRevoked | None = None
    api_key: KeyMade | KeyRevoked | None = None
    versioned_limit: VersionedLimit | None = None
    job: Job | None = None
    job_done: Job | None = None
    erasure: Erasure | None = None
    documents: tuple[DocumentChange, ...] = ()
    present: tuple[str, ...] = ()
    tombstone: Tombstone | None = None
    block: tuple[str, str] | None = None
    unblocked: tuple[tuple[str, str], ...] = ()
    suspended: Profile | None = None

    def recording(self, response: RecordedResponse, now: datetime) -> "WriteSet":
        """Return the write set with a recorded response, counted in the day of its booking (R36)."""
        booking = response.booking
        key, on = (booking.member_id, booking.slot.date), now.date()
        days = tuple(
            replace(change, after=change.after.with_recorded_response(on)) if change.after.key == key else change
            for change in self.days
        )
        return replace(self, days=days, recorded_responses=(*self.recorded_responses, response))


class Decision(Struct, Generic[T], frozen=True):
    """The answer of a use case, and the write set to commit before the answer is returned."""

    answer: T
    changes: WriteSet = field(default_factory=WriteSet)


class RecordedRefusal(Struct, frozen=True):
    """A refusal that a limit counts. It is raised after its write set is committed (R36).

    It is not stored under an idempotency key: a second request is judged by new reads.
    """

    refusal: Refusal
    changes: WriteSet
