"""The oracle of a member's other items, of their changes and of their erasure with the account."""

from typing import Any

from msgspec.structs import replace

from chalicelib.domain.decisions.title_items import LongTitle
from chalicelib.domain.decisions.write_set import Job, JobKind, RecordedResponse
from chalicelib.domain.model.api_key import ApiKey
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.limits import LimitKind, VersionedLimit, is_of_failed_links
from chalicelib.domain.model.member import NO_RELATION, Profile, Relation, Tombstone
from chalicelib.domain.model.staff_line import StaffLine
from chalicelib.storage import keys
from chalicelib.storage.keys import Key
from tests.simulation.engine.operation_run import Commit, OperationRun, OracleViolation
from tests.simulation.oracles.table_history import TableHistory, Value, Values, account, completed_by, of_type
from tests.simulation.scenarios.cast import IDS, key_text
from tests.simulation.scenarios.operations import SETTINGS, UseCase

# The field that each use case changes.
_RELATION_FIELDS = {
    UseCase.BLOCK: "blocked",
    UseCase.UNBLOCK: "blocked",
    UseCase.SNOOZE: "snoozed_until",
    UseCase.UNSNOOZE: "snoozed_until",
    UseCase.FAVORITE: "favorite",
    UseCase.UNFAVORITE: "favorite",
}


def check_member_item(
    key: Key, before: Value | None, after: Value | None, values: Values, operation_run: OperationRun | None
) -> None:
    """Check one change of an item that is neither a day nor a row. Raises OracleViolation."""
    use_case = operation_run.operation.use_case if operation_run else None
    own = operation_run is not None and IDS.get(operation_run.operation.member) == _owner(key)
    match before, after:
        case (Relation(), Relation()) if key.sk.startswith(keys.ABOUT) and _is_taken_back(key, before, after, values):
            """The favorite about a deleted account goes, and the block or snooze stays."""
        case (Relation() | None, Relation() | None) if key.sk.startswith(keys.ABOUT) and (own or after):
            field = _RELATION_FIELDS.get(use_case) if use_case else None
            deletes = use_case is UseCase.DELETE and after is None
            if not own or (_differing(before or NO_RELATION, after or NO_RELATION) - {field} and not deletes):
                raise OracleViolation(
                    f"{key_text(*key)}: fields changed that {operation_run and operation_run.operation} does not change"
                )
        case (Relation(), None) if key.sk.startswith(keys.BY) and use_case is UseCase.UNFAVORITE:
            """The copy of a favorite goes with it, which the invariants check."""
        case (Relation() | RecordedResponse(), None) if isinstance(account(values, _owner(key)), Profile):
            other = key.sk.removeprefix(keys.ABOUT).removeprefix(keys.BY)
            if isinstance(before, RecordedResponse) or isinstance(account(values, other), Profile):
                raise OracleViolation(f"{key_text(*key)}: deleted without a deletion of the account")
            if key.sk.startswith(keys.ABOUT) and (before.blocked or before.snoozed_until):
                raise OracleViolation(f"{key_text(*key)}: a block or snooze was deleted with the other's account")
        case (VersionedLimit(), None) if isinstance(account(values, _owner(key)), Profile):
            raise OracleViolation(f"{key_text(*key)}: deleted without a deletion of the account")
        case (InviteLink(owner_id=owner), None) if isinstance(account(values, owner), Profile):
            if use_case is not UseCase.REVOKE or operation_run is None or IDS[operation_run.operation.member] != owner:
                raise OracleViolation("an invite link was deleted without a request of its owner")
        case (VersionedLimit(version=passed), VersionedLimit(version=version)) if version != passed + 1:
            raise OracleViolation(f"{key_text(*key)}: the version did not increase by one")
        case (ApiKey(last_used=noted), ApiKey(last_used=on)) if noted and (on is None or on < noted):
            raise OracleViolation(f"an API key was last used on {noted}, and now on {on}")
        case (ApiKey(owner_id=owner), None) if isinstance(account(values, owner), Profile):
            if (
                use_case is not UseCase.REVOKE_KEY
                or operation_run is None
                or IDS[operation_run.operation.member] != owner
            ):
                raise OracleViolation("an API key was deleted without a request of its owner")
        case (Profile(), Profile()) if use_case is UseCase.RETURN:
            raise OracleViolation(f"{key_text(*key)}: an existing account was created again")
        case (Profile(), Profile()):
            changing = set(
                SETTINGS[operation_run.operation.option] if operation_run and own and use_case is UseCase.SET else ()
            )
            staff = operation_run is not None and IDS.get(operation_run.operation.other) == _owner(key)
            if staff and use_case in (UseCase.SUSPEND, UseCase.LIFT):
                changing |= {"suspension"}
            if use_case in (UseCase.COUNT, UseCase.SET):
                # A changed setting may store an earlier count, with its midnight.
                changing |= {"completed", "counted_until"}
            if after.counted_until and after.completed != completed_by(values, after, after.counted_until):
                raise OracleViolation(f"{key_text(*key)}: {after.completed} sessions are not those of the days")
            if _differing(before, after) - {"revision"} - changing:
                raise OracleViolation(
                    f"{key_text(*key)}: fields changed that {operation_run and operation_run.operation} does not change"
                )
        case (Profile(), Tombstone()) if not own or use_case is not UseCase.DELETE:
            raise OracleViolation(f"{key_text(*key)}: deleted without a request of its owner")
        case (Tombstone(), Tombstone()) if use_case in (UseCase.SUSPEND, UseCase.LIFT):
            if _differing(before, after) - {"revision", "suspension"}:
                raise OracleViolation(f"{key_text(*key)}: a suspension changed more of a tombstone")
        case (Tombstone(), Tombstone()) if _differing(before, after) - {"revision"} != {"erased"} or before.erased:
            raise OracleViolation(f"{key_text(*key)}: a tombstone was changed")
        case (Tombstone(), Profile()) if before.suspension:
            raise OracleViolation(f"{key_text(*key)}: a suspended member came back")
        case (StaffLine(), _):
            raise OracleViolation("a line of the log of staff was changed or deleted")
        case (None, StaffLine()) if use_case not in (UseCase.SUSPEND, UseCase.LIFT):
            raise OracleViolation(f"{operation_run and operation_run.operation} added a line to the log of staff")
        case (Tombstone(), Profile()) if not own or use_case is not UseCase.RETURN or not before.erased:
            raise OracleViolation(f"{key_text(*key)}: a deleted account exists again")


