"""The operations, which call each use case as its handler does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from functools import cache
from typing import Any, Protocol, TypeVar

from msgspec import structs

from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.model.access_record import AccessKind
from chalicelib.domain.model.api_key import ApiKey, Scope
from chalicelib.domain.model.booking import Booking, PartnerPreference
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.errors import Refusal, Suspended, Unauthenticated
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.member import Account, Availability, PartnerGender, Profile, RelationKind
from chalicelib.handlers.events.day_stream import handle_day_records
from chalicelib.handlers.events.stream import handle_records
from chalicelib.services.begun_reads import Begun, begin_read
from chalicelib.services.bookings.availability import calendar, favorites_availability, member_availability
from chalicelib.services.bookings.batch import BatchedRequest, book_sessions
from chalicelib.services.bookings.book import KeyedRequest, Reply, book_session
from chalicelib.services.bookings.cancel import cancel_session
from chalicelib.services.bookings.facts import first_reads
from chalicelib.services.bookings.sessions import SessionEdit, edit_session, get_session, list_sessions, own_day
from chalicelib.services.context import Context
from chalicelib.services.jobs import run_jobs
from chalicelib.services.members.api_keys import make_api_key, record_use, revoke_api_key
from chalicelib.services.members.delete import delete_account
from chalicelib.services.members.invite_links import InviteLimits, make_invite, revoke_invite
from chalicelib.services.members.profiles import Claims, account_of, change_profile, get_or_create_member, view_member
from chalicelib.services.members.relationships import remove_relation, set_relation
from chalicelib.services.notices.scheduled_events import announce_starts
from chalicelib.services.rooms.attendance import join_session
from chalicelib.services.rooms.second_chance import seek_again
from chalicelib.services.slot_matching.scheduled_matching import finalize, sweep
from chalicelib.services.staff.suspend import lift_suspension, suspend_member
from chalicelib.storage import reads
from tests.simulation.oracles.table_history import TableHistory, key_of, link_of
from tests.simulation.scenarios.cast import IDS, MORNING, SLOTS

ISSUER = "simulation"
ROOMS = "https://rooms.example"
A_DAY = timedelta(days=1)
# The option of a batch whose items are locks.
LOCKS = "locks"
# The beginning of the idempotency key of an item of a batch.
ITEM_KEY = "key "
T = TypeVar("T")


class UseCase(StrEnum):
    """The use cases."""

    BOOK = "books"
    LOCK = "locks in with"
    ACCEPT = "accepts the invite of"
    BATCH = "books in a batch"
    CANCEL = "cancels"
    BLOCK = "blocks"
    UNBLOCK = "unblocks"
    SNOOZE = "snoozes"
    UNSNOOZE = "ends the snooze of"
    FAVORITE = "favorites"
    UNFAVORITE = "unfavorites"
    SET = "sets"
    EDIT = "edits"
    JOIN = "joins"
    ASK = "asks for another partner"
    INVITE = "invites"
    REVOKE = "revokes the invite"
    MAKE_KEY = "makes an API key"
    CALL = "calls with an API key"
    REVOKE_KEY = "revokes the API key"
    DELETE = "deletes the account"
    RETURN = "signs in again"
    SUSPEND = "suspends"
    LIFT = "ends the suspension of"
    VIEW = "views"
    COUNT = "sees the session count of"
    DELIVER = "the stream is delivered"
    ANNOUNCE = "events are announced"
    START = "starts are announced"
    FINALIZE = "slots are finalized"
    SWEEP = "the queues are swept"
    JOBS = "jobs are run"


@dataclass(frozen=True, slots=True)
class ActorOperation:
    """A use case, called by one member, the stream or a schedule.

    `option` selects a setting, a delivery of the stream, an idempotency key, or a batch of locks.
    """

    use_case: UseCase
    member: str = ""
    other: str = ""
    slot: str = "nine"
    option: str = ""
    replaces: bool = False

    @property
    def locks(self) -> bool:
        """True if the operation may lock a booking, which displaces random partners."""
        return self.use_case in (UseCase.LOCK, UseCase.ACCEPT) or self.locks_in_batch

    @property
    def is_item(self) -> bool:
        """True for an item of a batch, by its idempotency key."""
        return self.option.startswith(ITEM_KEY)

    @property
    def locks_in_batch(self) -> bool:
        """True for a batch whose items are locks."""
        return self.use_case is UseCase.BATCH and self.option == LOCKS

    def __str__(self) -> str:
        return _description(self)


@cache
def _description(operation: ActorOperation) -> str:
    at = f" at {operation.slot}" if operation.use_case in _AT_A_SLOT else ""
    more = f" ({', '.join(filter(None, (operation.option, 'replacing' * operation.replaces)))})"
    who = " ".join(filter(None, (operation.member, operation.use_case, operation.other)))
    return who + at + (more if len(more) > 3 else "")


_AT_A_SLOT = frozenset(
    {
        UseCase.BOOK,
        UseCase.LOCK,
        UseCase.ACCEPT,
        UseCase.BATCH,
        UseCase.CANCEL,
        UseCase.EDIT,
        UseCase.JOIN,
        UseCase.ASK,
    }
)


# The use cases whose caller is read by a request, as over HTTP. The other callers are taken from the history.
READERS_OF_ACCOUNT = frozenset(
    {UseCase.BOOK, UseCase.LOCK, UseCase.ACCEPT, UseCase.CANCEL, UseCase.EDIT, UseCase.JOIN, UseCase.ASK}
)


class OperationHost(Protocol):
    """The inputs of an operation."""

    context: Context

    def read_history(self, question: Callable[[TableHistory], T]) -> T:
        """Return an answer from the table history that the caller may know."""

    def records(self, option: str) -> list[dict[str, Any]]:
        """Return the records of a stream delivery."""

    def return_records(self, records: list[dict[str, Any]], result: Any) -> None:
        """Keep the unprocessed records for the next delivery."""

    def day_records(self, option: str) -> list[dict[str, Any]]:
        """Return the records of days that an invocation receives."""

    def return_day_records(self, batch: list[dict[str, Any]], result: Any) -> None:
        """Let the records wait again that the invocation left."""

    def wait(self) -> None:
        """Let other tasks run."""


def execute_operation(operation: ActorOperation, host: OperationHost) -> Any:
    """Call the use case and return its result. Raises the errors of the use case."""
    return _IMPLEMENTATIONS[operation.use_case](operation, host)


def _caller(operation: ActorOperation, host: OperationHost) -> Profile:
    return _admitted(host.read_history(lambda history: history.account(IDS[operation.member])))


def _admitted(account: Account | None) -> Profile:
    if not isinstance(account, Profile):
        raise Unauthenticated
    if account.suspension:
        raise Suspended
    return account


def _caller_and_reads(
    operation: ActorOperation, host: OperationHost, first_read: Callable[[str], T]
) -> tuple[Profile, Begun[T]]:
    """Return the caller, and the first read, which begins with the read of the account (ADR 45)."""
    begun: list[Begun[T]] = []

    def begin(member_id: str) -> None:
        begun.append(begin_read(lambda: first_read(member_id)))

    caller = _admitted(account_of(host.context, IDS[operation.member], begin))
    return caller, begun[-1]


def _find(host: OperationHost, question: Callable[[TableHistory], T | None]) -> T | None:
    """Return an answer from the history. If the answer is None, let other tasks run and ask again."""
    found = host.read_history(question)
    if found is None:
        host.wait()
        found = host.read_history(question)
    return found


def _booking_request(operation: ActorOperation, host: OperationHost) -> BookingRequest:
    match operation.use_case:
        case UseCase.LOCK:
            return BookingRequest(SLOTS[operation.slot], lock_with=IDS[operation.other], replace=operation.replaces)
        case UseCase.ACCEPT:
            link = _find(host, lambda history: link_of(history.moments, IDS[operation.other]))
            digest = link.digest if link else "0" * 64
            return BookingRequest(SLOTS[operation.slot], invite=digest, replace=operation.replaces)
    preference = PartnerPreference(
        named=IDS[operation.other] if operation.other else None, favorites=operation.option == "favorites"
    )
    return BookingRequest(SLOTS[operation.slot], preference=preference, replace=operation.replaces)


def digest(operation: ActorOperation) -> str:
    """Return the digest of a request with an idempotency key."""
    return f"{operation.use_case} {operation.other} {operation.slot} {operation.replaces}"


def _book(operation: ActorOperation, host: OperationHost) -> Reply:
    context, request = host.context, _booking_request(operation, host)
    keyed = KeyedRequest(operation.option, digest(operation)) if "key" in operation.option else None
    key = keyed and keyed.key
    caller, begun = _caller_and_reads(
        operation, host, lambda member_id: first_reads(context, member_id, request, key, context.clock())
    )
    return book_session(context, caller, request, keyed, begun)


def batch_items(operation: ActorOperation) -> list[ActorOperation]:
    """Return the requests of a batch, one for each slot. Those of a batch of locks name the other member."""
    use_case = UseCase.LOCK if operation.locks_in_batch else UseCase.BOOK
    return [
        replace(operation, use_case=use_case, slot=slot, option=f"{ITEM_KEY}{operation.member} {number}")
        for number, slot in enumerate(SLOTS)
    ]


def _batch(operation: ActorOperation, host: OperationHost) -> list[Reply | Refusal]:
    """Book every slot in one batch, each item with its own idempotency key."""
    requests = [
        BatchedRequest(_booking_request(item, host), KeyedRequest(item.option, digest(item)))
        for item in batch_items(operation)
    ]
    return book_sessions(host.context, _caller(operation, host), requests)


def _booking_id(operation: ActorOperation, host: OperationHost) -> str:
    """Return the id of the member's booking of the slot, active or cancelled."""
    who, slot = IDS[operation.member], SLOTS[operation.slot]
    found = _find(host, lambda history: history.last_booking(who, slot))
    return found.booking_id if found else "none"


