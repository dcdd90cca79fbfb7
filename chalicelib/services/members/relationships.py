"""What a member says about others: favorite, snooze, block (R1, R6, R32)."""

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
from chalicelib.services.members.unpair_blocked import unpair_blocked
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import reads
from chalicelib.storage.errors import NotCommitted

NOT_PARTED = "The block holds. A session that you have together is still being given up; ask again to be sure."


class PersonView(Struct, frozen=True):
    """Somebody about whom the member says something; `profile` is None once the account is gone."""

    member_id: str
    profile: Profile | None
    relation: Relation


def list_people(
    context: Context, caller: str, now: datetime, *, after: str | None, limit: int | None
) -> list[PersonView]:
    """Everybody about whom the caller says something that still holds, in the order of their ids."""
    saying = (
        (other, kind)
        for other, kind in reads.relations(context.table, caller, after=after)
        if _says_something(kind, now)
    )
    found = list(islice(saying, limit))
    known = reads.profiles_and_relations(context.table, caller, [other for other, _ in found])
    return [PersonView(other, known[other][0], kind) for other, kind in found]


def set_relation(
    context: Context, caller: str, other: str, kind: RelationKind, *, until: datetime | None = None
) -> None:
    """Let the caller say one thing about another member; said again, it changes nothing but a snooze's end.

    A block also parts every pair the two have ahead before it answers (R1). Raises NotFound where there is no such
    member, InvalidRequest for oneself, a snooze that ends in the past or a favorite too many (R36), and Busy where a
    block holds whose pairs could not all be parted yet.
    """
    if other == caller:
        raise InvalidRequest("That is you.", field="userId")
    if not is_member_id(other):
        raise NotFound
    job = Job(context.token(16), JobKind.PARTING, caller, other) if kind is RelationKind.BLOCK else None
    # As it is stored: a try whose answer was lost finds it said already.
    until = until and until.replace(microsecond=0)

    def decide(attempt: Attempt) -> Decision[None]:
        pair_relations = reads.pair_relations(context.table, caller, other)
        if pair_relations.member is None:
            # The account was deleted meanwhile (R33).
            raise Unauthenticated
        if pair_relations.other is None:
            raise NotFound
        if until is not None and until <= attempt.now:
            raise InvalidRequest("A snooze ends in the future.", field="until")
        change = _change(
            caller,
            other,
            pair_relations.outgoing,
            attempt,
            pair_relations.outgoing.saying(kind, holds=True, until=until),
        )
        if change is None:
            # Of a block the fence stands since it was first written; what a crash may have left is to part the pairs.
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
        except (Busy, NotCommitted) as outcome:
            raise Busy(NOT_PARTED) from outcome


def _limit_of_favorites(context: Context, caller: str) -> VersionedLimit:
    """What a favorite more passes. Raises InvalidRequest where there are as many as may be (R36)."""
    most = context.settings.limits.favorites
    versioned_limit = reads.versioned_limit(context.table, versioned_limit_of(caller, LimitKind.FAVORITES))
    # Counted after the guard was read: what is counted is all that passed it.
    if sum(kind.favorite for _, kind in reads.relations(context.table, caller)) >= most:
        raise InvalidRequest(f"You have {most} favorites, as many as can be. Take one off first.", field="favorites")
    return versioned_limit


def remove_relation(context: Context, caller: str, other: str, kind: RelationKind) -> None:
    """Let the caller take back one thing about another; what was not said needs no taking back."""
    if not is_member_id(other):
        return

    def decide(attempt: Attempt) -> Decision[None]:
        before = reads.relation(context.table, caller, other)
        change = _change(caller, other, before, attempt, before.saying(kind, holds=False))
        return Decision(None, WriteSet(relation=change))

    run_transaction(context, decide)


def _change(caller: str, other: str, before: Relation, attempt: Attempt, after: Relation) -> RelationChange | None:
    """What is to be written for the caller to say this about the other; None where it is said already."""
    if after == before:
        return None
    return RelationChange(caller, other, before, replace(after, revision=attempt.operation))


def _says_something(kind: Relation, now: datetime) -> bool:
    return kind.favorite or kind.shuts_out(now)
