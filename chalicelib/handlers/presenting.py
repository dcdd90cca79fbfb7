"""What goes out: what the use cases found, in the shapes of the contract."""

from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from msgspec.structs import asdict

from chalicelib.domain.api_key import ApiKey
from chalicelib.domain.booking import Booking, State
from chalicelib.domain.invite import InviteLink
from chalicelib.domain.member import Profile
from chalicelib.domain.slot import Slot
from chalicelib.handlers import shapes, values
from chalicelib.services.api_keys import NewKey
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


def milliseconds(slot: Slot) -> int:
    """The length of a slot as the contract has it."""
    return slot.minutes * values.MILLISECONDS


def session(view: SessionView, room_url: str) -> shapes.Session:
    """A booking as its owner sees it."""
    booking = view.booking
    change = booking.last_change
    return shapes.Session(
        session_id=booking.booking_id,
        session_type="paired",
        start_time=instant_text(booking.slot.start),
        duration=milliseconds(booking.slot),
        title=booking.title,
        state=_state(booking, view.seen_at),
        locked=booking.state is State.LOCKED_IN,
        final=view.final,
        last_change=shapes.LastChange(change.kind, instant_text(change.at)) if change else None,
        cancelled_late=booking.cancelled_late,
        room_url=f"{room_url}/{booking.partner.pair_id}" if booking.partner else None,
        users=(_oneself(view), *_partner(view)),
    )


def _state(booking: Booking, now: datetime) -> str:
    """The stored state, but for whoever has no partner when the slot starts (R23)."""
    unmatched = booking.state is State.WAITING and now >= booking.slot.start
    return values.UNMATCHED if unmatched else booking.state.value


def _oneself(view: SessionView) -> shapes.Oneself:
    booking = view.booking
    return shapes.Oneself(
        user_id=booking.member_id,
        role=None,
        requested_at=instant_text(booking.requested_at),
        joined_at=None,
        completed=booking.is_completed(view.seen_at),
        session_title=booking.title,
        activity_type=booking.mode.activity,
        quiet_mode=booking.mode.quiet,
    )


def _partner(view: SessionView) -> list[shapes.SessionPartner]:
    """What the owner may see of the partner: name, picture, activity and quiet mode (R34)."""
    partner = view.booking.partner
    if partner is None:
        return []
    seen = person(partner.member_id, view.partner)
    return [
        shapes.SessionPartner(
            user_id=seen.user_id,
            name=seen.name,
            photo_url=seen.photo_url,
            role=None,
            is_favorite=view.is_favorite,
            activity_type=partner.mode.activity,
            quiet_mode=partner.mode.quiet,
        )
    ]


def person(member_id: str, profile: Profile | None) -> shapes.Person:
    """A member in a list; one whose account is gone is a former member."""
    if profile is None:
        return shapes.Person(member_id, FORMER_MEMBER, None)
    return shapes.Person(member_id, profile.name, profile.photo_url)


def public_profile(view: MemberView) -> shapes.PublicProfile:
    """What anybody signed in may see of a member."""
    profile = view.profile
    return shapes.PublicProfile(
        user_id=profile.member_id,
        name=profile.name,
        total_session_count=view.completed_sessions,
        time_zone=profile.time_zone,
        photo_url=profile.photo_url,
        member_since=instant_text(profile.member_since),
    )


def other_profile(view: MemberView) -> shapes.OtherProfile:
    """What the caller sees of another member."""
    return shapes.OtherProfile(**asdict(public_profile(view)), is_favorite=view.is_favorite)


def own_profile(view: MemberView) -> shapes.OwnProfile:
    """What a member sees of themself: the public profile and the settings (R31)."""
    profile = view.profile
    return shapes.OwnProfile(
        **asdict(public_profile(view)),
        gender=profile.gender,
        partner_gender=profile.partner_gender,
        availability=profile.availability,
        quiet_mode=profile.mode.quiet,
        activity_type=profile.mode.activity,
    )


def people(found: list[PersonView], now: datetime) -> shapes.People:
    """Those about whom a member says something, by what is said."""
    lists = shapes.People([], [], [])
    for entry in found:
        shown, said = person(entry.member_id, entry.profile), entry.relation
        if said.favorite:
            lists.favorites.append(shown)
        if said.snoozed_until and now < said.snoozed_until:
            until = instant_text(said.snoozed_until)
            lists.snoozed.append(shapes.SnoozedPerson(**asdict(shown), until=until))
        if said.blocked:
            lists.blocked.append(shown)
    return lists


