"""`/v1/invite-links` and `/i/{token}`: the links of the caller, and what whoever was sent one can do with it."""

from typing import Annotated
from urllib.parse import urlencode, urlsplit

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
from chalicelib.domain.model.slot import Slot
from chalicelib.handlers import pages
from chalicelib.handlers.http import requests, schema_types, schemas, serializers
from chalicelib.handlers.http.api import Call, PublicCall, stage_path
from chalicelib.handlers.http.operations import Created, Done, Ok, Page, refuses
from chalicelib.handlers.http.requests import Body, IdempotencyKey, PageQuery
from chalicelib.handlers.http.resources.sessions import booked
from chalicelib.services.bookings.book import KeyedRequest, book_session
from chalicelib.services.members.invite_links import InviteLimits, list_invites, make_invite, revoke_invite, view_invite
from chalicelib.settings import Settings

LINKS = "/v1/invite-links"


class LinkBody(Body):
    """What an invite link is for, and how long it is good."""

    session_id: str | None = None
    expires_at: schema_types.AnyInstant | None = None
    max_uses: Annotated[int, Meta(ge=1, le=requests.LARGEST_EXACT)] | None = None

    def limits(self) -> InviteLimits:
        """What the link is for and how long it is good. Raises InvalidRequest naming the field at fault."""
        expires_at = None if self.expires_at is None else requests.instant(self.expires_at, "expiresAt")
        return InviteLimits(self.session_id, expires_at, self.max_uses)


class AcceptBody(Body):
    """The slot in which the owner of an invite link is locked in with."""

    start_time: schema_types.AnyInstant
    duration: schema_types.Duration
    replace: bool | None = None

    def booking_request(self, token: str) -> BookingRequest:
        """The claim that the body makes by the link. Raises InvalidRequest naming the field at fault."""
        slot = Slot(requests.instant(self.start_time, "startTime"), requests.minutes(self.duration, "duration"))
        return BookingRequest(slot, invite=token_digest(token), replace=bool(self.replace))


def address(settings: Settings, request: Request, token: str) -> str:
    """Where a link leads: below the address that is set, or else below the one that this API was called at."""
    return f"{settings.invite_url or f'{_called_at(request)}/i'}/{token}"


def sign_in_address(settings: Settings, request: Request, token: str) -> str | None:
    """Where to sign in and come back to the link's page: to a path, so that it leads to no other origin."""
    if settings.sign_in_url is None:
        return None
    back = urlsplit(address(settings, request, token)).path
    return f"{settings.sign_in_url}{'&' if '?' in settings.sign_in_url else '?'}{urlencode({'return': back})}"


def _called_at(request: Request) -> str:
    context = request.context
    if "domainName" not in context:
        # Whoever calls the function without a gateway knows better where it is to be had.
        return ""
    return f"https://{context['domainName']}{stage_path(request)}"


@refuses(NotFound, TooLate)
def post_link(call: Call, body: LinkBody) -> Created[schemas.OneInviteLink]:
    """Make an invite link, for one session or for all that are available; its address is told this once."""
    made = make_invite(call.context, call.caller.member_id, body.limits())
    url = address(call.context.settings, call.request, made.token)
    return Created(schemas.OneInviteLink(serializers.new_invite_link(made.link, url)))


def get_links(call: Call, query: PageQuery) -> Ok[schemas.InviteLinks]:
    """List one's own invite links that were not revoked."""
    found = list_invites(call.context, call.caller.member_id, after=call.position(LINKS, query), limit=query.size)
    links = [serializers.invite_link(link) for link in found.items]
    return Ok(schemas.InviteLinks(links, call.next_cursor(LINKS, found)))


@refuses(NotFound)
def delete_link(call: Call, inviteLinkId: str) -> Done:  # noqa: N803 - the name in the path
    """Revoke one of one's own invite links; again is harmless."""
    revoke_invite(call.context, call.caller.member_id, inviteLinkId)
    return Done()


@refuses(InviteUnavailable, Busy)
def get_invite(call: PublicCall, token: str) -> Ok[schemas.Invite] | Page:
    """Look at an invite link: whose it is, and the slots that it offers. Looking changes nothing (R27)."""
    view = view_invite(call.context, token)
    if not pages.wanted(call.request.headers.get("accept")):
        return Ok(serializers.invite(view))
    sign_in_url = sign_in_address(call.context.settings, call.request, token)
    return pages.page(pages.rendered("invite.html", **serializers.invite_page(view, sign_in_url)))


@refuses(InviteUnavailable, NotAvailable, TimeConflict, TooLate, RateLimited, IdempotencyKeyReused)
def post_invite(call: Call, token: str, body: AcceptBody, key: IdempotencyKey | None) -> Created[schemas.OneSession]:
    """Be locked in with the owner of an invite link, in one of the slots that it offers."""
    booking_request = body.booking_request(token)
    keyed = KeyedRequest(key, requests.digest(f"invite {booking_request.invite}", body)) if key else None
    # Locked in there already is what was asked for: the same answer, and no use spent.
    return Created(booked(call, book_session(call.context, call.caller, booking_request, keyed)))
