"""Members and their settings (R31, R32)."""

from collections.abc import Callable
from datetime import date, datetime

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.decisions.write_set import Decision, ProfileChange, WriteSet
from chalicelib.domain.model.errors import Busy, NotFound, Unauthenticated
from chalicelib.domain.model.ids import is_member_id, member_id
from chalicelib.domain.model.member import Profile, is_spent
from chalicelib.services.context import Context
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import reads


class Claims(Struct, frozen=True):
    """What a verified token says about its bearer; `issued_at` is the issuer's time."""

    issuer: str
    subject: str
    name: str
    photo_url: str | None
    time_zone: str
    issued_at: datetime


class MemberView(Struct, frozen=True):
    """A member as the caller sees them."""

    profile: Profile
    completed_sessions: int
    is_favorite: bool


def get_or_create_member(context: Context, claims: Claims) -> Profile:
    """The profile of the token's bearer; the first call makes it from the claims (R31).

    Raises Unauthenticated for a token from before the account was deleted (R33), and Busy for a later one while what
    was deleted is still being erased.
    """
    member = member_id(claims.issuer, claims.subject)
    found = reads.account(context.table, member)
    if isinstance(found, Profile) and not is_spent(found, claims.issued_at):
        return found
    return run_transaction(context, lambda attempt: _first_call(context, member, claims, attempt))


def _first_call(context: Context, member: str, claims: Claims, attempt: Attempt) -> Decision[Profile]:
    existing = reads.account(context.table, member)
    if is_spent(existing, claims.issued_at):
        raise Unauthenticated
    if isinstance(existing, Profile):
        return Decision(existing)
    if existing and not existing.erased:
        raise Busy
    made = Profile(
        member_id=member,
        name=claims.name,
        time_zone=claims.time_zone,
        member_since=attempt.now,
        revision=attempt.operation,
        photo_url=claims.photo_url,
        deleted_at=existing.deleted_at if existing else None,
    )
    return Decision(made, WriteSet(profile=ProfileChange(existing, made)))


def own_profile(context: Context, caller: str) -> Profile:
    """The caller's profile as it is now. Raises Unauthenticated where the account was deleted meanwhile (R33)."""
    profile = reads.profile(context.table, caller)
    if profile is None:
        raise Unauthenticated
    return profile


def change_profile(context: Context, caller: str, change: Callable[[Profile], Profile]) -> Profile:
    """Change settings of the caller: `change` takes the profile as it is and gives it as it shall be (R32).

    Raises Unauthenticated where the account was deleted meanwhile (R33).
    """

    def decide(attempt: Attempt) -> Decision[Profile]:
        before = own_profile(context, caller)
        after = change(before)
        if after == before:
            return Decision(before)
        after = replace(after, revision=attempt.operation)
        return Decision(after, WriteSet(profile=ProfileChange(before, after)))

    return run_transaction(context, decide)


def view_self(context: Context, profile: Profile) -> MemberView:
    """The caller's own profile."""
    return MemberView(profile, _count_completed(context, profile), is_favorite=False)


def view_member(context: Context, caller: str, other: str) -> MemberView:
    """Another member's public profile. Raises NotFound where there is no such member."""
    profile, said = (
        reads.profiles_and_relations(context.table, caller, [other])[other] if is_member_id(other) else (None, None)
    )
    if profile is None or said is None:
        raise NotFound
    return MemberView(profile, _count_completed(context, profile), said.favorite)


def _count_completed(context: Context, profile: Profile) -> int:
    """How many sessions the member completed, counted from the days themselves: booking pays nothing for it."""
    now = context.clock()
    days = reads.days_between(context.table, profile.member_id, date.min, now.date(), consistent=False)
    own = (booking for day in days for booking in day.active if profile.is_of(booking.requested_at))
    return sum(booking.is_completed(now) for booking in own)
