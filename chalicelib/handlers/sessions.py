"""`/v1/sessions`: book, look at, change and cancel one's own sessions."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from chalice.app import Blueprint, Response
from msgspec import UNSET, Meta, UnsetType

from chalicelib.domain.booking import Wish
from chalicelib.domain.claiming import Claim
from chalicelib.domain.errors import Busy, InvalidRequest, Refusal
from chalicelib.domain.identity import is_member_id
from chalicelib.domain.member import Activity
from chalicelib.domain.slot import Slot
from chalicelib.handlers import inputs, presenting, problems
from chalicelib.handlers.http import Api, Call, done, ok
from chalicelib.handlers.inputs import Body
from chalicelib.services.book import Keyed, Reply, book_session
from chalicelib.services.cancel import cancel_session
from chalicelib.services.sessions import SessionEdit, SessionView, edit_session, get_session, list_sessions
from chalicelib.storage.outcomes import NotCommitted

SESSIONS = "/v1/sessions"
LARGEST_BATCH = 30

Title = Annotated[str, Meta(max_length=200)]


class BookBody(Body):
    """POST of a session."""

    start_time: str
    duration: int
    title: Title | None = None
    activity_type: Activity | None = None
    quiet_mode: bool | None = None
    prefer_favorites: bool | None = None
    partner_id: str | None = None
    locked: bool | None = None
    replace: bool | None = None

    def claim(self) -> Claim:
        """The claim that the body makes. Raises InvalidRequest naming the field at fault."""
        minutes = inputs.minutes(self.duration, "duration")
        if self.locked and self.partner_id is None:
            raise InvalidRequest("Say with whom to be locked in.", field="partnerId")
        locked = self.partner_id is not None and self.locked is not False
        # A regular booking prefers the partner it names (R10); one who is nobody is no preference.
        named = self.partner_id if self.partner_id and not locked and is_member_id(self.partner_id) else None
        return Claim(
            slot=Slot(inputs.instant(self.start_time, "startTime"), minutes),
            title=self.title,
            activity=self.activity_type,
            quiet=self.quiet_mode,
            wish=Wish(bool(self.prefer_favorites), named),
            lock_with=self.partner_id if locked else None,
            replace=bool(self.replace),
        )


class BatchBody(Body):
    """POST of several sessions; each is judged by itself."""

    sessions: Annotated[list[Any], Meta(max_length=LARGEST_BATCH)]


class EditBody(Body):
    """PATCH of a session: what is left out stays."""

    title: Title | None | UnsetType = UNSET
    activity_type: Activity | UnsetType = UNSET
    quiet_mode: bool | UnsetType = UNSET

    def edit(self) -> SessionEdit:
        """The change that the body asks for."""
        return SessionEdit(
            title=None if isinstance(self.title, UnsetType) else self.title,
            retitled=self.title is not UNSET,
            activity=None if isinstance(self.activity_type, UnsetType) else self.activity_type,
            quiet=None if isinstance(self.quiet_mode, UnsetType) else self.quiet_mode,
        )


def routes(api: Api) -> Blueprint:
    """The routes about sessions."""
    blueprint = Blueprint(__name__)

    @api.route(blueprint, SESSIONS, "POST")
    def post_session(call: Call) -> Response:
        value = call.body(dict[str, Any])
        reply = _book(call, value, call.idempotency_key())
        return ok(booked(call, reply), HTTPStatus.CREATED if reply.new else HTTPStatus.OK)

    @api.route(blueprint, f"{SESSIONS}/batch", "POST")
    def post_sessions(call: Call) -> Response:
        items = call.body(BatchBody).sessions
        key = call.idempotency_key()
        results = [_result(call, item, key and f"{key} {position}") for position, item in enumerate(items)]
        return ok({"results": results})

    @api.route(blueprint, SESSIONS, "GET")
    def get_sessions(call: Call) -> Response:
        start, end = inputs.query_range(call.query)
        inputs.check_year(start, end)
        return ok(_page(call, start, end))

    @api.route(blueprint, f"{SESSIONS}/{{sessionId}}", "GET")
    def get_one(call: Call, sessionId: str) -> Response:  # noqa: N803 - the name in the path
        return ok({"session": _shown(call, get_session(call.lockstep, call.caller, sessionId))})

    @api.route(blueprint, f"{SESSIONS}/{{sessionId}}", "PATCH")
    def patch_one(call: Call, sessionId: str) -> Response:  # noqa: N803
        edit = call.body(EditBody).edit()
        return ok({"session": _shown(call, edit_session(call.lockstep, call.caller, sessionId, edit))})

    @api.route(blueprint, f"{SESSIONS}/{{sessionId}}", "DELETE")
    def delete_one(call: Call, sessionId: str) -> Response:  # noqa: N803
        cancel_session(call.lockstep, call.caller.member_id, sessionId)
        return done()

    return blueprint


def _book(call: Call, value: object, key: str | None) -> Reply:
    claim = inputs.convert(value, BookBody).claim()
    keyed = Keyed(key, inputs.digest(SESSIONS, value)) if key else None
    return book_session(call.lockstep, call.caller, claim, keyed)


def booked(call: Call, reply: Reply) -> dict[str, Any]:
    """The body of an answer to a booking."""
    return {"session": _shown(call, reply.view)}


def _result(call: Call, item: object, key: str | None) -> dict[str, Any]:
    """What became of one item of a batch: its session, or the problem it would have met alone."""
    try:
        return booked(call, _book(call, item, key))
    except Refusal as refusal:
        return {"problem": problems.refused(refusal, instance=call.instance())}
    except NotCommitted:
        # A read found the table overloaded: the items before this one are done all the same.
        return {"problem": problems.refused(Busy(), instance=call.instance())}


def _page(call: Call, start: datetime, end: datetime) -> dict[str, Any]:
    scope = f"{SESSIONS} {start.isoformat()} {end.isoformat()}"
    limit = inputs.query_limit(call.query)
    position = call.position(scope)
    before = inputs.instant(position, "cursor") if position else None
    # One more than asked for tells whether there is a next page.
    asked = None if limit is None else limit + 1
    views = list_sessions(call.lockstep, call.caller, start, end, before=before, limit=asked)
    page: dict[str, Any] = {"sessions": [_shown(call, view) for view in views[:limit]]}
    if limit is not None and len(views) > limit:
        page["nextCursor"] = call.cursor(scope, views[limit - 1].booking.slot.start.isoformat())
    return page


def _shown(call: Call, view: SessionView) -> dict[str, Any]:
    return presenting.session(view, call.lockstep.settings.room_url)
