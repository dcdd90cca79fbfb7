"""What goes out: the shapes of the contract."""

from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from chalicelib.domain.booking import Booking, State
from chalicelib.domain.invite import InviteLink
from chalicelib.domain.member import Profile
from chalicelib.domain.slot import Slot
from chalicelib.handlers import inputs
from chalicelib.services.availability import PartnerView, SlotView
from chalicelib.services.export import Export
from chalicelib.services.invites import InviteView
from chalicelib.services.people import PersonView
from chalicelib.services.profiles import MemberView
from chalicelib.services.sessions import SessionView

FORMER_MEMBER = "Former member"


def instant_text(instant: datetime) -> str:
    """An instant without fractions, its offset written out."""
    return instant.astimezone(UTC).isoformat(timespec="seconds")


def session(view: SessionView, room_url: str) -> dict[str, Any]:
    """A booking as its owner sees it."""
    booking = view.booking
    change = booking.last_change
    return {
        "sessionId": booking.booking_id,
        "sessionType": "paired",
        **slot(booking.slot),
        "title": booking.title,
        "state": _state(booking, view.seen_at),
        "locked": booking.state is State.LOCKED_IN,
        "final": view.final,
        "lastChange": change and {"kind": change.kind, "at": instant_text(change.at)},
        "cancelledLate": booking.cancelled_late,
        "roomUrl": f"{room_url}/{booking.partner.pair_id}" if booking.partner else None,
        "users": [_self(view), *_partner(view)],
    }


def _state(booking: Booking, now: datetime) -> str:
    """The stored state, but for whoever has no partner when the slot starts (R23)."""
    unmatched = booking.state is State.WAITING and now >= booking.slot.start
    return "unmatched" if unmatched else booking.state


def _self(view: SessionView) -> dict[str, Any]:
    booking = view.booking
    return {
        "userId": booking.member_id,
        "role": None,
        "requestedAt": instant_text(booking.requested_at),
        "joinedAt": None,
        "completed": booking.is_completed(view.seen_at),
        "sessionTitle": booking.title,
        "activityType": booking.mode.activity,
        "quietMode": booking.mode.quiet,
    }


def _partner(view: SessionView) -> list[dict[str, Any]]:
    """What the owner may see of the partner: name, picture, activity and quiet mode (R34)."""
    partner = view.booking.partner
    if partner is None:
        return []
    return [
        {
            **person(partner.member_id, view.partner),
            "role": None,
            "isFavorite": view.is_favorite,
            "activityType": partner.mode.activity,
            "quietMode": partner.mode.quiet,
        }
    ]


def person(member_id: str, profile: Profile | None) -> dict[str, Any]:
    """A member in a list; one whose account is gone is a former member."""
    if profile is None:
        return {"userId": member_id, "name": FORMER_MEMBER, "photoUrl": None}
    return {"userId": member_id, "name": profile.name, "photoUrl": profile.photo_url}


def public_profile(view: MemberView) -> dict[str, Any]:
    """What anybody signed in may see of a member."""
    profile = view.profile
    return {
        "userId": profile.member_id,
        "name": profile.name,
        "totalSessionCount": view.completed_sessions,
        "timeZone": profile.time_zone,
        "photoUrl": profile.photo_url,
        "memberSince": instant_text(profile.member_since),
    }


def own_profile(view: MemberView) -> dict[str, Any]:
    """What a member sees of themself: the public profile and the settings (R31)."""
    profile = view.profile
    return {
        **public_profile(view),
        "gender": profile.gender,
        "partnerGender": profile.partner_gender,
        "availability": profile.availability,
        "quietMode": profile.mode.quiet,
        "activityType": profile.mode.activity,
    }


def people(found: list[PersonView], now: datetime) -> dict[str, list[dict[str, Any]]]:
    """Those about whom a member says something, by what is said."""
    lists: dict[str, list[dict[str, Any]]] = {"favorites": [], "snoozed": [], "blocked": []}
    for entry in found:
        shown, said = person(entry.member_id, entry.profile), entry.relation
        if said.favorite:
            lists["favorites"].append(shown)
        if said.snoozed_until and now < said.snoozed_until:
            lists["snoozed"].append({**shown, "until": instant_text(said.snoozed_until)})
        if said.blocked:
            lists["blocked"].append(shown)
    return lists


def export(found: Export, room_url: str) -> dict[str, Any]:
    """Everything stored about the caller (R33)."""
    deleted_at = found.member.profile.deleted_at
    return {
        "user": own_profile(found.member),
        "earlierAccountDeletedAt": deleted_at and instant_text(deleted_at),
        "sessions": [_exported_session(view, room_url) for view in found.sessions],
        "people": [_exported_person(view) for view in found.people],
        "inviteLinks": [_exported_link(link) for link in found.links],
    }


def _exported_session(view: SessionView, room_url: str) -> dict[str, Any]:
    wish = view.booking.wish
    return {**session(view, room_url), "preferFavorites": wish.favorites, "preferredPartnerId": wish.named}


def _exported_person(view: PersonView) -> dict[str, Any]:
    said = view.relation
    return {
        **person(view.member_id, view.profile),
        "favorite": said.favorite,
        "snoozedUntil": said.snoozed_until and instant_text(said.snoozed_until),
        "blocked": said.blocked,
    }


def _exported_link(link: InviteLink) -> dict[str, Any]:
    return {**invite_link(link), "madeAt": instant_text(link.made_at)}


def slot(shown: Slot) -> dict[str, Any]:
    """A slot by start and length."""
    return {"startTime": instant_text(shown.start), "duration": shown.minutes * inputs.MILLISECONDS}


def available_slot(view: SlotView) -> dict[str, Any]:
    """A slot of one member's availability."""
    (partner,) = view.partners
    return {**slot(view.slot), "locked": partner.locked, "lockable": partner.lockable}


def shared_slot(view: SlotView) -> dict[str, Any]:
    """A slot of the favorites' availability."""
    return {**slot(view.slot), "partners": [_partner_at(partner) for partner in view.partners]}


def calendar_slot(view: SlotView, room_url: str) -> dict[str, Any]:
    """A slot of the calendar: the caller's session and the partner panel."""
    return {
        **slot(view.slot),
        "session": session(view.session, room_url) if view.session else None,
        "favorites": [_partner_at(partner) for partner in view.partners],
    }


def _partner_at(view: PartnerView) -> dict[str, Any]:
    return {**person(view.member_id, view.profile), "locked": view.locked, "lockable": view.lockable}


def invite_link(link: InviteLink) -> dict[str, Any]:
    """An invite link as its owner sees it; its address is told once, by whoever made it."""
    return {
        "inviteLinkId": link.link_id,
        "sessionId": link.session_id,
        "expiresAt": instant_text(link.expires_at) if link.expires_at else None,
        "maxUses": link.max_uses,
        "uses": link.uses,
    }


def invite(view: InviteView) -> dict[str, Any]:
    """What an invite link shows to anybody: its owner's public name and picture, and the free slots (R27)."""
    host = {"name": view.host.name, "photoUrl": view.host.photo_url}
    return {"host": host, "slots": [slot(offered) for offered in view.slots]}


def invite_page(view: InviteView, sign_in_url: str | None) -> dict[str, Any]:
    """The same for a page: the slots by UTC day, and where to sign in, if there is a place for it."""
    days = [(f"{day:%A} {day.day} {day:%B}", list(slots)) for day, slots in groupby(view.slots, lambda slot: slot.date)]
    return {"name": view.host.name, "photo_url": view.host.photo_url, "days": days, "sign_in_url": sign_in_url}
