"""The views of `/v1/sessions`, the caller's sessions."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, ClassVar

from msgspec import UNSET, Meta, UnsetType

from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.model import input_texts
from chalicelib.domain.model.booking import PartnerPreference
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.errors import (
    IdempotencyKeyReused,
    InvalidRequest,
    NotAvailable,
    NotFound,
    RateLimited,
    Refusal,
    TimeConflict,
    TooLate,
)
from chalicelib.domain.model.ids import is_member_id
from chalicelib.domain.model.limits import LARGEST_BATCH
from chalicelib.domain.model.member import Activity
from chalicelib.domain.model.slot import Slot, check_start, with_room
from chalicelib.handlers.http import schema_types
from chalicelib.handlers.http.call import Call, EarlyCall, MemberCall
from chalicelib.handlers.http.inputs import display_text, requests
from chalicelib.handlers.http.inputs.field_parsers import instant, minutes
from chalicelib.handlers.http.inputs.input_fields import across
from chalicelib.handlers.http.inputs.requests import Body, IdempotencyKey, RangeQuery
from chalicelib.handlers.http.operations import Accepted, Created, Done, Ok, begins, refuses
from chalicelib.handlers.http.responses import problems, schemas, serializers
from chalicelib.services.begun_reads import Begun
from chalicelib.services.bookings.batch import BatchedRequest, book_sessions
from chalicelib.services.bookings.book import KeyedRequest, Reply, book_session
from chalicelib.services.bookings.cancel import cancel_session
from chalicelib.services.bookings.facts import FirstReads, first_reads
from chalicelib.services.bookings.sessions import (
    SessionEdit,
    days_listed,
    edit_session,
    get_session,
    list_sessions,
    own_day,
)
from chalicelib.services.rooms.attendance import join_session
from chalicelib.services.rooms.second_chance import seek_again

SESSIONS = "/v1/sessions"


class BookBody(Body):
    """A booking. With `partnerId` it locks in with that member, or only prefers the member if `locked` is false."""

    start_time: schema_types.AnyInstant
    duration: schema_types.Duration
    title: display_text.Title | None = None
    activity_type: Activity | None = None
    quiet_mode: bool | None = None
    prefer_favorites: bool | None = None
    partner_id: str | None = None
    locked: bool | None = None
    replace: bool | None = None

    @across("start_time")
    def check_start(self, call: MemberCall) -> None:
        """Raise InvalidRequest for a start at which no session can be booked (R30)."""
        check_start(instant(self.start_time, "startTime"), call.context.clock())

    @across("locked", "partner_id")
    def check_partner(self, _call: MemberCall) -> None:
        """Raise InvalidRequest for a lock without a partner."""
        if self.locked and self.partner_id is None:
            raise InvalidRequest(input_texts.MISSING_PARTNER, field="partnerId")

    def booking_request(self) -> BookingRequest:
        """Return the booking request of the body."""
        locked = self.partner_id is not None and self.locked is not False
        # A regular booking prefers the partner that it names (R10). An invalid id is no preference.
        named = self.partner_id if self.partner_id and not locked and is_member_id(self.partner_id) else None
        return BookingRequest(
            slot=Slot(with_room(instant(self.start_time, "startTime")), minutes(self.duration, "duration")),
            title=None if self.title is None else display_text.title(self.title, "title"),
            activity=self.activity_type,
            quiet=self.quiet_mode,
            preference=PartnerPreference(bool(self.prefer_favorites), named),
            lock_with=self.partner_id if locked else None,
            replace=bool(self.replace),
        )


class BatchBody(Body):
    """Bookings that are made one by one. A refused item has its problem in its result."""

    # 30 items with the longest titles in any script, each letter escaped.
    largest: ClassVar[int] = 256 * requests.KIB

    # Each item is converted by itself, so that an invalid one spoils no other.
    sessions: Annotated[
        list[Any],
        Meta(
            max_length=LARGEST_BATCH,
            description="Bodies of `POST /v1/sessions`.",
            extra_json_schema={"items": schemas.reference(BookBody.__name__)},
        ),
    ]


class EditBody(Body):
    """A change of a session. Absent fields stay unchanged."""

    title: display_text.Title | None | UnsetType = UNSET
    activity_type: Activity | UnsetType = UNSET
    quiet_mode: bool | UnsetType = UNSET
    prefer_favorites: bool | UnsetType = UNSET

    def edit(self) -> SessionEdit:
        """Return the requested change."""
        return SessionEdit(
            title=display_text.title(self.title, "title") if isinstance(self.title, str) else None,
            retitled=self.title is not UNSET,
            activity=None if isinstance(self.activity_type, UnsetType) else self.activity_type,
            quiet=None if isinstance(self.quiet_mode, UnsetType) else self.quiet_mode,
            prefer_favorites=None if isinstance(self.prefer_favorites, UnsetType) else self.prefer_favorites,
        )


class SessionsQuery(RangeQuery, kw_only=True):
    """The requested part of the caller's sessions, up to a year."""

    @across("start", "end")
    def check_range(self, _call: MemberCall) -> None:
        """Raise InvalidRequest with the invalid end of the range."""
        self.range_of_a_year()


