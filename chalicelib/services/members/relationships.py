"""Relations of a member to others, which are favorites, snoozes and blocks (R1, R6, R32)."""

from datetime import datetime
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.decisions.write_set import Decision, Job, JobKind, RelationChange, VersionBump, WriteSet
from chalicelib.domain.model.errors import Busy, InvalidRequest, NotFound, Unauthenticated
from chalicelib.domain.model.ids import is_member_id
from chalicelib.domain.model.limits import LimitKind, VersionedLimit, versioned_limit_of
from chalicelib.domain.model.member import Profile, Relation, RelationKind
from chalicelib.domain.model.slot import dates_ahead
from chalicelib.services.context import Context
from chalicelib.services.members.blocked_pairs import unpair_blocked
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import reads
from chalicelib.storage.errors import TableRequestFailed

STILL_PAIRED = "The block is stored, but you may still share a session. Repeat the request to part it."


class PersonView(Struct, frozen=True):
    """Another member and the caller's relation to that member. `profile` is None if the account is deleted."""

    member_id: str
    profile: Profile | None
    relation: Relation


def list_people(
    context: Context, caller: str, now: datetime, *, after: str | None, limit: int | None
) -> list[PersonView]:
    """Return the other members of the caller's current relations, in the order of their ids."""
    current = (
        (other, relation)
        for other, relation in reads.relations(context.table, caller, after=after)
        if _is_current(relation, now)
    )
    found = list(islice(current, limit))
    members = reads.profiles(context.table, [other for other, _ in found])
    profiles = {profile.member_id: profile for profile in members}
    return [PersonView(other, profiles.get(other), relation) for other, relation in found]


def set_relation(
    context: Context, caller: str, other: str, kind: RelationKind, *, until: datetime | None = None
) -> None:
    """Set one relation of the caller to another member. A repeated call changes only the end of a snooze.

    A block also parts every pair of the two that is ahead (R1). Raises NotFound if there is no such member. Raises
    InvalidRequest if `other` is the caller, if a snooze ends in the past, or at the limit of favorites (R36). Raises
    Busy if the block is stored but not all pairs are parted.
    """
    if other == caller:
        raise InvalidRequest("The user must be another member.", field="userId")
    if not is_member_id(other):
        raise NotFound
    job = Job(context.token(16), JobKind.PARTING, caller, other) if kind is RelationKind.BLOCK else None
    # Whole seconds, like the stored value: a retry after a lost response finds the relation unchanged.
    until = until and until.replace(microsecond=0)

    def decide(attempt: Attempt) -> Decision[None]:
        before = _relation_to(context, caller, other)
        if until is not None and until <= attempt.now:
            raise InvalidRequest("The end of a snooze must be in the future.", field="until")
        change = _change(caller, other, before, attempt, before.saying(kind, holds=True, until=until))
        if change is None:
            # The versions were bumped with the stored block. A crash may have left pairs, which are parted below.
            return Decision(None)
        version_bump = VersionBump(caller, dates_ahead(attempt.now)) if job else None
        versioned_limit = _limit_of_favorites(context, caller) if kind is RelationKind.FAVORITE else None
        changes = WriteSet(
            relation=change,
            versioned_limit=versioned_limit,
            version_bump=version_bump,
            job=job,
            present=(caller, other),
        )
        return Decision(None, changes)

    run_transaction(context, decide)
    if job:
        try:
            unpair_blocked(context, job)
        except (Busy, TableRequestFailed) as failure:
            raise Busy(STILL_PAIRED) from failure


def _relation_to(context: Context, caller: str, other: str) -> Relation:
    """Return the caller's relation to another member. Raises Unauthenticated or NotFound for a deleted account."""
    pair_relations = reads.pair_relations(context.table, caller, other)
    if pair_relations.member is None:
        # The caller's account is deleted (R33).
        raise Unauthenticated
    if pair_relations.other is None:
        raise NotFound
    return pair_relations.outgoing


def _limit_of_favorites(context: Context, caller: str) -> VersionedLimit:
    """Read the versioned limit of favorites. Raises InvalidRequest if the limit is reached (R36)."""
    limit = context.settings.limits.favorites
    versioned_limit = reads.versioned_limit(context.table, versioned_limit_of(caller, LimitKind.FAVORITES))
    # Counted after the version was read: the count includes every favorite that incremented the version.
    if sum(relation.favorite for _, relation in reads.relations(context.table, caller)) >= limit:
        raise InvalidRequest(f"You have {limit} favorites, which is the limit. Remove one first.", field="favorites")
    return versioned_limit


def remove_relation(context: Context, caller: str, other: str, kind: RelationKind) -> None:
    """Remove one relation of the caller to another member. It is idempotent."""
    if not is_member_id(other):
        return

    def decide(attempt: Attempt) -> Decision[None]:
        before = reads.relation(context.table, caller, other)
        change = _change(caller, other, before, attempt, before.saying(kind, holds=False))
        return Decision(None, WriteSet(relation=change))

    run_transaction(context, decide)


def _change(caller: str, other: str, before: Relation, attempt: Attempt, after: Relation) -> RelationChange | None:
    """Return the change from one relation to another, or None if they are equal."""
    if after == before:
        return None
    return RelationChange(caller, other, before, replace(after, revision=attempt.operation))


def _is_current(relation: Relation, now: datetime) -> bool:
    return relation.favorite or relation.keeps_apart(now)
