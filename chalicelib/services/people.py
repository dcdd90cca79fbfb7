"""What a member says about others: favorite, snooze, block (R1, R6, R32)."""

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from chalicelib.domain.changes import Changes, Chore, Decision, Fence, RelationChange
from chalicelib.domain.errors import InvalidRequest, NotFound
from chalicelib.domain.identity import is_member_id
from chalicelib.domain.member import Profile, Relation, Said
from chalicelib.domain.slot import dates_ahead
from chalicelib.services.attempts import Attempt, carry_out
from chalicelib.services.lockstep import Lockstep
from chalicelib.services.part import do_chore
from chalicelib.storage import reads


@dataclass(frozen=True, slots=True)
class PersonView:
    """Somebody about whom the member says something; `profile` is None once the account is gone."""

    member_id: str
    profile: Profile | None
    relation: Relation


def list_people(caller: str, now: datetime, *, after: str | None, limit: int | None) -> list[PersonView]:
    """Everybody about whom the caller says something that still holds, in the order of their ids."""
    saying = ((other, said) for other, said in reads.relations(caller, after=after) if _says_something(said, now))
    found = list(islice(saying, limit))
    known = reads.acquaintances(caller, [other for other, _ in found])
    return [PersonView(other, known[other][0], said) for other, said in found]


def say(lockstep: Lockstep, caller: str, other: str, said: Said, *, until: datetime | None = None) -> None:
    """Let the caller say one thing about another member; said again, it changes nothing but a snooze's end.

    A block also parts every pair the two have ahead before it answers (R1). Raises NotFound where there is no such
    member, and InvalidRequest for oneself or a snooze that ends in the past.
    """
    if other == caller:
        raise InvalidRequest("That is you.", field="userId")
    if not is_member_id(other) or reads.profile(other) is None:
        raise NotFound
    if until is not None and until <= lockstep.clock():
        raise InvalidRequest("A snooze ends in the future.", field="until")
    chore = Chore(lockstep.token(16), caller, other) if said is Said.BLOCK else None

    def decide(attempt: Attempt) -> Decision[None]:
        change = _change(caller, other, attempt, said, holds=True, until=until)
        if change is None:
            # Of a block the fence stands since it was first written; what a crash may have left is to part the pairs.
            return Decision(None)
        fence = Fence(caller, dates_ahead(attempt.now)) if chore else None
        return Decision(None, Changes(relation=change, fence=fence, chore=chore))

    carry_out(lockstep, decide)
    if chore:
        do_chore(lockstep, chore)


def take_back(lockstep: Lockstep, caller: str, other: str, said: Said) -> None:
    """Let the caller take back one thing about another; what was not said needs no taking back."""
    if not is_member_id(other):
        return

    def decide(attempt: Attempt) -> Decision[None]:
        return Decision(None, Changes(relation=_change(caller, other, attempt, said, holds=False)))

    carry_out(lockstep, decide)


def _change(
    caller: str, other: str, attempt: Attempt, said: Said, *, holds: bool, until: datetime | None = None
) -> RelationChange | None:
    """What is to be written for the caller to say or take back one thing; None where it is so already."""
    before = reads.relation(caller, other)
    after = before.saying(said, holds=holds, until=until)
    if after == before:
        return None
    return RelationChange(caller, other, before, replace(after, revision=attempt.operation))


def _says_something(said: Relation, now: datetime) -> bool:
    return said.favorite or said.shuts_out(now)
