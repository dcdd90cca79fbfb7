"""Watches what is kept of members beside their days: who changes it, how, and that nothing of the deleted is left."""

from typing import Any

from msgspec.structs import replace

from chalicelib.domain.decisions.write_set import RecordedResponse
from chalicelib.domain.model.api_key import ApiKey
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.limits import LimitKind, VersionedLimit
from chalicelib.domain.model.member import NO_RELATION, Profile, Relation, Tombstone
from chalicelib.storage import keys
from chalicelib.storage.keys import Key
from tests.simulation.engine.operation_run import Act, Commit, Violation
from tests.simulation.oracles.table_history import Held, Value, Values, account, of_type
from tests.simulation.scenarios.cast import IDS, shown
from tests.simulation.scenarios.operations import SETTINGS, Verb

# What each thing that can be said changes.
_SAYING = {
    Verb.BLOCK: "blocked",
    Verb.UNBLOCK: "blocked",
    Verb.SNOOZE: "snoozed_until",
    Verb.FAVORITE: "favorite",
    Verb.UNFAVORITE: "favorite",
}


def check_kept(key: Key, before: Value | None, after: Value | None, values: Values, act: Act | None) -> None:
    """Check one change of something that is no day and no row of the pool. Raises Violation."""
    verb = act.operation.verb if act else None
    own = act is not None and IDS.get(act.operation.who) == _owner(key)
    match before, after:
        case (Relation() | None, Relation()) if key.sk.startswith(keys.ABOUT):
            said = before or NO_RELATION
            if not own or _differing(said, after) - {"revision"} - {_SAYING.get(verb) if verb else None}:
                raise Violation(f"{shown(*key)}: it is changed beyond what {act and act.operation} says")
        case (Relation() | RecordedResponse(), None) if isinstance(account(values, _owner(key)), Profile):
            other = key.sk.removeprefix(keys.ABOUT).removeprefix(keys.BY)
            if isinstance(before, RecordedResponse) or isinstance(account(values, other), Profile):
                raise Violation(f"{shown(*key)}: it is gone, and nobody has deleted the account")
        case (InviteLink(owner_id=owner), None) if isinstance(account(values, owner), Profile):
            if verb is not Verb.REVOKE or act is None or IDS[act.operation.who] != owner:
                raise Violation("an invite is gone, and its owner did not revoke it")
        case (VersionedLimit(version=passed), VersionedLimit(version=version)) if version != passed + 1:
            raise Violation(f"{shown(*key)}: it is passed by two at once")
        case (ApiKey(last_used=noted), ApiKey(last_used=on)) if noted and (on is None or on < noted):
            raise Violation(f"an API key was last used on {noted}, and that is forgotten")
        case (ApiKey(owner_id=owner), None) if isinstance(account(values, owner), Profile):
            if verb is not Verb.REVOKE_KEY or act is None or IDS[act.operation.who] != owner:
                raise Violation("an API key is gone, and its owner did not revoke it")
        case (Profile(), Profile()) if verb is Verb.RETURN:
            raise Violation(f"{shown(*key)}: an account that is there is made anew")
        case (Profile(), Profile()):
            changing = SETTINGS[act.operation.manner] if act and own and verb is Verb.SET else {}
            if _differing(before, after) - {"revision"} - changing.keys():
                raise Violation(f"{shown(*key)}: it is changed beyond what {act and act.operation} says")
        case (Profile(), Tombstone()) if not own or verb is not Verb.DELETE:
            raise Violation(f"{shown(*key)}: it is deleted, and its owner did not ask for it")
        case (Tombstone(), Tombstone()) if _differing(before, after) - {"revision"} != {"erased"} or before.erased:
            raise Violation(f"{shown(*key)}: what stands of a deleted account is changed")
        case (Tombstone(), Profile()) if not own or verb is not Verb.RETURN or not before.erased:
            raise Violation(f"{shown(*key)}: a deleted account is back")


def check_made(commit: Commit, held: Held) -> None:
    """Check that what a quota counts passes its guard, and that what was revoked stays away (R25, R35, R36)."""
    before = held.moments[commit.number - 1]
    for key, value in commit.changed.items():
        if before.get(key) is not None:
            continue
        match value:
            case InviteLink(owner_id=owner):
                quota = LimitKind.LINKS
            case ApiKey(owner_id=owner):
                quota = LimitKind.KEYS
            case _:
                continue
        if any(key in values for values in held.moments[: commit.number]):
            raise Violation(f"{shown(*key)}: it was revoked, and is back")
        if keys.versioned_limit(owner, quota) not in commit.changed:
            raise Violation(f"{shown(*key)}: it is made, and passes no guard of the {quota}")


def check_nothing_left(values: Values) -> None:
    """Check that nothing is left of what the erased said or were told, and nobody's list names them (R33)."""
    erased = {one.member_id for one in of_type(values, Tombstone) if one.erased}
    if not erased:
        return
    for key, value in values.items():
        match value:
            case Relation() if {_owner(key), key.sk.removeprefix(keys.ABOUT).removeprefix(keys.BY)} & erased:
                raise Violation(f"{shown(*key)}: it is left of an account that was erased")
            case RecordedResponse() if _owner(key) in erased:
                raise Violation(f"{shown(*key)}: it is left of an account that was erased")
            case InviteLink(owner_id=owner) if owner in erased:
                raise Violation("an invite is left of an account that was erased")
            case ApiKey(owner_id=owner) if owner in erased:
                raise Violation("an API key is left of an account that was erased")
            case Day(member_id=member) if member in erased:
                if any(held != replace(held.anonymous(), queue_position=None) for held in value.bookings):
                    raise Violation(f"{shown(*key)}: what its owner said is left in it, and the account was erased")


def _differing(one: Any, other: Any) -> set[str]:
    """The names of the fields in which two differ."""
    return {name for name in one.__struct_fields__ if getattr(one, name) != getattr(other, name)}


def _owner(key: Key) -> str:
    return key.pk.partition("#")[2]
