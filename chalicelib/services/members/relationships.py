"""Relations of a member to others, which are favorites, snoozes and blocks (R1, R6, R32)."""

from collections.abc import Collection, Mapping
from datetime import datetime
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.decisions.write_set import SETTLE, Decision, Job, JobKind, RelationChange, WriteSet
from chalicelib.domain.model import input_texts
from chalicelib.domain.model.errors import Busy, InvalidRequest, NotFound, Unauthenticated
from chalicelib.domain.model.ids import is_member_id
from chalicelib.domain.model.limits import (
    LimitKind,
    VersionedLimit,
    check_block_changes,
    check_relations,
    use_of_block_changes,
    versioned_limit_of,
)
from chalicelib.domain.model.member import NO_RELATION, Profile, Relation, RelationKind
from chalicelib.domain.model.slot import check_ahead
from chalicelib.metrics import current_metrics
from chalicelib.services.begun_reads import Begun, begun_first
from chalicelib.services.context import Context
from chalicelib.services.members.blocked_pairs import unpair_blocked
from chalicelib.services.members.watches import ended_watch
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.services.version_bumps import bump_days_ahead
from chalicelib.storage import reads, watch_reads
from chalicelib.storage.errors import TableRequestFailed

STILL_PAIRED = "The block is stored, but you may still share a session. Repeat the request to part it."


class PersonView(Struct, frozen=True):
    """Another member and the caller's relation to that member. `profile` is None if the account is deleted.

    `watched` says that the caller watches this favorite.
    """

    member_id: str
    profile: Profile | None
    relation: Relation
    watched: bool = False


def list_people(
    context: Context, caller: str, now: datetime, *, after: str | None, limit: int | None
) -> list[PersonView]:
    """Return the other members of the caller's current relations, in the order of their ids.

    Their profiles and the caller's watches are read in parallel.
    """
    current = (
        (other, relation)
        for other, relation in reads.relations(context.table, caller, after=after)
        if _is_current(relation, now)
    )
    found = list(islice(current, limit))
    members, favorites = [other for other, _ in found], [other for other, relation in found if relation.favorite]
    with context.table.parallel(1) as threads:
        profiles = threads.submit(reads.profiles, context.table, members)
        # Only favorites are watched.
        watched = (
            watch_reads.watched_between(context.table, caller, favorites[0], favorites[-1]) if favorites else set()
        )
        known = {profile.member_id: profile for profile in profiles.result()}
    return [_person(other, known.get(other), relation, watched) for other, relation in found]


def _person(other: str, profile: Profile | None, relation: Relation, watched: Collection[str]) -> PersonView:
    """Return the view of another member. Only a block or snooze about a deleted account is shown (R33)."""
    shown = relation if profile else replace(relation, favorite=False)
    return PersonView(other, profile, shown, watched=shown.favorite and other in watched)


def relations_limit(context: Context, member_id: str) -> VersionedLimit:
    """Read the versioned limit of relations, the first read of every change of a relation or a watch."""
    return reads.versioned_limit(context.table, versioned_limit_of(member_id, LimitKind.RELATIONS))


def set_relation(
    context: Context,
    caller: str,
    other: str,
    kind: RelationKind,
    *,
    until: datetime | None = None,
    begun: Begun[VersionedLimit] | None = None,
) -> None:
    """Set one relation of the caller to another member. A repeated call changes only the end of a snooze.

    `begun` is the first read of the versioned limit.

    A block, also a repeated one, parts every pair of the two that is ahead (R1). Raises NotFound if there is no such
    member. Raises InvalidRequest if `other` is the caller, if a snooze ends in the past, or at a limit of relations.
    Raises RateLimited at the limit of a date's changes of blocks (R36). Raises Busy if the block is stored but not all
    pairs are parted.
    """
    _check_other(caller, other)
    job = Job(context.token(16), JobKind.PARTING, caller, other) if kind is RelationKind.BLOCK else None
    # Whole seconds, like the stored value: a retry after a lost response finds the relation unchanged.
    until = until and until.replace(microsecond=0)
    read_limit = begun_first(begun, lambda: relations_limit(context, caller))

    def decide(attempt: Attempt) -> Decision[bool]:
        limit = read_limit()
        # Read after the version, so the commit fails if a relation of the caller has changed since.
        relations = _relations_of_members(context, caller, other)
        before = relations.get(other, NO_RELATION)
        check_ahead(until, attempt.now, "until")
        after = before.saying(kind, holds=True, until=until)
        if after == before:
            return _repeated(context, WriteSet(versioned_limit=limit, present=(caller,)), kind, attempt.now)
        check_relations(context.settings.limits, relations.values(), before, kind, attempt.now)
        change = RelationChange(
            caller, other, before, after.at(attempt.now), ended=_ended_relation(relations, other, attempt.now)
        )
        present = (caller, other) if kind is RelationKind.FAVORITE else (caller,)
        made = job and replace(job, made_at=attempt.now)
        changes = WriteSet(relation=change, versioned_limit=limit, job=made, present=present)
        return Decision(True, _counted(context, changes, kind, attempt.now))

    is_young = run_transaction(context, decide)
    if job:
        _part(context, caller, other, is_young=is_young)