def _is_taken_back(key: Key, before: Relation, after: Relation, values: Values) -> bool:
    """Return True if only the favorite about a deleted account was removed."""
    gone = isinstance(account(values, key.sk.removeprefix(keys.ABOUT)), Tombstone)
    return gone and not after.favorite and _differing(before, after) == {"favorite"}


def check_created(commit: Commit, history: TableHistory) -> None:
    """Check that new items increment their versioned limit and that no deleted item returns (R25, R35, R36)."""
    before = history.moments[commit.number - 1]
    for key, value in commit.changed.items():
        if before.get(key) is not None:
            continue
        match value:
            case InviteLink(owner_id=owner):
                limit = LimitKind.LINKS
            case ApiKey(owner_id=owner):
                limit = LimitKind.KEYS
            case Relation() if key.sk.startswith(keys.ABOUT):
                # It may be set again after its removal.
                if keys.versioned_limit(_owner(key), LimitKind.RELATIONS) not in commit.changed:
                    raise OracleViolation(f"{key_text(*key)}: created without the versioned limit of relations")
                continue
            case _:
                continue
        if any(key in values for values in history.moments[: commit.number]):
            raise OracleViolation(f"{key_text(*key)}: created again after its deletion")
        if keys.versioned_limit(owner, limit) not in commit.changed:
            raise OracleViolation(f"{key_text(*key)}: created without the versioned limit of the {limit}")


def check_erasure(values: Values) -> None:
    """Check that nothing of an erased account is left after its job but what R33 permits.

    Blocks and snoozes about it stay, and so do the pairs that have started, and the failed links of a date.
    """
    erased = {one.member_id for one in of_type(values, Tombstone) if one.erased}
    erased -= {job.member_id for job in of_type(values, Job) if job.kind is JobKind.DELETION}
    if not erased:
        return
    for key, value in values.items():
        match value:
            case Relation() if _owner(key) in erased:
                raise OracleViolation(f"{key_text(*key)}: left of an erased account")
            case Relation(favorite=True) if key.sk.removeprefix(keys.ABOUT) in erased:
                raise OracleViolation(f"{key_text(*key)}: left of an erased account")
            case RecordedResponse() if _owner(key) in erased:
                raise OracleViolation(f"{key_text(*key)}: left of an erased account")
            case LongTitle(member_id=owner) if owner in erased:
                raise OracleViolation("a long title is left of an erased account")
            case InviteLink(owner_id=owner) if owner in erased:
                raise OracleViolation("an invite link is left of an erased account")
            case ApiKey(owner_id=owner) if owner in erased:
                raise OracleViolation("an API key is left of an erased account")
            case VersionedLimit(member_id=member, name=name) if member in erased and not is_of_failed_links(name):
                raise OracleViolation(f"{key_text(*key)}: left of an erased account")
            case Day(member_id=member) if member in erased:
                if value.is_empty or any(
                    booking != replace(booking.anonymous(), queue_position=None) for booking in value.bookings
                ):
                    raise OracleViolation(f"{key_text(*key)}: personal data is left of an erased account")


def _differing(one: Any, other: Any) -> set[str]:
    """Return the names of the fields that differ."""
    return {name for name in one.__struct_fields__ if getattr(one, name) != getattr(other, name)}


def _owner(key: Key) -> str:
    return key.pk.partition("#")[2]