def _caller_and_day(operation: ActorOperation, host: OperationHost, booking_id: str) -> tuple[Profile, Begun[Day]]:
    return _caller_and_reads(operation, host, lambda member_id: own_day(host.context, member_id, booking_id))


def _cancel(operation: ActorOperation, host: OperationHost) -> str:
    booking_id = _booking_id(operation, host)
    caller, begun = _caller_and_day(operation, host, booking_id)
    cancel_session(host.context, caller.member_id, booking_id, begun=begun)
    return booking_id


def _edit(operation: ActorOperation, host: OperationHost) -> Any:
    edit = SessionEdit(f"by {operation.member}", retitled=True, activity=None, quiet=True, prefer_favorites=True)
    booking_id = _booking_id(operation, host)
    caller, begun = _caller_and_day(operation, host, booking_id)
    return edit_session(host.context, caller, booking_id, edit, begun)


def _join(operation: ActorOperation, host: OperationHost) -> Booking:
    booking_id = _booking_id(operation, host)
    caller, begun = _caller_and_day(operation, host, booking_id)
    return join_session(host.context, caller, booking_id, begun=begun).view.booking


def _ask(operation: ActorOperation, host: OperationHost) -> Booking:
    booking_id = _booking_id(operation, host)
    caller, begun = _caller_and_day(operation, host, booking_id)
    return seek_again(host.context, caller, booking_id, begun).booking