def export(found: Export, room_url: str) -> shapes.Export:
    """Everything stored about the caller (R33)."""
    deleted_at = found.member.profile.deleted_at
    return shapes.Export(
        user=own_profile(found.member),
        earlier_account_deleted_at=instant_text(deleted_at) if deleted_at else None,
        sessions=[_exported_session(view, room_url) for view in found.sessions],
        people=[_exported_person(view) for view in found.people],
        invite_links=[_exported_link(link) for link in found.links],
        api_keys=[_exported_key(key) for key in found.keys],
    )


def _exported_session(view: SessionView, room_url: str) -> shapes.ExportedSession:
    wish = view.booking.wish
    shown = asdict(session(view, room_url))
    return shapes.ExportedSession(**shown, prefer_favorites=wish.favorites, preferred_partner_id=wish.named)


def _exported_person(view: PersonView) -> shapes.ExportedPerson:
    said = view.relation
    return shapes.ExportedPerson(
        **asdict(person(view.member_id, view.profile)),
        favorite=said.favorite,
        snoozed_until=instant_text(said.snoozed_until) if said.snoozed_until else None,
        blocked=said.blocked,
    )


def _exported_link(link: InviteLink) -> shapes.ExportedInviteLink:
    return shapes.ExportedInviteLink(**asdict(invite_link(link)), made_at=instant_text(link.made_at))


def _exported_key(key: ApiKey) -> shapes.ExportedApiKey:
    return shapes.ExportedApiKey(**asdict(api_key(key)), made_at=instant_text(key.made_at))


def slot(shown: Slot) -> shapes.Slot:
    """A slot by start and length."""
    return shapes.Slot(instant_text(shown.start), milliseconds(shown))


def available_slot(view: SlotView) -> shapes.AvailableSlot:
    """A slot of one member's availability."""
    (partner,) = view.partners
    return shapes.AvailableSlot(**asdict(slot(view.slot)), locked=partner.locked, lockable=partner.lockable)


def shared_slot(view: SlotView) -> shapes.SharedSlot:
    """A slot of the favorites' availability."""
    return shapes.SharedSlot(**asdict(slot(view.slot)), partners=[_partner_at(partner) for partner in view.partners])


def calendar_slot(view: SlotView, room_url: str) -> shapes.CalendarSlot:
    """A slot of the calendar: the caller's session and the partner panel."""
    return shapes.CalendarSlot(
        **asdict(slot(view.slot)),
        session=session(view.session, room_url) if view.session else None,
        favorites=[_partner_at(partner) for partner in view.partners],
    )


def _partner_at(view: PartnerView) -> shapes.PartnerAtSlot:
    seen = person(view.member_id, view.profile)
    return shapes.PartnerAtSlot(**asdict(seen), locked=view.locked, lockable=view.lockable)


def invite_link(link: InviteLink) -> shapes.InviteLink:
    """An invite link as its owner sees it; its address is told once, by whoever made it."""
    return shapes.InviteLink(
        invite_link_id=link.link_id,
        session_id=link.session_id,
        expires_at=instant_text(link.expires_at) if link.expires_at else None,
        max_uses=link.max_uses,
        uses=link.uses,
    )


def new_invite_link(link: InviteLink, url: str) -> shapes.NewInviteLink:
    """A link just made, with its address."""
    return shapes.NewInviteLink(**asdict(invite_link(link)), url=url)


def new_api_key(made: NewKey) -> shapes.NewApiKey:
    """An API key just made, with its text."""
    return shapes.NewApiKey(**asdict(_named_key(made.key)), key=made.text)


def api_key(key: ApiKey) -> shapes.ApiKey:
    """An API key as its owner sees it ever after (R35)."""
    last_used = key.last_used.isoformat() if key.last_used else None
    return shapes.ApiKey(**asdict(_named_key(key)), last_used=last_used)


def _named_key(key: ApiKey) -> shapes.NamedApiKey:
    return shapes.NamedApiKey(key.key_id, key.name, key.scope)


def invite(view: InviteView) -> shapes.Invite:
    """What an invite link shows to anybody: its owner's public name and picture, and the free slots (R27)."""
    host = shapes.Host(view.host.name, view.host.photo_url)
    return shapes.Invite(host, [slot(offered) for offered in view.slots])


def invite_page(view: InviteView, sign_in_url: str | None) -> dict[str, Any]:
    """The same for a page: the slots by UTC day, and where to sign in, if there is a place for it."""
    days = [(f"{day:%A} {day.day} {day:%B}", list(slots)) for day, slots in groupby(view.slots, lambda slot: slot.date)]
    return {"name": view.host.name, "photo_url": view.host.photo_url, "days": days, "sign_in_url": sign_in_url}
