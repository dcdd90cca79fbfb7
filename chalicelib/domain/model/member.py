"""Members, their settings and their relations (R5, R6, R31, R32)."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.model.access_record import AccessRecord
from chalicelib.domain.model.suspension import Suspension

# The tolerated difference between the clock of a token issuer and the service's clock.
CLOCKS_DIFFER = timedelta(seconds=30)
# The name of a member whose token has none, until the member sets one.
PLACEHOLDER_NAME = "Member"
FORMER_MEMBER = "Former member"


def is_email_like(name: str) -> bool:
    """Return whether a name contains an e-mail address, also one without a domain or with spaces around the sign."""
    return re.search(r"\S\s*@\s*\S", unicodedata.normalize("NFKC", name)) is not None


class Gender(StrEnum):
    """The gender of a member, optional in a profile."""

    WOMAN = "woman"
    MAN = "man"
    NONBINARY = "nonbinary"


class PartnerGender(StrEnum):
    """The genders that a member accepts as a random partner (R6)."""

    ANY = "any"
    SAME = "same"


def accepts_gender(preference: PartnerGender, own: Gender | None, other: Gender | None) -> bool:
    """Return whether a gender preference admits another member's gender (R6). `same` needs an own gender."""
    if preference is PartnerGender.ANY:
        return True
    return own is not None and own == other


class Availability(StrEnum):
    """The members who may lock with this one (R5)."""

    EVERYONE = "everyone"
    FAVORITES = "favorites"
    NO_ONE = "no_one"


class Activity(StrEnum):
    """The activity of a member in a session. `anything` matches every activity."""

    DESK = "desk"
    MOVING = "moving"
    ANYTHING = "anything"


class WorkStyle(Struct, frozen=True):
    """The activity and quiet mode of a member in a session, which the partner sees (R34)."""

    activity: Activity = Activity.ANYTHING
    quiet: bool = False

    def matches(self, other: "WorkStyle") -> bool:
        """Return whether two styles have the same quiet mode and no different activities (R20)."""
        activities = {self.activity, other.activity} - {Activity.ANYTHING}
        return self.quiet == other.quiet and len(activities) <= 1


class Profile(Struct, frozen=True):
    """A member and the member's settings (R31).

    `revision` is the operation that wrote it last. `deleted_at` is the instant at which an earlier account of the same
    person was deleted, or None (R33). `completed` is the number of sessions that ended up to `counted_until`, a UTC
    midnight. It is None if the sessions were never counted. `chosen_name` means that the member set a name that would
    otherwise count as missing. `access` records the use of bearer tokens (R35). `suspension` is None for a member who
    may use the service (R47).
    """

    member_id: str
    name: str
    time_zone: str
    member_since: datetime
    revision: str
    photo_url: str | None = None
    gender: Gender | None = None
    partner_gender: PartnerGender = PartnerGender.ANY
    availability: Availability = Availability.EVERYONE
    work_style: WorkStyle = WorkStyle()
    deleted_at: datetime | None = None
    completed: int = 0
    counted_until: datetime | None = None
    chosen_name: bool = False
    access: AccessRecord = AccessRecord()
    suspension: Suspension | None = None

    @property
    def needs_name(self) -> bool:
        """True until the member of a token without a name sets one (R31)."""
        return self.name == PLACEHOLDER_NAME and not self.chosen_name

    def named(self, name: str) -> "Profile":
        """Return the profile with a name that the member chose."""
        return replace(self, name=name, chosen_name=name == PLACEHOLDER_NAME or is_email_like(name))

    def is_of(self, at: datetime) -> bool:
        """Return whether an event at `at` belongs to this account and not to a deleted one of the person (R33)."""
        return self.deleted_at is None or at >= self.member_since

    def accepts_gender_of(self, other: "Profile") -> bool:
        """Return whether this member's gender preference admits `other` (R6)."""
        return accepts_gender(self.partner_gender, self.gender, other.gender)


def former_member(member_id: str) -> Profile:
    """Return the profile that past partners see of a deleted account (R33). Only the id is the member's."""
    return Profile(member_id, FORMER_MEMBER, "UTC", datetime.fromtimestamp(0, UTC), revision="")


class RelationKind(StrEnum):
    """The kinds of relations."""

    FAVORITE = "favorite"
    SNOOZE = "snooze"
    BLOCK = "block"


class Tombstone(Struct, frozen=True):
    """The item that replaces the profile of a deleted account (R33).

    `deleted_at` is real time, because token issuers date tokens by it. `erased` means that the account's data are
    erased. From then on the person may open a new account, unless there is a `suspension` (R47).
    """

    member_id: str
    deleted_at: datetime
    revision: str
    erased: bool = False
    suspension: Suspension | None = None


Account = Profile | Tombstone


def is_suspended(account: Account | None) -> bool:
    """Return whether the account of a member, or that of a deleted one, is suspended (R47)."""
    return account is not None and account.suspension is not None


def sign_in_instant(issued_at: datetime, authenticated_at: datetime | None) -> datetime:
    """Return the instant of the sign-in that a token comes from (R33).

    A renewed token is issued later, without a new sign-in. So the instant at which the person authenticated counts, if
    the token names it.
    """
    return issued_at if authenticated_at is None else authenticated_at


def is_spent(account: Account | None, signed_in_at: datetime) -> bool:
    """Return whether a token may come from a sign-in before the account was deleted (R33).

    The two clocks may differ by `CLOCKS_DIFFER`.
    """
    if account is None or account.deleted_at is None:
        return False
    return signed_in_at <= account.deleted_at + CLOCKS_DIFFER


class Relation(Struct, frozen=True):
    """One member's favorite, snooze and block about another. The other member never sees it."""

    favorite: bool = False
    snoozed_until: datetime | None = None
    blocked: bool = False

    def keeps_apart(self, now: datetime) -> bool:
        """Return whether a block, or a snooze that has not ended, keeps the two apart at `now`."""
        return self.blocked or (self.snoozed_until is not None and now < self.snoozed_until)

    def at(self, now: datetime) -> "Relation":
        """Return the relation without a snooze that has ended."""
        ended = self.snoozed_until is not None and self.snoozed_until <= now
        return replace(self, snoozed_until=None) if ended else self

    def saying(self, kind: "RelationKind", *, holds: bool, until: datetime | None = None) -> "Relation":
        """Return the relation with one kind set or removed. `until` ends a snooze. The other kinds stay."""
        match kind:
            case RelationKind.FAVORITE:
                return replace(self, favorite=holds)
            case RelationKind.SNOOZE:
                return replace(self, snoozed_until=until if holds else None)
            case RelationKind.BLOCK:
                return replace(self, blocked=holds)


NO_RELATION = Relation()


class PairRelations(Struct, frozen=True):
    """Two members with the relation of each to the other. A profile is None if that member does not exist.

    `outgoing` is the relation of `member` to `other`, `incoming` that of `other` to `member`.
    """

    member: Profile | None
    other: Profile | None
    outgoing: Relation = NO_RELATION
    incoming: Relation = NO_RELATION

    @property
    def may_meet(self) -> bool:
        """True for two different members who exist and are not suspended (R47)."""
        one, other = self.member, self.other
        if one is None or other is None or one.member_id == other.member_id:
            return False
        return one.suspension is None and other.suspension is None


class MemberRelations(Struct, frozen=True):
    """A member with the relations to others by their ids (`outgoing`)."""

    profile: Profile
    outgoing: Mapping[str, Relation]
