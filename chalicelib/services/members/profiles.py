"""Profiles of members, with their settings (R31, R32)."""

from collections.abc import Callable
from datetime import date, datetime

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.decisions.write_set import SETTLE, Decision, ProfileChange, WriteSet
from chalicelib.domain.model.errors import Busy, NotFound, Suspended, Unauthenticated
from chalicelib.domain.model.ids import is_member_id, member_id
from chalicelib.domain.model.member import (
    NO_RELATION,
    Account,
    Profile,
    Relation,
    Tombstone,
    former_member,
    is_spent,
    is_suspended,
)
from chalicelib.domain.model.slot import day_start
from chalicelib.services.begun_reads import Begun
from chalicelib.services.context import Context
from chalicelib.services.members.session_count import count_sessions, sessions_at_midnight
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import reads

# The days that one request reads in the search for a session with a deleted account. Most searches end early.
DAYS_PER_REQUEST = 200


class Claims(Struct, frozen=True):
    """The claims of a verified token.

    `signed_in_at` is the instant of the sign-in by the issuer's clock. `verified_address` is an e-mail address that
    the issuer has verified.
    """

    issuer: str
    subject: str
    name: str
    photo_url: str | None
    time_zone: str
    signed_in_at: datetime
    verified_address: str | None = None


class MemberView(Struct, frozen=True):
    """A member as shown to the caller."""

    profile: Profile
    completed_sessions: int
    is_favorite: bool


# Another member's account, and the caller's relation to that member.
MemberRead = tuple[Account | None, Relation]
# Begins to read for the member with an id.
Begin = Callable[[str], None]


def account_of(context: Context, member: str, begin: Begin | None = None) -> Account | None:
    """Return the account of a member, and call `begin` while it is read.

    `begin` is called again for an account that was opened less than 1 minute ago after a deletion.
    """
    if begin is None:
        return reads.account(context.table, member)
    with context.table.parallel(1) as threads:
        account = threads.submit(reads.account, context.table, member)
        begin(member)
        found: Account | None = account.result()
    if isinstance(found, Profile) and found.deleted_at and abs(context.clock() - found.member_since) < SETTLE:
        # What was begun may be of the deleted account, if another request opened this one in between (R33).
        begin(member)
    return found


def get_or_create_member(context: Context, claims: Claims, begin: Begin | None = None) -> Profile:
    """Return the profile of the token's bearer. The first call creates it from the claims (R31).

    `begin` is called with the member's id while the account is read, and again after it is created.

    Raises Unauthenticated for a token of a sign-in before the account was deleted (R33). Raises Busy for one of a later
    sign-in until the deleted account is erased, and Suspended if it was suspended (R47). The profile may be suspended.
    """
    member = member_id(claims.issuer, claims.subject, context.settings.identity_key)
    found = account_of(context, member, begin)
    if isinstance(found, Profile) and not is_spent(found, claims.signed_in_at):
        return found
    created = run_transaction(context, lambda attempt: _first_call(context, member, claims, attempt))
    if begin:
        # What was read before may be of an account that was erased since (R33).
        begin(member)
    return created


def existing_member(context: Context, claims: Claims, begin: Begin | None = None) -> Profile:
    """Return the profile of the bearer of a token that may not create one. `begin` is called while it is read.

    Otherwise a client that only reads would restore a deleted account with its next token. Raises Unauthenticated
    without an account, and for a token of a sign-in before the account was deleted (R33).
    """
    member = member_id(claims.issuer, claims.subject, context.settings.identity_key)
    found = account_of(context, member, begin)
    if not isinstance(found, Profile) or is_spent(found, claims.signed_in_at):
        raise Unauthenticated
    return found


def _first_call(context: Context, member: str, claims: Claims, attempt: Attempt) -> Decision[Profile]:
    existing = reads.account(context.table, member)
    if is_spent(existing, claims.signed_in_at):
        raise Unauthenticated
    if isinstance(existing, Profile):
        return Decision(existing)
    if is_suspended(existing):
        # A deletion does not end a suspension (R47).
        raise Suspended
    if existing and not existing.erased:
        raise Busy
    created = Profile(
        member_id=member,
        name=claims.name,
        time_zone=claims.time_zone,
        member_since=attempt.now,
        revision=attempt.operation,
        photo_url=claims.photo_url,
        deleted_at=existing.deleted_at if existing else None,
        # A new account has no sessions to count.
        counted_until=day_start(attempt.now.date()),
    )
    return Decision(created, WriteSet(profile=ProfileChange(existing, created)))


def own_profile(context: Context, caller: str) -> Profile:
    """Read the caller's profile. Raises Unauthenticated if the account is deleted (R33), and Suspended (R47)."""
    profile = reads.profile(context.table, caller)
    if profile is None:
        raise Unauthenticated
    if profile.suspension:
        raise Suspended
    return profile


def change_profile(context: Context, caller: str, change: Callable[[Profile], Profile]) -> Profile:
    """Store the profile that `change` returns for the caller's current one (R32).

    Raises Unauthenticated if the account is deleted (R33).
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
    """Return the caller's own profile, with the number of sessions completed up to now."""
    return MemberView(profile, count_sessions(context, profile).up_to_now, is_favorite=False)


def read_member(context: Context, caller: str, other: str) -> MemberRead:
    """Read the account of another member and the caller's relation to that member, in one request."""
    return reads.account_and_relation(context.table, caller, other) if is_member_id(other) else (None, NO_RELATION)


def view_member(context: Context, caller: Profile, other: str, begun: Begun[MemberRead] | None = None) -> MemberView:
    """Return another member's public profile. Raises NotFound if there is no such member.

    Its number of sessions is that of the last UTC midnight, so no view shows when a session of the member ended (R34).
    A deleted account has a profile without personal data, for past partners only (R33). `begun` is the first read.
    """
    account, relation = begun() if begun else read_member(context, caller.member_id, other)
    if account is None:
        raise NotFound
    if isinstance(account, Tombstone):
        return MemberView(_former_partner(context, caller, other), completed_sessions=0, is_favorite=False)
    return MemberView(account, sessions_at_midnight(context, account), relation.favorite)


def _former_partner(context: Context, caller: Profile, other: str) -> Profile:
    """Return the profile of a deleted account that was a partner of the caller. Raises NotFound otherwise.

    The caller's days are read, the latest first.
    """
    me, now = caller.member_id, context.clock()
    days = reads.days_between(
        context.table, me, date.min, now.date(), newest_first=True, consistent=False, page=DAYS_PER_REQUEST
    )
    bookings = (booking for day in days for booking in day.active if caller.is_of(booking.requested_at))
    partners = (booking.partner for booking in bookings if booking.slot.start <= now)
    if not any(partner and partner.member_id == other for partner in partners):
        raise NotFound
    return former_member(other)
