"""`/v1/invite-links` and `/i/{token}`: the links of the caller, and what whoever was sent one can do with it."""

from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

from chalice.app import Blueprint, Request, Response
from msgspec import Meta

from chalicelib.config import Settings
from chalicelib.domain.claiming import Claim
from chalicelib.domain.identity import token_digest
from chalicelib.domain.slot import Slot
from chalicelib.handlers import inputs, pages, presenting
from chalicelib.handlers.http import Api, Call, done, ok
from chalicelib.handlers.inputs import Body
from chalicelib.handlers.sessions import booked
from chalicelib.services.book import Keyed, book_session
from chalicelib.services.invites import Limits, list_invites, make_invite, revoke_invite, view_invite

LINKS = "/v1/invite-links"
INVITE = "/i/{token}"


class LinkBody(Body):
    """POST of an invite link."""

    session_id: str | None = None
    expires_at: str | None = None
    max_uses: Annotated[int, Meta(ge=1, le=inputs.LARGEST_EXACT)] | None = None

    def limits(self) -> Limits:
        """What the link is for and how long it is good. Raises InvalidRequest naming the field at fault."""
        expires_at = None if self.expires_at is None else inputs.instant(self.expires_at, "expiresAt")
        return Limits(self.session_id, expires_at, self.max_uses)


class AcceptBody(Body):
    """POST of an invite: the slot in which its owner is locked in with."""

    start_time: str
    duration: int
    replace: bool | None = None

    def claim(self, token: str) -> Claim:
        """The claim that the body makes by the link. Raises InvalidRequest naming the field at fault."""
        slot = Slot(inputs.instant(self.start_time, "startTime"), inputs.minutes(self.duration, "duration"))
        return Claim(slot, invite=token_digest(token), replace=bool(self.replace))


def sign_in_address(settings: Settings, token: str) -> str | None:
    """Where to sign in and come back to the link's page: to a path, so that it leads to no other origin."""
    if settings.sign_in_url is None:
        return None
    back = f"{urlsplit(settings.invite_url).path}/{token}"
    return f"{settings.sign_in_url}{'&' if '?' in settings.sign_in_url else '?'}{urlencode({'return': back})}"


def routes(api: Api) -> Blueprint:
    """The routes about invite links."""
    blueprint = Blueprint(__name__)

    @api.route(blueprint, LINKS, "POST")
    def post_link(call: Call) -> Response:
        made = make_invite(call.lockstep, call.caller.member_id, call.body(LinkBody).limits())
        shown = {**presenting.invite_link(made.link), "url": made.url}
        return ok({"inviteLink": shown}, HTTPStatus.CREATED)

    @api.route(blueprint, LINKS, "GET")
    def get_links(call: Call) -> Response:
        limit, after = inputs.query_limit(call.query), call.position(LINKS)
        found = list_invites(call.caller.member_id, after=after, limit=limit)
        page: dict[str, Any] = {"inviteLinks": [presenting.invite_link(link) for link in found.links]}
        if found.more_after:
            page["nextCursor"] = call.cursor(LINKS, found.more_after)
        return ok(page)

    @api.route(blueprint, f"{LINKS}/{{inviteLinkId}}", "DELETE")
    def delete_link(call: Call, inviteLinkId: str) -> Response:  # noqa: N803 - the name in the path
        revoke_invite(call.lockstep, call.caller.member_id, inviteLinkId)
        return done()

    @api.public(blueprint, INVITE)
    def get_invite(request: Request, token: str) -> Response:
        view = view_invite(api.lockstep, token)
        if not pages.wanted(request.headers.get("accept")):
            return ok(presenting.invite(view))
        return pages.page("invite.html", **presenting.invite_page(view, sign_in_address(api.lockstep.settings, token)))

    @api.route(blueprint, INVITE, "POST")
    def post_invite(call: Call, token: str) -> Response:
        value = call.body(dict[str, Any])
        claim, key = inputs.convert(value, AcceptBody).claim(token), call.idempotency_key()
        keyed = Keyed(key, inputs.digest(f"invite {claim.invite}", value)) if key else None
        reply = book_session(call.lockstep, call.caller, claim, keyed)
        # Locked in there already is what was asked for: the same answer, and no use spent.
        return ok(booked(call, reply), HTTPStatus.CREATED)

    return blueprint