def _read_booking(call: EarlyCall, body: BookBody, key: IdempotencyKey | None) -> FirstReads:
    return first_reads(call.context, call.member_id, body.booking_request(), key, call.context.clock())


@begins(_read_booking)
@refuses(NotAvailable, TimeConflict, TooLate, RateLimited, IdempotencyKeyReused)
def post_session(
    call: Call, body: BookBody, key: IdempotencyKey | None, begun: Begun[FirstReads]
) -> Created[schemas.OneSession] | Ok[schemas.OneSession]:
    """Book a session, for a random partner or locked in. The status is 200 if the caller already has it."""
    asked = _batched(body, key)
    reply = book_session(call.context, call.caller, asked.request, asked.keyed, begun)
    return created(reply) if reply.new else Ok(booked(reply))


@refuses(RateLimited)
def post_sessions(call: Call, body: BatchBody, key: IdempotencyKey | None) -> Ok[schemas.BatchResults]:
    """Book several sessions. Each item is booked or refused independently of the others."""
    keys = (key and IdempotencyKey(f"{key} {position}") for position in range(len(body.sessions)))
    asked = [_asked(call, item, key) for item, key in zip(body.sessions, keys, strict=True)]
    replies = iter(book_sessions(call.context, call.caller, [one for one in asked if isinstance(one, BatchedRequest)]))
    results = [one if isinstance(one, Refusal) else next(replies) for one in asked]
    # A client that looks at the status alone would send the refused items again at once.
    headers = problems.retry_after(*(result for result in results if isinstance(result, Refusal)))
    return Ok(schemas.BatchResults([_result(call, result) for result in results]), headers)


def _read_list(call: EarlyCall, query: SessionsQuery) -> Iterator[Day]:
    start, end = query.range_of_a_year()
    before, limit = _part(call, query)
    return days_listed(call.context, call.member_id, start, end, before=before, limit=limit)


@begins(_read_list)
def get_sessions(call: Call, query: SessionsQuery, begun: Begun[Iterator[Day]]) -> Ok[schemas.SessionList]:
    """List the caller's sessions that overlap a range of up to a year, newest first, without cancelled ones."""
    return Ok(_page(call, query, begun))


def read_own_day(call: EarlyCall, sessionId: str, **_inputs: object) -> Day:  # noqa: N803 - the name in the path
    """Read the day of one of the caller's sessions. Raises NotFound for an id not made for the caller."""
    return own_day(call.context, call.member_id, sessionId)


@begins(read_own_day)
@refuses(NotFound)
def get_own_session(call: Call, sessionId: str, begun: Begun[Day]) -> Ok[schemas.OneSession]:  # noqa: N803
    """Get one of the caller's sessions, also a recently cancelled one."""
    return Ok(schemas.OneSession(serializers.session(get_session(call.context, call.caller, sessionId, begun))))


