"""The views of `/v1/invite-links`, the caller's invite links, and of `/i/{token}`, the link as its guests see it."""

from typing import Annotated

from chalice.app import Request
from msgspec import Meta

from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.model.errors import (
    Busy,
    IdempotencyKeyReused,
    InviteUnavailable,
    NotAvailable,
    NotFound,
    RateLimited,
    TimeConflict,
    TooLate,
)
from chalicelib.domain.model.ids import token_digest
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.slot import Slot, check_ahead, check_start, with_room
from chalicelib.handlers.http import schema_types
from chalicelib.handlers.http.call import Call, EarlyCall, GuestCall, MemberCall, called_at
from chalicelib.handlers.http.inputs import requests
from chalicelib.handlers.http.inputs.field_parsers import instant, minutes
from chalicelib.handlers.http.inputs.input_fields import across
from chalicelib.handlers.http.inputs.requests import Body, IdempotencyKey, PageQuery
from chalicelib.handlers.http.operations import Created, Done, Ok, Page, begins, refuses
from chalicelib.handlers.http.resources.sessions import created
from chalicelib.handlers.http.responses import account_schemas, account_serializers, schemas
from chalicelib.handlers.pages import html_page
from chalicelib.handlers.pages.page_frame import frame_of
from chalicelib.services.begun_reads import Begun
from chalicelib.services.bookings.book import KeyedRequest, book_session
from chalicelib.services.bookings.facts import FirstReads, first_reads
from chalicelib.services.members.invite_links import (
    InviteLimits,
    list_invites,
    make_invite,
    read_link,
    revoke_invite,
    view_invite,
)
from chalicelib.services.pages import Page as ListPage
from chalicelib.settings import Settings

LINKS = "/v1/invite-links"


class LinkBody(Body):
    """The session and the limits of a new invite link."""

    session_id: str | None = None
    expires_at: schema_types.AnyInstant | None = None
    max_uses: Annotated[int, Meta(ge=1, le=requests.LARGEST_EXACT)] | None = None

    def limits(self) -> InviteLimits:
        """Return the limits of the link, with the expiry in whole seconds."""
        expires_at = None if self.expires_at is None else instant(self.expires_at, "expiresAt").replace(microsecond=0)
        return InviteLimits(self.session_id, expires_at, self.max_uses)

    @across("expires_at")
    def check_expiry(self, call: Call) -> None:
        """Raise InvalidRequest for an expiry that is not in the future."""
        check_ahead(self.limits().expires_at, call.context.clock(), "expiresAt")


class AcceptBody(Body):
    """The slot in which the guest locks in with the owner of an invite link."""

    start_time: schema_types.AnyInstant
    duration: schema_types.Duration
    replace: bool | None = None

    # Alone, such a start is refused after an unusable link (R28).
    @across("start_time", alone=False)
    def check_start(self, call: MemberCall) -> None:
        """Raise InvalidRequest for a start at which no session can be booked (R30)."""
        check_start(instant(self.start_time, "startTime"), call.context.clock())

    def booking_request(self, token: str) -> BookingRequest:
        """Return the booking request of the body."""
        slot = Slot(with_room(instant(self.start_time, "startTime")), minutes(self.duration, "duration"))
        return BookingRequest(slot, invite=token_digest(token), replace=bool(self.replace))


def address(settings: Settings, request: Request, token: str) -> str:
    """Return the address of a link, below the configured address or below that of this request."""
    return f"{settings.invite_url or f'{called_at(request)}/i'}/{token}"


@refuses(NotFound, TooLate)
def post_link(call: Call, body: LinkBody) -> Created[account_schemas.OneInviteLink]:
    """Create an invite link for one session or for all available ones. Only this response contains its address."""
    made = make_invite(call.context, call.caller.member_id, body.limits(), call.key)
    url = address(call.context.settings, call.request, made.token)
    # A link has no GET of its own.
    return Created(account_schemas.OneInviteLink(account_serializers.new_invite_link(made.link, url)), LINKS)


def _read_links(call: EarlyCall, query: PageQuery) -> ListPage[InviteLink]:
    return list_invites(call.context, call.member_id, after=call.position(LINKS, query), limit=query.size)


@begins(_read_links)
def get_links(
    call: Call,
    query: PageQuery,  # noqa: ARG001 - an input of the read
    begun: Begun[ListPage[InviteLink]],
) -> Ok[account_schemas.InviteLinkList]:
    """List the caller's invite links that are not revoked."""
    page = begun()
    links = [account_serializers.invite_link(link) for link in page.items]
    return Ok(account_schemas.InviteLinkList(links, call.next_cursor(LINKS, page)))


@refuses(NotFound)
def delete_link(call: Call, inviteLinkId: str) -> Done:  # noqa: N803 - the name in the path
    """Revoke one of the caller's invite links. A repeated request has no further effect."""
    revoke_invite(call.context, call.caller.member_id, inviteLinkId)
    return Done()


def _read_link(call: EarlyCall, token: str) -> InviteLink | None:
    return read_link(call.context, token)


@begins(_read_link)
@refuses(InviteUnavailable, Busy)
def get_invite(
    call: GuestCall, token: str, begun: Begun[InviteLink | None] | None = None
) -> Ok[account_schemas.Invite] | Page:
    """Get the owner and the free slots of an invite link. The request uses nothing up (R27).

    With credentials the response also has the caller's locked-in sessions with the owner that have not ended. With such
    a session it has status 200 and no slots also for a link that is used up or has expired (R28).
    """
    view = view_invite(call.context, token, call.guest, begun)
    if not html_page.is_wanted(call.request.headers.get("accept")):
        return Ok(account_serializers.invite(view))
    frame = frame_of(call.context.settings, call.request)
    values = account_serializers.invite_page(view, frame.language)
    return html_page.response(html_page.render("invite.html", frame, gone=False, **values), frame)


def _read_booking(call: EarlyCall, token: str, body: AcceptBody, key: IdempotencyKey | None) -> FirstReads:
    return first_reads(call.context, call.member_id, body.booking_request(token), key, call.context.clock())


@begins(_read_booking)
@refuses(InviteUnavailable, NotAvailable, TimeConflict, TooLate, RateLimited, IdempotencyKeyReused)
def post_invite(
    call: Call, token: str, body: AcceptBody, key: IdempotencyKey | None, begun: Begun[FirstReads]
) -> Created[schemas.OneSession]:
    """Lock in with the owner of an invite link in one of its free slots."""
    booking_request = body.booking_request(token)
    keyed = KeyedRequest(key, requests.digest(f"invite {booking_request.invite}", body)) if key else None
    # A guest who is already locked in there gets the same response, and no use is counted.
    return created(book_session(call.context, call.caller, booking_request, keyed, begun))