def _repeated(context: Context, changes: WriteSet, kind: RelationKind, now: datetime) -> Decision[bool]:
    """Return the decision on a relation that is stored already, and whether it is a block that may be young.

    The first request of a young block may be running, or have died before its bumps. So a repetition makes them too,
    and counts as one more change of a block (R36). A later one writes only if it finds a pair.
    """
    limit = changes.versioned_limit
    # The change may have been of another block, which is then the later one.
    changed_at = limit.changed_at if limit else None
    if kind is not RelationKind.BLOCK or changed_at is None or abs(now - changed_at) >= SETTLE:
        return Decision(False)
    return Decision(True, _counted(context, changes, kind, now))


def _part(context: Context, caller: str, other: str, *, is_young: bool) -> None:
    """Part the pairs ahead of a block that is stored. Raises Busy if some may be left, which the job then parts.

    Of a young block the days' versions come first. Each decision on an earlier read of an existing day then conflicts,
    and each later one sees the block. A booking that creates its day looks again after its commit.
    """
    try:
        if is_young:
            bump_days_ahead(context, caller)
        unpair_blocked(context, caller, other)
    except (Busy, TableRequestFailed) as failure:
        raise Busy(STILL_PAIRED) from failure


def _check_other(caller: str, other: str) -> None:
    """Raise InvalidRequest for the caller's own id, and NotFound for an id that no member has."""
    if other == caller:
        raise InvalidRequest(input_texts.ONESELF, field="userId")
    if not is_member_id(other):
        raise NotFound


def _relations_of_members(context: Context, caller: str, other: str) -> dict[str, Relation]:
    """Return the caller's relations. Both accounts are read in parallel, and checked."""
    with context.table.parallel(1) as threads:
        checked = threads.submit(_check_accounts, context, caller, other)
        relations = dict(reads.relations(context.table, caller))
    checked.result()
    return relations


def _ended_relation(relations: Mapping[str, Relation], other: str, now: datetime) -> str | None:
    """Return a member other than `other` whose relation has ended, if there is one."""
    ended = (one for one, relation in relations.items() if one != other and relation.at(now) == NO_RELATION)
    return next(ended, None)


def _check_accounts(context: Context, caller: str, other: str) -> None:
    """Raise Unauthenticated or NotFound without an account. A relation to a deleted member can only end (R33)."""
    accounts = reads.accounts(context.table, (caller, other))
    if not isinstance(accounts[caller], Profile):
        # The caller's account is deleted (R33).
        raise Unauthenticated
    if not isinstance(accounts[other], Profile):
        raise NotFound


def _counted(context: Context, changes: WriteSet, kind: RelationKind, now: datetime) -> WriteSet:
    """Return the changes with one more change of a block of the date. Raises RateLimited at the limit (R36)."""
    limit = changes.versioned_limit
    if kind is not RelationKind.BLOCK or limit is None:
        return changes
    most = context.settings.limits.block_changes
    check_block_changes(most, limit, now)
    counted = limit.counting(now)
    current_metrics().limit_uses = (use_of_block_changes(most, counted, now),)
    return replace(changes, versioned_limit=counted)


def remove_relation(
    context: Context, caller: str, other: str, kind: RelationKind, *, begun: Begun[VersionedLimit] | None = None
) -> None:
    """Remove one relation of the caller to another member, also to a deleted one. It is idempotent.

    `begun` is the first read of the versioned limit. Raises RateLimited at the limit of a date's changes of blocks
    (R36), and Unauthenticated.
    """
    if not is_member_id(other):
        return

    read_limit = begun_first(begun, lambda: relations_limit(context, caller))

    def decide(attempt: Attempt) -> Decision[None]:
        limit = read_limit()
        with context.table.parallel(1) as threads:
            # A watch ends with the favorite (R45). It is read after the version, like the relation.
            ended = threads.submit(ended_watch, context, caller, other) if kind is RelationKind.FAVORITE else None
            account, relations = reads.account_and_relations(context.table, caller, [other])
        before = relations[other]
        after = before.saying(kind, holds=False)
        if after == before:
            return Decision(None)
        if not isinstance(account, Profile):
            # The caller's account is deleted, and its relations are being erased (R33).
            raise Unauthenticated
        change = RelationChange(caller, other, before, after.at(attempt.now))
        documents = ended.result() if ended else ()
        changes = WriteSet(relation=change, versioned_limit=limit, documents=documents, present=(caller,))
        return Decision(None, _counted(context, changes, kind, attempt.now))

    run_transaction(context, decide)


def _is_current(relation: Relation, now: datetime) -> bool:
    return relation.favorite or relation.keeps_apart(now)
