"""The conversion of sessions, members and availability into their public schemas."""

from datetime import UTC, datetime

from msgspec import UNSET
from msgspec.structs import asdict

from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.member import FORMER_MEMBER, Profile
from chalicelib.domain.model.room_times import may_join
from chalicelib.domain.model.slot import Slot
from chalicelib.handlers.http import schema_types
from chalicelib.handlers.http.inputs.field_parsers import MILLISECONDS
from chalicelib.handlers.http.inputs.photo_url import shown_photo_url
from chalicelib.handlers.http.responses import schemas
from chalicelib.services.bookings.availability import PartnerView, SlotView
from chalicelib.services.bookings.sessions import SessionView
from chalicelib.services.members.profiles import MemberView
from chalicelib.services.members.relationships import PersonView
from chalicelib.services.rooms.room import OpenedRoom
from chalicelib.services.rooms.turn_credentials import IceAccess


def instant_text(instant: datetime) -> str:
    """Format an instant in UTC with the offset `+00:00`, without fractions of a second."""
    return instant.astimezone(UTC).isoformat(timespec="seconds")


def _instant_or_none(instant: datetime | None) -> str | None:
    return None if instant is None else instant_text(instant)


def milliseconds(slot: Slot) -> int:
    """Return the length of a slot in milliseconds."""
    return slot.minutes * MILLISECONDS


def session(view: SessionView) -> schemas.Session:
    """Return a session as its owner sees it."""
    booking = view.booking
    changes = [schemas.SessionChange(change.kind, instant_text(change.at)) for change in booking.changes]
    return schemas.Session(
        session_id=booking.booking_id,
        session_type="paired",
        start_time=instant_text(booking.slot.start),
        duration=milliseconds(booking.slot),
        title=booking.title,
        state=_state(booking, view.seen_at),
        locked=booking.state is State.LOCKED_IN,
        final=view.final,
        last_change=changes[0] if changes else None,
        changes=changes,
        cancelled_late=booking.cancelled_late,
        prefer_favorites=booking.preference.favorites,
        repeat_id=booking.repeat_id,
        can_join=booking.partner is not None and may_join(booking.slot, view.seen_at),
        room_url=view.room_page,
        users=[_current_participant(view), *_partner(view)],
    )


def _state(booking: Booking, now: datetime) -> str:
    """Return the stored state, or `unmatched` for a waiting booking that can get no partner any more (R23, R38)."""
    unmatched = booking.state is State.WAITING and not booking.may_be_matched(now)
    return schema_types.UNMATCHED if unmatched else booking.state.value


def _current_participant(view: SessionView) -> schemas.Participant:
    booking = view.booking
    return schemas.Participant(
        user_id=booking.member_id,
        role=None,
        requested_at=instant_text(booking.requested_at),
        joined_at=_instant_or_none(booking.joined_at),
        completed=view.completed,
        session_title=booking.title,
        activity_type=booking.work_style.activity,
        quiet_mode=booking.work_style.quiet,
    )


def _partner(view: SessionView) -> list[schemas.Participant]:
    """Return the partner by name, picture, activity and quiet mode, empty without a partner (R34)."""
    partner = view.booking.partner
    if partner is None:
        return []
    seen = person(partner.member_id, view.partner)
    return [
        schemas.Participant(
            user_id=seen.user_id,
            name=seen.name,
            photo_url=seen.photo_url,
            role=None,
            is_favorite=view.is_favorite,
            requested_at=instant_text(partner.requested_at) if partner.requested_at else UNSET,
            joined_at=_instant_or_none(partner.joined_at),
            completed=view.completed,
            activity_type=partner.work_style.activity,
            quiet_mode=partner.work_style.quiet,
        )
    ]


def person(member_id: str, profile: Profile | None) -> schemas.Person:
    """Return a member in a list, a former member without a profile."""
    if profile is None:
        return schemas.Person(member_id, FORMER_MEMBER, None)
    return schemas.Person(member_id, profile.name, shown_photo_url(profile.photo_url))


def room(opened: OpenedRoom) -> schemas.Room:
    """Return the address and the credentials that open a room for one of its members (R41)."""
    is_own = opened.ice_servers is not None
    return schemas.Room(
        opened.provider,
        opened.url,
        instant_text(opened.expires_at),
        ice_servers=[_ice_server(one) for one in opened.ice_servers or ()] if is_own else UNSET,
        relay_only=opened.relay_only if is_own else UNSET,
    )


def _ice_server(access: IceAccess) -> schemas.IceServer:
    return schemas.IceServer(list(access.urls), access.username or UNSET, access.credential or UNSET)


def public_profile(view: MemberView) -> schemas.PublicProfile:
    """Return the profile that every signed-in member may see."""
    profile = view.profile
    return schemas.PublicProfile(
        user_id=profile.member_id,
        name=profile.name,
        total_session_count=view.completed_sessions,
        time_zone=profile.time_zone,
        photo_url=shown_photo_url(profile.photo_url),
        member_since=instant_text(profile.member_since),
    )


def other_profile(view: MemberView) -> schemas.OtherProfile:
    """Return another member's profile for the caller."""
    return schemas.OtherProfile(**asdict(public_profile(view)), is_favorite=view.is_favorite)


def own_profile(view: MemberView, *, is_staff: bool) -> schemas.OwnProfile:
    """Return the caller's public profile and settings (R31)."""
    profile = view.profile
    return schemas.OwnProfile(
        **asdict(public_profile(view)),
        needs_name=profile.needs_name,
        staff=is_staff,
        gender=profile.gender,
        partner_gender=profile.partner_gender,
        availability=profile.availability,
        quiet_mode=profile.work_style.quiet,
        activity_type=profile.work_style.activity,
    )


def people(views: list[PersonView], now: datetime) -> schemas.People:
    """Return the members by the caller's relation to them, without the snoozes that have ended."""
    lists = schemas.People([], [], [])
    for view in views:
        shown, relation = person(view.member_id, view.profile), view.relation
        if relation.favorite:
            lists.favorites.append(schemas.FavoritePerson(**asdict(shown), is_watched=view.watched))
        if relation.snoozed_until and now < relation.snoozed_until:
            until = instant_text(relation.snoozed_until)
            lists.snoozed.append(schemas.SnoozedPerson(**asdict(shown), until=until))
        if relation.blocked:
            lists.blocked.append(shown)
    return lists


def slot(shown: Slot) -> schemas.Slot:
    """Return a slot by start and length."""
    return schemas.Slot(instant_text(shown.start), milliseconds(shown))


def available_slot(view: SlotView) -> schemas.AvailableSlot:
    """Return a slot of one member's availability."""
    (partner,) = view.partners
    return schemas.AvailableSlot(**asdict(slot(view.slot)), locked=partner.locked, lockable=partner.lockable)


def shared_slot(view: SlotView) -> schemas.SharedSlot:
    """Return a slot of the favorites' availability."""
    return schemas.SharedSlot(**asdict(slot(view.slot)), partners=[_partner_at(partner) for partner in view.partners])


def calendar_slot(view: SlotView) -> schemas.CalendarSlot:
    """Return a slot of the calendar with the caller's session, the partner panel and the demand."""
    return schemas.CalendarSlot(
        **asdict(slot(view.slot)),
        session=session(view.session) if view.session else None,
        waiting=view.waiting,
        favorites=[_partner_at(partner) for partner in view.partners],
    )


def _partner_at(view: PartnerView) -> schemas.PartnerAtSlot:
    seen = person(view.member_id, view.profile)
    return schemas.PartnerAtSlot(**asdict(seen), locked=view.locked, lockable=view.lockable)
