"""Invite links, which a member makes, lists and revokes and which every visitor may view (R25, R27)."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from chalicelib.domain.decisions.eligibility import AVAILABLE_AHEAD
from chalicelib.domain.decisions.invite_rules import offered_slots
from chalicelib.domain.decisions.write_set import Decision, InviteMade, InviteRevoked, WriteSet
from chalicelib.domain.model.api_key import ApiKey
from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.errors import (
    InvalidRequest,
    InviteUnavailable,
    NotFound,
    Suspended,
    TooLate,
    Unauthenticated,
)
from chalicelib.domain.model.ids import TOKEN_LENGTH, decoy_member_id, is_owned_by, owned_id, token_digest
from chalicelib.domain.model.input_texts import most_links, most_links_of_key
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.limits import LimitKind, versioned_limit_of
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.slot import HORIZON, Slot, check_ahead
from chalicelib.domain.model.suspension import SUSPENDED_OWNER_DETAIL
from chalicelib.services.begun_reads import Begun
from chalicelib.services.bookings.sessions import SessionView, own_day, views
from chalicelib.services.context import Context
from chalicelib.services.members.profiles import own_profile
from chalicelib.services.pages import Page, read_page
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import keys, reads

# The links that one API key can have. Its revocation deletes them all in one transaction.
LINKS_PER_KEY = 30


class InviteLimits(Struct, frozen=True):
    """The session, expiry and number of uses of a new link. None sets no limit."""

    session_id: str | None = None
    expires_at: datetime | None = None
    max_uses: int | None = None


class NewLink(Struct, frozen=True):
    """A new link and its token, which is not stored and not shown again."""

    link: InviteLink
    token: str


class InviteView(Struct, frozen=True):
    """The public content of a link, which is its owner and the slots that it offers.

    `sessions` are a signed-in guest's own ones with the owner, None for a visitor without credentials.
    """

    host: Profile
    slots: list[Slot]
    sessions: list[SessionView] | None = None


def make_invite(context: Context, caller: str, limits: InviteLimits, key: ApiKey | None = None) -> NewLink:
    """Make a link for all of the caller's available slots, or for one session (R25).

    A link made with an API key expires with the key at the latest (R35). At the limit of links it replaces one that is
    no longer usable (R36). Raises InvalidRequest if there is none, or if the expiry is not in the future. Raises
    NotFound for another member's session, TooLate for one that has started or was cancelled, and Unauthenticated if the
    account is deleted (R33) or the key is revoked.
    """
    expires_at = limits.expires_at and limits.expires_at.replace(microsecond=0)
    # Drawn once for all attempts: if the response of one was lost, the next finds the link by its token.
    token, own_id = context.token(TOKEN_LENGTH), owned_id(caller, context.token(16))

    def decide(attempt: Attempt) -> Decision[InviteLink]:
        existing = reads.invite(context.table, token_digest(token))
        if existing:
            return Decision(existing)
        check_ahead(expires_at, attempt.now, "expiresAt")
        if limits.session_id is not None:
            _check_ahead(context, caller, limits.session_id, attempt.now)
        link = InviteLink(
            link_id=own_id,
            owner_id=caller,
            digest=token_digest(token),
            made_at=attempt.now,
            session_id=limits.session_id,
            expires_at=_earlier(expires_at, key.expires_at if key else None),
            max_uses=limits.max_uses,
            made_by=key.key_id if key else None,
        )
        own_profile(context, caller)
        versioned_limit = reads.versioned_limit(context.table, versioned_limit_of(caller, LimitKind.LINKS))
        replaced = _replaced_link(context, caller, key, attempt.now)
        return Decision(
            link, WriteSet(invite=InviteMade(link, replaced), versioned_limit=versioned_limit, present=(caller,))
        )

    return NewLink(run_transaction(context, decide), token)


def _replaced_link(context: Context, caller: str, key: ApiKey | None, now: datetime) -> InviteLink | None:
    """Return the link that a new one replaces. Raises InvalidRequest at a limit, Unauthenticated for a revoked key.

    The caller has read the versioned limit before, which the revocation of a key increments.
    """
    if key and reads.api_key(context.table, key.digest) is None:
        raise Unauthenticated
    # Far below both limits, the number of entries suffices.
    if reads.number_listed(context.table, caller, keys.LINK) < min(LINKS_PER_KEY, context.settings.limits.links):
        return None
    listed = [made for _, made in reads.invites_of(context.table, caller)]
    of_key, limit = links_made_by(key, listed) if key else (), context.settings.limits.links
    return _link_to_replace(of_key, LINKS_PER_KEY, now, most_links_of_key(LINKS_PER_KEY)) or _link_to_replace(
        listed, limit, now, most_links(limit)
    )


def links_made_by(key: ApiKey, listed: Iterable[InviteLink | None]) -> tuple[InviteLink, ...]:
    """Return the links that an API key made, which die with it (R35)."""
    return tuple(link for link in listed if link and link.made_by == key.key_id)


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min(filter(None, (one, other)), default=None)


def _link_to_replace(listed: Sequence[InviteLink | None], limit: int, now: datetime, detail: str) -> InviteLink | None:
    """Return the oldest unusable link, or None below the limit (R36).

    Raises InvalidRequest with `detail` if all links are usable.
    """
    if len(listed) < limit:
        return None
    unusable = [link for link in listed if link and not link.is_open(now)]
    if not unusable:
        raise InvalidRequest(detail, field="inviteLinks")
    return min(unusable, key=lambda link: link.made_at)


def _check_ahead(context: Context, caller: str, session_id: str, now: datetime) -> None:
    booking = own_day(context, caller, session_id).find(session_id)
    if booking is None:
        raise NotFound
    if booking.state is State.CANCELLED or now >= booking.slot.start:
        raise TooLate(field="sessionId")


def list_invites(context: Context, caller: str, *, after: str | None, limit: int | None) -> Page[InviteLink]:
    """Return a page of at most `limit` of the caller's links, in the order of their ids (R25)."""
    return read_page(lambda rows: reads.invites_of(context.table, caller, after=after, limit=rows), limit)


