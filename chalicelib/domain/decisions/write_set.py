"""What one decision wants written: a value that the commit turns into one transaction, all or nothing."""

from datetime import date, datetime
from enum import StrEnum
from typing import Generic, TypeVar

from msgspec import Struct, field

from chalicelib.domain.decisions.day_editor import DayChange
from chalicelib.domain.model.api_key import ApiKey
from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.errors import Refusal
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.limits import VersionedLimit
from chalicelib.domain.model.member import Account, Relation, Tombstone
from chalicelib.domain.model.slot import Slot

T = TypeVar("T")


class RecordedResponse(Struct, frozen=True):
    """The first answer to a request with an idempotency key, kept until `expires` to be given again.

    It keeps the booking as it was shown at `at`, and of the partner no more than the booking does: whose account is
    deleted meanwhile has left no name in it (R33).
    """

    key: str
    request_digest: str
    booking: Booking
    new: bool
    is_favorite: bool
    at: datetime
    expires: datetime


class ProfileChange(Struct, frozen=True):
    """An account as it was read (None: there was none) and as it shall be."""

    before: Account | None
    after: Account


class RelationChange(Struct, frozen=True):
    """What a member said about another, as it was read and as it shall be."""

    member_id: str
    other_id: str
    before: Relation
    after: Relation


class VersionBump(Struct, frozen=True):
    """Days of one member whose version grows whatever they hold: decisions that read them before are void (R1)."""

    member_id: str
    dates: tuple[date, ...]


class JobKind(StrEnum):
    """The kinds of work that are too large for one transaction."""

    PARTING = "parting"
    DELETION = "deletion"


class Job(Struct, frozen=True):
    """Work too large for one transaction.

    Part every pair that `member_id` has ahead with `other_id` (R1), or erase the deleted account of `member_id` (R33).
    """

    job_id: str
    kind: JobKind
    member_id: str
    other_id: str | None = None


class Erasure(Struct, frozen=True):
    """Rows of a deleted account that go: what it says and hears about `others`, and stored answers (R33)."""

    member_id: str
    others: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()


class InviteMade(Struct, frozen=True):
    """A new invite link, to be found by the digest of its token and in its owner's list (R25).

    `replaces` is one that can be used no more and makes room for it (R36).
    """

    link: InviteLink
    replaces: InviteLink | None = None


class InviteUse(Struct, frozen=True):
    """An invite link as it was read and as it shall be: one use of it pays for a lock in the same write (R29)."""

    before: InviteLink
    after: InviteLink


class InviteRevoked(Struct, frozen=True):
    """An invite link that shall be gone, from its owner's list too (R25)."""

    link: InviteLink


class KeyMade(Struct, frozen=True):
    """A new API key, to be found by its digest and in its owner's list (R35)."""

    key: ApiKey


class KeyUsed(Struct, frozen=True):
    """An API key that is used on that day for the first time (R35)."""

    key: ApiKey
    on: date


class KeyRevoked(Struct, frozen=True):
    """An API key that shall be gone, from its owner's list too (R35)."""

    key: ApiKey


class QueueShardsOpened(Struct, frozen=True):
    """How many lanes the queue of a popular slot had when it was read, and shall have."""

    slot: Slot
    before: int
    after: int


class WriteSet(Struct, frozen=True):
    """Everything one transaction writes.

    `guard` is passed as it was read, by whatever its quota counts (R36).
    `present` must have accounts when it is carried out, and `tombstone` must still stand as it was read (R33); of the
    two in `block` the first must still block the second (R1).
    """

    days: tuple[DayChange, ...] = ()
    queue_shards: QueueShardsOpened | None = None
    answer: RecordedResponse | None = None
    profile: ProfileChange | None = None
    relation: RelationChange | None = None
    invite: InviteMade | InviteUse | InviteRevoked | None = None
    api_key: KeyMade | KeyUsed | KeyRevoked | None = None
    versioned_limit: VersionedLimit | None = None
    version_bump: VersionBump | None = None
    job: Job | None = None
    job_done: Job | None = None
    erasure: Erasure | None = None
    present: tuple[str, ...] = ()
    tombstone: Tombstone | None = None
    block: tuple[str, str] | None = None


class Decision(Struct, Generic[T], frozen=True):
    """What a use case answers once its changes are written."""

    answer: T
    changes: WriteSet = field(default_factory=WriteSet)


class RecordedRefusal(Struct, frozen=True):
    """A refusal that is counted: it is told once its changes are written (R36)."""

    refusal: Refusal
    changes: WriteSet