def _relation_setter(said: RelationKind) -> Callable[[ActorOperation, OperationHost], None]:
    def do(operation: ActorOperation, host: OperationHost) -> None:
        until = host.context.clock() + A_DAY if said is RelationKind.SNOOZE else None
        set_relation(host.context, _caller(operation, host).member_id, IDS[operation.other], said, until=until)

    return do


def _relation_remover(said: RelationKind) -> Callable[[ActorOperation, OperationHost], None]:
    return lambda operation, host: remove_relation(
        host.context, _caller(operation, host).member_id, IDS[operation.other], said
    )


SETTINGS: Mapping[str, dict[str, Any]] = {
    "not available": {"availability": Availability.NO_ONE},
    "available to favorites": {"availability": Availability.FAVORITES},
    "available to everyone": {"availability": Availability.EVERYONE},
    "the same gender": {"partner_gender": PartnerGender.SAME},
    "any gender": {"partner_gender": PartnerGender.ANY},
}


def _set(operation: ActorOperation, host: OperationHost) -> Profile:
    changes = SETTINGS[operation.option]
    caller = _caller(operation, host)
    return change_profile(host.context, caller.member_id, lambda profile: structs.replace(profile, **changes))


def _invite(operation: ActorOperation, host: OperationHost) -> InviteLink:
    uses = int(operation.option) if operation.option else None
    limits = InviteLimits(max_uses=uses, expires_at=host.context.clock() + A_DAY)
    return make_invite(host.context, _caller(operation, host).member_id, limits).link


def _revoke(operation: ActorOperation, host: OperationHost) -> str | None:
    caller = _caller(operation, host)
    link = host.read_history(lambda history: link_of(history.moments, caller.member_id))
    if link:
        revoke_invite(host.context, caller.member_id, link.link_id)
    return link.digest if link else None


def _make_key(operation: ActorOperation, host: OperationHost) -> ApiKey:
    return make_api_key(host.context, _caller(operation, host).member_id, "a script", Scope.WRITE).key


