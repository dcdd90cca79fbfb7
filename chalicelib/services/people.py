"""What a member says about others: favorite, snooze, block (R1, R6, R32)."""

from datetime import datetime
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.changes import Changes, Chore, ChoreKind, Decision, Fence, RelationChange
from chalicelib.domain.errors import Busy, InvalidRequest, NotFound, Unauthenticated
from chalicelib.domain.identity import is_member_id
from chalicelib.domain.member import Profile, Relation, Said
from chalicelib.domain.quotas import Guard, Quota, guard_of
from chalicelib.domain.slot import dates_ahead
from chalicelib.services.attempts import Attempt, carry_out
from chalicelib.services.lockstep import Lockstep
from chalicelib.services.part import part
from chalicelib.storage import reads
from chalicelib.storage.outcomes import NotCommitted

NOT_PARTED = "The block holds. A session that you have together is still being given up; ask again to be sure."


class PersonView(Struct, frozen=True):
    """Somebody about whom the member says something; `profile` is None once the account is gone."""

    member_id: str
    profile: Profile | None
    relation: Relation


def list_people(
    lockstep: Lockstep, caller: str, now: datetime, *, after: str | None, limit: int | None
) -> list[PersonView]:
    """Everybody about whom the caller says something that still holds, in the order of their ids."""
    saying = (
        (other, said)
        for other, said in reads.relations(lockstep.table, caller, after=after)
        if _says_something(said, now)
    )
    found = list(islice(saying, limit))
    known = reads.acquaintances(lockstep.table, caller, [other for other, _ in found])
    return [PersonView(other, known[other][0], said) for other, said in found]


def say(lockstep: Lockstep, caller: str, other: str, said: Said, *, until: datetime | None = None) -> None:
    """Let the caller say one thing about another member; said again, it changes nothing but a snooze's end.

    A block also parts every pair the two have ahead before it answers (R1). Raises NotFound where there is no such
    member, InvalidRequest for oneself, a snooze that ends in the past or a favorite too many (R36), and Busy where a
    block holds whose pairs could not all be parted yet.
    """
    if other == caller:
        raise InvalidRequest("That is you.", field="userId")
    if not is_member_id(other):
        raise NotFound
    chore = Chore(lockstep.token(16), ChoreKind.PARTING, caller, other) if said is Said.BLOCK else None
    # As it is stored: a try whose answer was lost finds it said already.
    until = until and until.replace(microsecond=0)

    def decide(attempt: Attempt) -> Decision[None]:
        standing = reads.standing(lockstep.table, caller, other)
        if standing.member is None:
            # The account was deleted meanwhile (R33).
            raise Unauthenticated
        if standing.other is None:
            raise NotFound
        if until is not None and until <= attempt.now:
            raise InvalidRequest("A snooze ends in the future.", field="until")
        change = _change(caller, other, standing.said, attempt, standing.said.saying(said, holds=True, until=until))
        if change is None:
            # Of a block the fence stands since it was first written; what a crash may have left is to part the pairs.
            return Decision(None)
        fence = Fence(caller, dates_ahead(attempt.now)) if chore else None
        guard = _guard_of_favorites(lockstep, caller) if said is Said.FAVORITE else None
        changes = Changes(relation=change, guard=guard, fence=fence, chore=chore, present=(caller, other))
        return Decision(None, changes)

    carry_out(lockstep, decide)
    if chore:
        try:
            part(lockstep, chore)
        except (Busy, NotCommitted) as outcome:
            raise Busy(NOT_PARTED) from outcome


def _guard_of_favorites(lockstep: Lockstep, caller: str) -> Guard:
    """What a favorite more passes. Raises InvalidRequest where there are as many as may be (R36)."""
    most = lockstep.settings.quotas.favorites
    guard = reads.guard(lockstep.table, guard_of(caller, Quota.FAVORITES))
    # Counted after the guard was read: what is counted is all that passed it.
    if sum(said.favorite for _, said in reads.relations(lockstep.table, caller)) >= most:
        raise InvalidRequest(f"You have {most} favorites, as many as can be. Take one off first.", field="favorites")
    return guard


def take_back(lockstep: Lockstep, caller: str, other: str, said: Said) -> None:
    """Let the caller take back one thing about another; what was not said needs no taking back."""
    if not is_member_id(other):
        return

    def decide(attempt: Attempt) -> Decision[None]:
        before = reads.relation(lockstep.table, caller, other)
        change = _change(caller, other, before, attempt, before.saying(said, holds=False))
        return Decision(None, Changes(relation=change))

    carry_out(lockstep, decide)


def _change(caller: str, other: str, before: Relation, attempt: Attempt, after: Relation) -> RelationChange | None:
    """What is to be written for the caller to say this about the other; None where it is said already."""
    if after == before:
        return None
    return RelationChange(caller, other, before, replace(after, revision=attempt.operation))


def _says_something(said: Relation, now: datetime) -> bool:
    return said.favorite or said.shuts_out(now)