def revoke_invite(context: Context, caller: str, invite_link_id: str) -> None:
    """Revoke one of the caller's links (R25). It is idempotent. Raises NotFound if another member owns the link."""
    if not is_owned_by(caller, invite_link_id):
        raise NotFound

    def decide(_attempt: Attempt) -> Decision[None]:
        digest = reads.invite_digest(context.table, caller, invite_link_id)
        link = reads.invite(context.table, digest) if digest else None
        return Decision(None, WriteSet(invite=InviteRevoked(link)) if link else WriteSet())

    run_transaction(context, decide)


def read_link(context: Context, token: str) -> InviteLink | None:
    """Return the link of a token, None for an unknown one."""
    return reads.invite(context.table, token_digest(token))


def view_invite(
    context: Context, token: str, guest: Profile | None = None, begun: Begun[InviteLink | None] | None = None
) -> InviteView:
    """Return the public content of a link (R27), and a guest's locked-in sessions ahead with its owner (R28).

    A link that is used up or has expired has content only for a guest with such a session. Raises InviteUnavailable
    otherwise, equal for every reason and after the same requests to the table (R28). Raises Suspended for a link of a
    suspended member (R47). `begun` is the read of `read_link`.
    """
    link, now, decoy = begun() if begun else read_link(context, token), context.clock(), decoy_member_id(token)
    # An unknown link has no owner, and a link that is not open no slots. Lookups that find nothing take their places.
    owner, open_link = link.owner_id if link else decoy, link if link and link.is_open(now) else None
    with context.table.parallel(2) as threads:
        account = threads.submit(reads.profile, context.table, owner)
        offering = threads.submit(_days_available, context, owner if open_link else decoy, now)
        # Read after the link: the session that used the link up is in the guest's days (R28).
        bookings = _locked_in_ahead(context, guest, owner, now) if guest else []
        host, days = account.result(), offering.result()
    if link is None or host is None or not (bookings or open_link):
        raise InviteUnavailable
    if host.suspension:
        raise Suspended(SUSPENDED_OWNER_DETAIL)
    offered = (booking for day in days for booking in day.active)
    slots = offered_slots(open_link, offered, now, context.settings.lock_cutoff) if open_link else []
    return InviteView(host, slots, views(context, bookings, now) if guest else None)


def _days_available(context: Context, member_id: str, now: datetime) -> list[Day]:
    """Read the days of the next two weeks, for display."""
    last = (now + AVAILABLE_AHEAD).date()
    return list(reads.days_between(context.table, member_id, now.date(), last, consistent=False))


def _locked_in_ahead(context: Context, guest: Profile, owner: str, now: datetime) -> list[Booking]:
    """Return the guest's sessions that are locked in with the owner and have not ended, by start."""
    # A session of the previous day may not have ended.
    days = reads.days_between(context.table, guest.member_id, (now - timedelta(days=1)).date(), (now + HORIZON).date())
    own = (booking for day in days for booking in day.active if guest.is_of(booking.requested_at))
    ahead = (booking for booking in own if booking.state is State.LOCKED_IN and now < booking.slot.end)
    return sorted(
        (booking for booking in ahead if booking.partner and booking.partner.member_id == owner),
        key=lambda booking: booking.slot,
    )
