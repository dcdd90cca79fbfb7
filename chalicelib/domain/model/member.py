"""Members: their settings, and what they say about one another (R5, R6, R31, R32)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

# How far the clock of an issuer of tokens may be from ours.
CLOCKS_DIFFER = timedelta(seconds=30)


class Gender(StrEnum):
    """What a member says of themself; it may be left out."""

    WOMAN = "woman"
    MAN = "man"
    NONBINARY = "nonbinary"


class PartnerGender(StrEnum):
    """Whom random matching may bring (R6)."""

    ANY = "any"
    SAME = "same"


def accepts_gender(preference: PartnerGender, own: Gender | None, other: Gender | None) -> bool:
    """Whether a member's gender preference admits somebody's gender (R6): `same` needs a gender of one's own."""
    if preference is PartnerGender.ANY:
        return True
    return own is not None and own == other


class Availability(StrEnum):
    """Who may lock with the member (R5)."""

    EVERYONE = "everyone"
    FAVORITES = "favorites"
    NO_ONE = "no_one"


class Activity(StrEnum):
    """What a member will be doing; `anything` goes with everything."""

    DESK = "desk"
    MOVING = "moving"
    ANYTHING = "anything"


class WorkStyle(Struct, frozen=True):
    """How a member works in a session: what a partner sees beside name and picture (R34)."""

    activity: Activity = Activity.ANYTHING
    quiet: bool = False

    def goes_with(self, other: "WorkStyle") -> bool:
        """Whether the two work alike (R20): the same quiet mode, and activities that do not differ."""
        activities = {self.activity, other.activity} - {Activity.ANYTHING}
        return self.quiet == other.quiet and len(activities) <= 1


class Profile(Struct, frozen=True):
    """A member and the member's settings (R31). `revision` is the operation that wrote it last.

    `deleted_at` is when an earlier account of the same person was deleted, if one was (R33).
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

    def is_of(self, at: datetime) -> bool:
        """Whether what happened then is this account's: a deleted one of the same person was another (R33)."""
        return self.deleted_at is None or at >= self.member_since

    def accepts_gender_of(self, other: "Profile") -> bool:
        """Whether this member's gender preference admits `other` (R6)."""
        return accepts_gender(self.partner_gender, self.gender, other.gender)


class RelationKind(StrEnum):
    """The things a member can say about another."""

    FAVORITE = "favorite"
    SNOOZE = "snooze"
    BLOCK = "block"


class Tombstone(Struct, frozen=True):
    """What stays of a deleted account (R33). `deleted_at` is real time, as issuers date tokens.

    `erased` says that nothing of the account is left to erase: from then on the person may start afresh.
    """

    member_id: str
    deleted_at: datetime
    revision: str
    erased: bool = False


Account = Profile | Tombstone


def is_spent(account: Account | None, issued_at: datetime) -> bool:
    """Whether a token of that time was issued before the account was deleted, as far as clocks can tell (R33)."""
    if account is None or account.deleted_at is None:
        return False
    return issued_at <= account.deleted_at + CLOCKS_DIFFER


class Relation(Struct, frozen=True):
    """What one member says about another: one-way, never told to the other. `revision` is what wrote it last."""

    favorite: bool = False
    snoozed_until: datetime | None = None
    blocked: bool = False
    revision: str | None = None

    def shuts_out(self, now: datetime) -> bool:
        """Whether it keeps the two apart at `now`: a block, or a snooze that has not ended."""
        return self.blocked or (self.snoozed_until is not None and now < self.snoozed_until)

    def saying(self, said: "RelationKind", *, holds: bool, until: datetime | None = None) -> "Relation":
        """The same with one thing said (`until` ends a snooze) or taken back; what else was said stays."""
        match said:
            case RelationKind.FAVORITE:
                return replace(self, favorite=holds)
            case RelationKind.SNOOZE:
                return replace(self, snoozed_until=until if holds else None)
            case RelationKind.BLOCK:
                return replace(self, blocked=holds)


NO_RELATION = Relation()


class PairRelations(Struct, frozen=True):
    """Two members and what each says about the other; a profile is None where there is no such member."""

    member: Profile | None
    other: Profile | None
    outgoing: Relation = NO_RELATION
    incoming: Relation = NO_RELATION


class MemberRelations(Struct, frozen=True):
    """A member, what the member says about others, and what they say about the member."""

    profile: Profile
    outgoing: Mapping[str, Relation]
    incoming: Mapping[str, Relation]