def _call(operation: ActorOperation, host: OperationHost) -> ApiKey:
    """Authenticate with an API key, by its digest instead of its secret."""
    known = _find(host, lambda history: key_of(history.moments, IDS[operation.member]))
    key = reads.api_key(host.context.table, known.digest) if known else None
    if key is None:
        raise Unauthenticated
    record_use(host.context, key, AccessKind.WRITE)
    return key


def _revoke_key(operation: ActorOperation, host: OperationHost) -> str | None:
    caller = _caller(operation, host)
    key = host.read_history(lambda history: key_of(history.moments, caller.member_id))
    if key:
        revoke_api_key(host.context, caller.member_id, key.key_id)
    return key.digest if key else None


def _delete(operation: ActorOperation, host: OperationHost) -> None:
    delete_account(host.context, _caller(operation, host).member_id, deleted_at=MORNING)


def _return(operation: ActorOperation, host: OperationHost) -> Profile:
    claims = Claims(ISSUER, operation.member, operation.member, None, "UTC", MORNING + A_DAY)
    return get_or_create_member(host.context, claims)


def _suspend(operation: ActorOperation, host: OperationHost) -> None:
    """Suspend a member as a member of staff, who may be suspended too."""
    suspend_member(host.context, IDS[operation.member], IDS[operation.other], "rude")


def _lift(operation: ActorOperation, host: OperationHost) -> None:
    lift_suspension(host.context, IDS[operation.member], IDS[operation.other])


def _look(operation: ActorOperation, host: OperationHost) -> None:
    """Call every view. None of them is refused to a member."""
    caller = _caller(operation, host)
    first, last = MORNING, MORNING + A_DAY
    for other in operation.other.split():
        member_availability(host.context, caller.member_id, IDS[other])
    favorites_availability(host.context, caller)
    calendar(host.context, caller, first, last, None)
    for view in list_sessions(host.context, caller, first, last, before=None, limit=None):
        get_session(host.context, caller, view.booking.booking_id)


def _see_count(operation: ActorOperation, host: OperationHost) -> int:
    caller = _caller(operation, host)
    return view_member(host.context, caller, IDS[operation.other]).completed_sessions


def _deliver(operation: ActorOperation, host: OperationHost) -> Any:
    host.wait()
    records = host.records(operation.option)
    result = handle_records(host.context, records)
    host.wait()
    host.return_records(records, result)
    return result


def _announce(operation: ActorOperation, host: OperationHost) -> Any:
    host.wait()
    records = host.day_records(operation.option)
    result = handle_day_records(host.context, records)
    host.return_day_records(records, result)
    return result


_IMPLEMENTATIONS: Mapping[UseCase, Callable[[ActorOperation, OperationHost], Any]] = {
    UseCase.BOOK: _book,
    UseCase.LOCK: _book,
    UseCase.ACCEPT: _book,
    UseCase.BATCH: _batch,
    UseCase.CANCEL: _cancel,
    UseCase.BLOCK: _relation_setter(RelationKind.BLOCK),
    UseCase.UNBLOCK: _relation_remover(RelationKind.BLOCK),
    UseCase.SNOOZE: _relation_setter(RelationKind.SNOOZE),
    UseCase.UNSNOOZE: _relation_remover(RelationKind.SNOOZE),
    UseCase.FAVORITE: _relation_setter(RelationKind.FAVORITE),
    UseCase.UNFAVORITE: _relation_remover(RelationKind.FAVORITE),
    UseCase.SET: _set,
    UseCase.EDIT: _edit,
    UseCase.JOIN: _join,
    UseCase.ASK: _ask,
    UseCase.INVITE: _invite,
    UseCase.REVOKE: _revoke,
    UseCase.MAKE_KEY: _make_key,
    UseCase.CALL: _call,
    UseCase.REVOKE_KEY: _revoke_key,
    UseCase.DELETE: _delete,
    UseCase.RETURN: _return,
    UseCase.SUSPEND: _suspend,
    UseCase.LIFT: _lift,
    UseCase.VIEW: _look,
    UseCase.COUNT: _see_count,
    UseCase.DELIVER: _deliver,
    UseCase.ANNOUNCE: _announce,
    UseCase.START: lambda _, host: announce_starts(host.context),
    UseCase.FINALIZE: lambda _, host: finalize(host.context),
    UseCase.SWEEP: lambda _, host: sweep(host.context),
    UseCase.JOBS: lambda _, host: run_jobs(host.context),
}
