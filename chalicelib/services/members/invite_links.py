"""Invite links: make, list, revoke, and look at one as anybody may (R25, R27)."""

from datetime import datetime

from msgspec import Struct

from chalicelib.domain.decisions.eligibility import AVAILABLE_AHEAD
from chalicelib.domain.decisions.write_set import Decision, InviteMade, InviteRevoked, WriteSet
from chalicelib.domain.model.booking import State
from chalicelib.domain.model.errors import InvalidRequest, InviteUnavailable, NotFound, TooLate
from chalicelib.domain.model.ids import is_owned_by, owned_id, token_digest
from chalicelib.domain.model.invite_link import InviteLink, offered_slots
from chalicelib.domain.model.limits import LimitKind, versioned_limit_of
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.slot import Slot
from chalicelib.services.bookings.sessions import own_day
from chalicelib.services.context import Context
from chalicelib.services.members.profiles import own_profile
from chalicelib.services.paging import Page, read_page
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import reads

# Enough characters for a token that nobody guesses: 130 bits.
TOKEN_LENGTH = 26


class InviteLimits(Struct, frozen=True):
    """What a new link is for and how long it is good; None sets no limit."""

    session_id: str | None = None
    expires_at: datetime | None = None
    max_uses: int | None = None


class NewLink(Struct, frozen=True):
    """A link just made, and its token: the only time that anybody is told."""

    link: InviteLink
    token: str


class InviteView(Struct, frozen=True):
    """What a link shows to anybody: its owner, and the slots it offers."""

    host: Profile
    slots: list[Slot]


def make_invite(context: Context, caller: str, limits: InviteLimits) -> NewLink:
    """Make a link for all of the caller's available slots, or for one session (R25).

    One that can be used no more makes room for it where there are too many (R36). Raises InvalidRequest where none
    does, or for an expiry that is not ahead, NotFound for a session that is not the caller's, TooLate for
    one that has started or was cancelled, and Unauthenticated where the account was deleted meanwhile (R33).
    """
    expires_at = limits.expires_at and limits.expires_at.replace(microsecond=0)
    # Drawn once: a try whose answer was lost is found by its token, and not made twice.
    token, own_id = context.token(TOKEN_LENGTH), owned_id(caller, context.token(16))

    def decide(attempt: Attempt) -> Decision[InviteLink]:
        made = reads.invite(context.table, token_digest(token))
        if made:
            return Decision(made)
        if expires_at is not None and expires_at <= attempt.now:
            raise InvalidRequest("A link expires in the future.", field="expiresAt")
        if limits.session_id is not None:
            _check_ahead(context, caller, limits.session_id, attempt.now)
        link = InviteLink(
            link_id=own_id,
            owner_id=caller,
            digest=token_digest(token),
            made_at=attempt.now,
            session_id=limits.session_id,
            expires_at=expires_at,
            max_uses=limits.max_uses,
        )
        own_profile(context, caller)
        versioned_limit = reads.versioned_limit(context.table, versioned_limit_of(caller, LimitKind.LINKS))
        made_room = _room_for_one(reads.invites_of(context.table, caller), context.settings.limits.links, attempt.now)
        return Decision(
            link, WriteSet(invite=InviteMade(link, made_room), versioned_limit=versioned_limit, present=(caller,))
        )

    return NewLink(run_transaction(context, decide), token)


def _room_for_one(listed: list[tuple[str, InviteLink | None]], most: int, now: datetime) -> InviteLink | None:
    """The link that makes room for one more, if one must (R36). Raises InvalidRequest where all can still be used."""
    if len(listed) < most:
        return None
    spent = [link for _, link in listed if link and not link.is_open(now)]
    if not spent:
        raise InvalidRequest(f"You have {most} links, as many as can be. Revoke one first.", field="inviteLinks")
    return min(spent, key=lambda link: link.made_at)


def _check_ahead(context: Context, caller: str, session_id: str, now: datetime) -> None:
    booking = own_day(context, caller, session_id).find(session_id)
    if booking is None:
        raise NotFound
    if booking.state is State.CANCELLED or now >= booking.slot.start:
        raise TooLate(field="sessionId")


def list_invites(context: Context, caller: str, *, after: str | None, limit: int | None) -> Page[InviteLink]:
    """The caller's links that were not revoked, in the order of their ids (R25), `limit` at the most."""
    return read_page(lambda most: reads.invites_of(context.table, caller, after=after, limit=most), limit)


def revoke_invite(context: Context, caller: str, invite_link_id: str) -> None:
    """Revoke one of the caller's links (R25); again is harmless. Raises NotFound, for another member's too."""
    if not is_owned_by(caller, invite_link_id):
        raise NotFound

    def decide(_attempt: Attempt) -> Decision[None]:
        digest = reads.invite_digest(context.table, caller, invite_link_id)
        link = reads.invite(context.table, digest) if digest else None
        return Decision(None, WriteSet(invite=InviteRevoked(link)) if link else WriteSet())

    run_transaction(context, decide)


def view_invite(context: Context, token: str) -> InviteView:
    """What the link with that token shows to anybody (R27). Raises InviteUnavailable, whatever the reason (R28)."""
    now = context.clock()
    link = reads.invite(context.table, token_digest(token))
    if link is None or not link.is_open(now):
        raise InviteUnavailable
    host = reads.profile(context.table, link.owner_id)
    if host is None:
        raise InviteUnavailable
    days = reads.days_between(
        context.table, link.owner_id, now.date(), (now + AVAILABLE_AHEAD).date(), consistent=False
    )
    bookings = (booking for day in days for booking in day.active)
    return InviteView(host, offered_slots(link, bookings, now, context.settings.final))
