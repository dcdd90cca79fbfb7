"""What actors do: every use case, as whoever may ask for it asks for it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from functools import cache
from typing import Any, Protocol, TypeVar

from msgspec import structs

from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.model.api_key import ApiKey, Scope
from chalicelib.domain.model.booking import PartnerPreference
from chalicelib.domain.model.errors import Refusal, Unauthenticated
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.member import Availability, PartnerGender, Profile, RelationKind
from chalicelib.handlers.events.stream import handle_records
from chalicelib.services.bookings.availability import calendar, favorites_availability, member_availability
from chalicelib.services.bookings.book import KeyedRequest, Reply, book_session
from chalicelib.services.bookings.cancel import cancel_session
from chalicelib.services.bookings.sessions import SessionEdit, edit_session, get_session, list_sessions
from chalicelib.services.context import Context
from chalicelib.services.jobs import run_jobs
from chalicelib.services.members.api_keys import make_api_key, note_use, revoke_api_key
from chalicelib.services.members.delete import delete_account
from chalicelib.services.members.invite_links import InviteLimits, make_invite, revoke_invite
from chalicelib.services.members.profiles import Claims, change_profile, get_or_create_member
from chalicelib.services.members.relationships import remove_relation, set_relation
from chalicelib.services.slot_matching.scheduled_matching import finalize, sweep
from chalicelib.storage import reads
from chalicelib.storage.errors import NotCommitted
from tests.simulation.oracles.table_history import Held, key_of, link_of
from tests.simulation.scenarios.cast import IDS, MORNING, SLOTS

ISSUER = "simulation"
ROOMS = "https://rooms.example"
# The token that every invite link of the simulation is made with.
A_DAY = timedelta(days=1)
T = TypeVar("T")


class Verb(StrEnum):
    """The use cases."""

    BOOK = "books"
    LOCK = "locks in with"
    ACCEPT = "accepts the invite of"
    BATCH = "books in a batch"
    CANCEL = "cancels"
    BLOCK = "blocks"
    UNBLOCK = "unblocks"
    SNOOZE = "snoozes"
    FAVORITE = "favorites"
    UNFAVORITE = "favorites no longer"
    SET = "sets"
    EDIT = "edits"
    INVITE = "invites"
    REVOKE = "revokes the invite"
    MAKE_KEY = "makes an API key"
    CALL = "calls by an API key"
    REVOKE_KEY = "revokes the API key"
    DELETE = "deletes the account"
    RETURN = "starts afresh"
    LOOK = "looks around"
    DELIVER = "the stream is delivered"
    FINALIZE = "slots are finalized"
    SWEEP = "the pool is swept"
    CHORES = "chores are done"


@dataclass(frozen=True, slots=True)
class Operation:
    """One use case, asked for by one member, the stream or a schedule.

    `manner` says how, where there are several ways: which setting, which faults of the stream, or the idempotency key.
    """

    verb: Verb
    who: str = ""
    other: str = ""
    slot: str = "nine"
    manner: str = ""
    replaces: bool = False

    def __str__(self) -> str:
        return _told(self)


@cache
def _told(operation: Operation) -> str:
    at = f" at {operation.slot}" if operation.verb in _AT_A_SLOT else ""
    more = f" ({', '.join(filter(None, (operation.manner, 'replacing' * operation.replaces)))})"
    who = " ".join(filter(None, (operation.who, operation.verb, operation.other)))
    return who + at + (more if len(more) > 3 else "")


_AT_A_SLOT = frozenset({Verb.BOOK, Verb.LOCK, Verb.ACCEPT, Verb.BATCH, Verb.CANCEL, Verb.EDIT})


class Place(Protocol):
    """What an operation finds on stage."""

    context: Context

    def look(self, question: Callable[[Held], T]) -> T:
        """What there is, as whoever asks may know it."""

    def records(self, manner: str) -> list[dict[str, Any]]:
        """The records that a delivery of the stream brings, in that manner."""

    def undone(self, records: list[dict[str, Any]], answer: Any) -> None:
        """Keep the records that are to be delivered again."""

    def wait(self) -> None:
        """Let others go on."""


def carry_out(operation: Operation, place: Place) -> Any:
    """Do what the operation asks for, as the handlers do; gives the answer. Raises what the use case raises."""
    return _DOING[operation.verb](operation, place)


def _caller(operation: Operation, place: Place) -> Profile:
    profile = place.look(lambda held: held.account(IDS[operation.who]))
    if not isinstance(profile, Profile):
        raise Unauthenticated
    return profile


def _found(place: Place, question: Callable[[Held], T | None]) -> T | None:
    """What is there, or comes while others go on."""
    found = place.look(question)
    if found is None:
        place.wait()
        found = place.look(question)
    return found


def _claim(operation: Operation, place: Place) -> BookingRequest:
    match operation.verb:
        case Verb.LOCK:
            return BookingRequest(SLOTS[operation.slot], lock_with=IDS[operation.other], replace=operation.replaces)
        case Verb.ACCEPT:
            link = _found(place, lambda held: link_of(held.moments, IDS[operation.other]))
            digest = link.digest if link else "0" * 64
            return BookingRequest(SLOTS[operation.slot], invite=digest, replace=operation.replaces)
    preference = PartnerPreference(
        named=IDS[operation.other] if operation.other else None, favorites=operation.manner == "favorites"
    )
    return BookingRequest(SLOTS[operation.slot], preference=preference, replace=operation.replaces)


def digest(operation: Operation) -> str:
    """What stands for a request where it has an idempotency key."""
    return f"{operation.verb} {operation.other} {operation.slot} {operation.replaces}"


def _book(operation: Operation, place: Place) -> Reply:
    keyed = KeyedRequest(operation.manner, digest(operation)) if "key" in operation.manner else None
    return book_session(place.context, _caller(operation, place), _claim(operation, place), keyed)


def batched(operation: Operation) -> list[Operation]:
    """What is asked for in a batch: every slot."""
    return [
        replace(operation, verb=Verb.BOOK, slot=slot, manner=f"key {operation.who} {number}")
        for number, slot in enumerate(SLOTS)
    ]


def _batch(operation: Operation, place: Place) -> list[Reply | Exception]:
    """One request after the other, as the handler does."""
    results: list[Reply | Exception] = []
    for item in batched(operation):
        if results:
            # Each item looks for its caller anew.
            place.wait()
        try:
            results.append(_book(item, place))
        except (Refusal, NotCommitted) as refusal:
            results.append(refusal)
    return results


def _booking_id(operation: Operation, place: Place) -> str:
    """The id of the session that the member has, or had, in the slot."""
    who, slot = IDS[operation.who], SLOTS[operation.slot]
    found = _found(place, lambda held: held.last_booking(who, slot))
    return found.booking_id if found else "none"


def _cancel(operation: Operation, place: Place) -> str:
    booking_id = _booking_id(operation, place)
    cancel_session(place.context, _caller(operation, place).member_id, booking_id)
    return booking_id


def _edit(operation: Operation, place: Place) -> Any:
    edit = SessionEdit(f"by {operation.who}", True, None, True)
    return edit_session(place.context, _caller(operation, place), _booking_id(operation, place), edit)


def _says(said: RelationKind) -> Callable[[Operation, Place], None]:
    def do(operation: Operation, place: Place) -> None:
        until = place.context.clock() + A_DAY if said is RelationKind.SNOOZE else None
        set_relation(place.context, _caller(operation, place).member_id, IDS[operation.other], said, until=until)

    return do


def _takes_back(said: RelationKind) -> Callable[[Operation, Place], None]:
    return lambda operation, place: remove_relation(
        place.context, _caller(operation, place).member_id, IDS[operation.other], said
    )


SETTINGS: Mapping[str, dict[str, Any]] = {
    "available to no one": {"availability": Availability.NO_ONE},
    "available to favorites": {"availability": Availability.FAVORITES},
    "available to everyone": {"availability": Availability.EVERYONE},
    "the same gender": {"partner_gender": PartnerGender.SAME},
    "any gender": {"partner_gender": PartnerGender.ANY},
}


def _set(operation: Operation, place: Place) -> Profile:
    changes = SETTINGS[operation.manner]
    caller = _caller(operation, place)
    return change_profile(place.context, caller.member_id, lambda profile: structs.replace(profile, **changes))


def _invite(operation: Operation, place: Place) -> InviteLink:
    uses = int(operation.manner) if operation.manner else None
    limits = InviteLimits(max_uses=uses, expires_at=place.context.clock() + A_DAY)
    return make_invite(place.context, _caller(operation, place).member_id, limits).link


def _revoke(operation: Operation, place: Place) -> str | None:
    caller = _caller(operation, place)
    link = place.look(lambda held: link_of(held.moments, caller.member_id))
    if link:
        revoke_invite(place.context, caller.member_id, link.link_id)
    return link.digest if link else None


def _make_key(operation: Operation, place: Place) -> ApiKey:
    return make_api_key(place.context, _caller(operation, place).member_id, "a script", Scope.WRITE).key


def _call(operation: Operation, place: Place) -> ApiKey:
    """As whoever has the text of the key: only its digest is known here."""
    known = _found(place, lambda held: key_of(held.moments, IDS[operation.who]))
    key = reads.api_key(place.context.table, known.digest) if known else None
    if key is None:
        raise Unauthenticated
    note_use(place.context, key)
    return key


def _revoke_key(operation: Operation, place: Place) -> str | None:
    caller = _caller(operation, place)
    key = place.look(lambda held: key_of(held.moments, caller.member_id))
    if key:
        revoke_api_key(place.context, caller.member_id, key.key_id)
    return key.digest if key else None


def _delete(operation: Operation, place: Place) -> None:
    delete_account(place.context, _caller(operation, place).member_id, deleted_at=MORNING)


def _return(operation: Operation, place: Place) -> Profile:
    claims = Claims(ISSUER, operation.who, operation.who, None, "UTC", MORNING + A_DAY)
    return get_or_create_member(place.context, claims)


def _look(operation: Operation, place: Place) -> None:
    """Every view there is, one after the other; none of them is refused to somebody who has an account."""
    caller = _caller(operation, place)
    first, last = MORNING, MORNING + A_DAY
    for other in operation.other.split():
        member_availability(place.context, caller.member_id, IDS[other])
    favorites_availability(place.context, caller)
    calendar(place.context, caller, first, last, None)
    for view in list_sessions(place.context, caller, first, last, before=None, limit=None):
        get_session(place.context, caller, view.booking.booking_id)


def _deliver(operation: Operation, place: Place) -> Any:
    place.wait()
    records = place.records(operation.manner)
    answer = handle_records(place.context, records)
    place.wait()
    place.undone(records, answer)
    return answer


_DOING: Mapping[Verb, Callable[[Operation, Place], Any]] = {
    Verb.BOOK: _book,
    Verb.LOCK: _book,
    Verb.ACCEPT: _book,
    Verb.BATCH: _batch,
    Verb.CANCEL: _cancel,
    Verb.BLOCK: _says(RelationKind.BLOCK),
    Verb.UNBLOCK: _takes_back(RelationKind.BLOCK),
    Verb.SNOOZE: _says(RelationKind.SNOOZE),
    Verb.FAVORITE: _says(RelationKind.FAVORITE),
    Verb.UNFAVORITE: _takes_back(RelationKind.FAVORITE),
    Verb.SET: _set,
    Verb.EDIT: _edit,
    Verb.INVITE: _invite,
    Verb.REVOKE: _revoke,
    Verb.MAKE_KEY: _make_key,
    Verb.CALL: _call,
    Verb.REVOKE_KEY: _revoke_key,
    Verb.DELETE: _delete,
    Verb.RETURN: _return,
    Verb.LOOK: _look,
    Verb.DELIVER: _deliver,
    Verb.FINALIZE: lambda _, place: finalize(place.context),
    Verb.SWEEP: lambda _, place: sweep(place.context),
    Verb.CHORES: lambda _, place: run_jobs(place.context),
}
