"""What goes out: what the use cases found, in the shapes of the contract."""

from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from msgspec.structs import asdict

from chalicelib.domain.model.api_key import ApiKey
from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.slot import Slot
from chalicelib.handlers.http import schema_types, schemas
from chalicelib.services.bookings.availability import PartnerView, SlotView
from chalicelib.services.bookings.sessions import SessionView
from chalicelib.services.members.api_keys import NewKey
from chalicelib.services.members.export import Export
from chalicelib.services.members.invite_links import InviteView
from chalicelib.services.members.profiles import MemberView
from chalicelib.services.members.relationships import PersonView

FORMER_MEMBER = "Former member"


def instant_text(instant: datetime) -> str:
    """An instant without fractions, its offset written out."""
    return instant.astimezone(UTC).isoformat(timespec="seconds")


def milliseconds(slot: Slot) -> int:
    """The length of a slot as the contract has it."""
    return slot.minutes * schema_types.MILLISECONDS


def session(view: SessionView, room_url: str) -> schemas.Session:
    """A booking as its owner sees it."""
    booking = view.booking
    change = booking.last_change
    return schemas.Session(
        session_id=booking.booking_id,
        session_type="paired",
        start_time=instant_text(booking.slot.start),
        duration=milliseconds(booking.slot),
        title=booking.title,
        state=_state(booking, view.seen_at),
        locked=booking.state is State.LOCKED_IN,
        final=view.final,
        last_change=schemas.LastChange(change.kind, instant_text(change.at)) if change else None,
        cancelled_late=booking.cancelled_late,
        room_url=f"{room_url}/{booking.partner.pair_id}" if booking.partner else None,
        users=(_oneself(view), *_partner(view)),
    )


def _state(booking: Booking, now: datetime) -> str:
    """The stored state, but for whoever has no partner when the slot starts (R23)."""
    unmatched = booking.state is State.WAITING and now >= booking.slot.start
    return schema_types.UNMATCHED if unmatched else booking.state.value


def _oneself(view: SessionView) -> schemas.CurrentParticipant:
    booking = view.booking
    return schemas.CurrentParticipant(
        user_id=booking.member_id,
        role=None,
        requested_at=instant_text(booking.requested_at),
        joined_at=None,
        completed=booking.is_completed(view.seen_at),
        session_title=booking.title,
        activity_type=booking.work_style.activity,
        quiet_mode=booking.work_style.quiet,
    )


def _partner(view: SessionView) -> list[schemas.SessionPartner]:
    """What the owner may see of the partner: name, picture, activity and quiet mode (R34)."""
    partner = view.booking.partner
    if partner is None:
        return []
    seen = person(partner.member_id, view.partner)
    return [
        schemas.SessionPartner(
            user_id=seen.user_id,
            name=seen.name,
            photo_url=seen.photo_url,
            role=None,
            is_favorite=view.is_favorite,
            activity_type=partner.work_style.activity,
            quiet_mode=partner.work_style.quiet,
        )
    ]


def person(member_id: str, profile: Profile | None) -> schemas.Person:
    """A member in a list; one whose account is gone is a former member."""
    if profile is None:
        return schemas.Person(member_id, FORMER_MEMBER, None)
    return schemas.Person(member_id, profile.name, profile.photo_url)


def public_profile(view: MemberView) -> schemas.PublicProfile:
    """What anybody signed in may see of a member."""
    profile = view.profile
    return schemas.PublicProfile(
        user_id=profile.member_id,
        name=profile.name,
        total_session_count=view.completed_sessions,
        time_zone=profile.time_zone,
        photo_url=profile.photo_url,
        member_since=instant_text(profile.member_since),
    )


def other_profile(view: MemberView) -> schemas.OtherProfile:
    """What the caller sees of another member."""
    return schemas.OtherProfile(**asdict(public_profile(view)), is_favorite=view.is_favorite)


def own_profile(view: MemberView) -> schemas.OwnProfile:
    """What a member sees of themself: the public profile and the settings (R31)."""
    profile = view.profile
    return schemas.OwnProfile(
        **asdict(public_profile(view)),
        gender=profile.gender,
        partner_gender=profile.partner_gender,
        availability=profile.availability,
        quiet_mode=profile.work_style.quiet,
        activity_type=profile.work_style.activity,
    )


def people(found: list[PersonView], now: datetime) -> schemas.People:
    """Those about whom a member says something, by what is said."""
    lists = schemas.People([], [], [])
    for entry in found:
        shown, said = person(entry.member_id, entry.profile), entry.relation
        if said.favorite:
            lists.favorites.append(shown)
        if said.snoozed_until and now < said.snoozed_until:
            until = instant_text(said.snoozed_until)
            lists.snoozed.append(schemas.SnoozedPerson(**asdict(shown), until=until))
        if said.blocked:
            lists.blocked.append(shown)
    return lists