@begins(read_own_day)
@refuses(NotFound, TooLate)
def patch_session(call: Call, sessionId: str, body: EditBody, begun: Begun[Day]) -> Ok[schemas.OneSession]:  # noqa: N803
    """Change the title, activity, quiet mode or `preferFavorites` of an own session. Absent fields stay unchanged."""
    view = edit_session(call.context, call.caller, sessionId, body.edit(), begun)
    return Ok(schemas.OneSession(serializers.session(view)))


@begins(read_own_day)
@refuses(NotFound, NotAvailable, TooLate)
def post_join(call: Call, sessionId: str, begun: Begun[Day]) -> Ok[schemas.JoinedSession]:  # noqa: N803
    """Join one of the caller's sessions, from 10 minutes before the start to its end (R37).

    The first time is `joinedAt`. The response opens the room until 10 minutes after the end (R41).
    """
    joined = join_session(call.context, call.caller, sessionId, begun=begun)
    return Ok(schemas.JoinedSession(serializers.session(joined.view), serializers.room(joined.room)))


@begins(read_own_day)
@refuses(NotFound, NotAvailable, TooLate)
def post_second_chance(call: Call, sessionId: str, begun: Begun[Day]) -> Accepted[schemas.OneSession]:  # noqa: N803
    """Ask for another partner if the partner has not joined, from 3 to 10 minutes after the start (R38).

    The caller must have joined. The partner's session is then `missed`. The caller's session waits until 10 minutes
    after the start, and is matched with another member who asked. A repeated request has no further effect.
    """
    view = seek_again(call.context, call.caller, sessionId, begun)
    return Accepted(schemas.OneSession(serializers.session(view)))


@begins(read_own_day)
@refuses(NotFound, TooLate)
def delete_session(call: Call, sessionId: str, begun: Begun[Day]) -> Done:  # noqa: N803
    """Cancel one of the caller's sessions, locked in or not. A repeated request has no further effect."""
    cancel_session(call.context, call.caller.member_id, sessionId, begun=begun)
    return Done()


def _batched(body: BookBody, key: IdempotencyKey | None) -> BatchedRequest:
    keyed = KeyedRequest(key, requests.digest(SESSIONS, body)) if key else None
    return BatchedRequest(body.booking_request(), keyed)


def _asked(call: Call, item: object, key: IdempotencyKey | None) -> BatchedRequest | Refusal:
    """Return the request of one item of a batch, or the refusal of an invalid one."""
    try:
        return _batched(requests.convert(item, BookBody, call), key)
    except Refusal as refusal:
        return refusal


def created(reply: Reply) -> Created[schemas.OneSession]:
    """Return the response to a booking that made a session."""
    body = booked(reply)
    return Created(body, f"{SESSIONS}/{body.session.session_id}")


def booked(reply: Reply) -> schemas.OneSession:
    """Return the body of the response to a booking."""
    return schemas.OneSession(serializers.session(reply.view))


def _result(call: Call, result: Reply | Refusal) -> schemas.BatchResult:
    """Return the session or the problem of one item of a batch."""
    if isinstance(result, Refusal):
        problem = problems.from_refusal(result, instance=call.instance())
        return schemas.BatchResult(problem.status, problem=problem)
    status = Created.status if result.new else Ok.status
    return schemas.BatchResult(int(status), session=serializers.session(result.view))


def _part(call: MemberCall, query: SessionsQuery) -> tuple[datetime | None, int | None]:
    """Return the instant before which the requested page begins, and the maximum number of its sessions.

    One session more than requested shows that there is a next page.
    """
    position = call.position(query.scope(call), query)
    return instant(position, "cursor") if position else None, query.size and query.size + 1


def _page(call: Call, query: SessionsQuery, begun: Begun[Iterator[Day]]) -> schemas.SessionList:
    start, end = query.range_of_a_year()
    before, most = _part(call, query)
    views = list_sessions(call.context, call.caller, start, end, before=before, limit=most, begun=begun)
    limit = query.size
    shown = [serializers.session(view) for view in views[:limit]]
    if limit is None or len(views) <= limit:
        return schemas.SessionList(shown)
    return schemas.SessionList(shown, call.cursor(query.scope(call), views[limit - 1].booking.slot.start.isoformat()))