def export(found: Export, room_url: str) -> schemas.Export:
    """Everything stored about the caller (R33)."""
    deleted_at = found.member.profile.deleted_at
    return schemas.Export(
        user=own_profile(found.member),
        earlier_account_deleted_at=instant_text(deleted_at) if deleted_at else None,
        sessions=[_exported_session(view, room_url) for view in found.sessions],
        people=[_exported_person(view) for view in found.people],
        invite_links=[_exported_link(link) for link in found.links],
        api_keys=[_exported_key(key) for key in found.keys],
    )


def _exported_session(view: SessionView, room_url: str) -> schemas.ExportedSession:
    preference = view.booking.preference
    shown = asdict(session(view, room_url))
    return schemas.ExportedSession(
        **shown, prefer_favorites=preference.favorites, preferred_partner_id=preference.named
    )


def _exported_person(view: PersonView) -> schemas.ExportedPerson:
    said = view.relation
    return schemas.ExportedPerson(
        **asdict(person(view.member_id, view.profile)),
        favorite=said.favorite,
        snoozed_until=instant_text(said.snoozed_until) if said.snoozed_until else None,
        blocked=said.blocked,
    )


def _exported_link(link: InviteLink) -> schemas.ExportedInviteLink:
    return schemas.ExportedInviteLink(**asdict(invite_link(link)), made_at=instant_text(link.made_at))


def _exported_key(key: ApiKey) -> schemas.ExportedApiKey:
    return schemas.ExportedApiKey(**asdict(api_key(key)), made_at=instant_text(key.made_at))


def slot(shown: Slot) -> schemas.Slot:
    """A slot by start and length."""
    return schemas.Slot(instant_text(shown.start), milliseconds(shown))


def available_slot(view: SlotView) -> schemas.AvailableSlot:
    """A slot of one member's availability."""
    (partner,) = view.partners
    return schemas.AvailableSlot(**asdict(slot(view.slot)), locked=partner.locked, lockable=partner.lockable)


def shared_slot(view: SlotView) -> schemas.SharedSlot:
    """A slot of the favorites' availability."""
    return schemas.SharedSlot(**asdict(slot(view.slot)), partners=[_partner_at(partner) for partner in view.partners])


def calendar_slot(view: SlotView, room_url: str) -> schemas.CalendarSlot:
    """A slot of the calendar: the caller's session and the partner panel."""
    return schemas.CalendarSlot(
        **asdict(slot(view.slot)),
        session=session(view.session, room_url) if view.session else None,
        favorites=[_partner_at(partner) for partner in view.partners],
    )


def _partner_at(view: PartnerView) -> schemas.PartnerAtSlot:
    seen = person(view.member_id, view.profile)
    return schemas.PartnerAtSlot(**asdict(seen), locked=view.locked, lockable=view.lockable)


def invite_link(link: InviteLink) -> schemas.InviteLink:
    """An invite link as its owner sees it; its address is told once, by whoever made it."""
    return schemas.InviteLink(
        invite_link_id=link.link_id,
        session_id=link.session_id,
        expires_at=instant_text(link.expires_at) if link.expires_at else None,
        max_uses=link.max_uses,
        uses=link.uses,
    )


def new_invite_link(link: InviteLink, url: str) -> schemas.NewInviteLink:
    """A link just made, with its address."""
    return schemas.NewInviteLink(**asdict(invite_link(link)), url=url)


def new_api_key(made: NewKey) -> schemas.NewApiKey:
    """An API key just made, with its text."""
    return schemas.NewApiKey(**asdict(_named_key(made.key)), key=made.text)


def api_key(key: ApiKey) -> schemas.ApiKey:
    """An API key as its owner sees it ever after (R35)."""
    last_used = key.last_used.isoformat() if key.last_used else None
    return schemas.ApiKey(**asdict(_named_key(key)), last_used=last_used)


def _named_key(key: ApiKey) -> schemas.NamedApiKey:
    return schemas.NamedApiKey(key.key_id, key.name, key.scope)


def invite(view: InviteView) -> schemas.Invite:
    """What an invite link shows to anybody: its owner's public name and picture, and the free slots (R27)."""
    host = schemas.Host(view.host.name, view.host.photo_url)
    return schemas.Invite(host, [slot(offered) for offered in view.slots])


def invite_page(view: InviteView, sign_in_url: str | None) -> dict[str, Any]:
    """The same for a page: the slots by UTC day, and where to sign in, if there is a place for it."""
    days = [(f"{day:%A} {day.day} {day:%B}", list(slots)) for day, slots in groupby(view.slots, lambda slot: slot.date)]
    return {"name": view.host.name, "photo_url": view.host.photo_url, "days": days, "sign_in_url": sign_in_url}
