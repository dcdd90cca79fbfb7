"""The conversion of invite links, API keys and data exports into their public schemas."""

from itertools import groupby
from typing import Any

from msgspec import UNSET
from msgspec.structs import asdict

from chalicelib.domain.decisions.attendance_score import AttendanceScore
from chalicelib.domain.model.access_record import AccessKind
from chalicelib.domain.model.api_key import ApiKey
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.handlers.http.inputs import display_text
from chalicelib.handlers.http.inputs.photo_url import shown_photo_url
from chalicelib.handlers.http.responses import account_schemas, export_serializers, serializers
from chalicelib.handlers.pages.page_catalog import day_text
from chalicelib.services.bookings.sessions import SessionView
from chalicelib.services.members.api_keys import CredentialUse, NewKey
from chalicelib.services.members.export import Export
from chalicelib.services.members.invite_links import InviteView
from chalicelib.services.members.relationships import PersonView

# The credential in the uses of bearer tokens.
BROWSER = "browser"


def invite_link(link: InviteLink) -> account_schemas.InviteLink:
    """Return an invite link without its address, which only the response to its creation contains."""
    return account_schemas.InviteLink(
        invite_link_id=link.link_id,
        session_id=link.session_id,
        expires_at=serializers.instant_text(link.expires_at) if link.expires_at else None,
        max_uses=link.max_uses,
        uses=link.uses,
    )


def attendance(score: AttendanceScore) -> account_schemas.Attendance:
    """Return an attendance score for its owner (R39)."""
    return account_schemas.Attendance(score.share, score.sessions, score.joined_in_time)


def new_invite_link(link: InviteLink, url: str) -> account_schemas.NewInviteLink:
    """Return a new invite link with its address."""
    return account_schemas.NewInviteLink(**asdict(invite_link(link)), url=url)


def new_api_key(made: NewKey) -> account_schemas.NewApiKey:
    """Return a new API key with its secret text."""
    return account_schemas.NewApiKey(**asdict(_named_key(made.key)), key=made.text)


def api_key(key: ApiKey) -> account_schemas.ApiKey:
    """Return an API key without its secret text (R35)."""
    last_used = key.last_used.isoformat() if key.last_used else None
    return account_schemas.ApiKey(**asdict(_named_key(key)), last_used=last_used)


def _named_key(key: ApiKey) -> account_schemas.NamedApiKey:
    expires_at = serializers.instant_text(key.expires_at) if key.expires_at else None
    return account_schemas.NamedApiKey(key.key_id, key.name, key.scope, expires_at)


def uses(found: list[CredentialUse]) -> list[account_schemas.AccessUse]:
    """Return the uses of credentials. Bearer tokens are called `browser`."""
    return [
        account_schemas.AccessUse(
            credential=use.key.key_id if use.key else BROWSER,
            name=use.key.name if use.key else None,
            day=use.day.isoformat(),
            kinds=[kind for kind in AccessKind if kind in use.kinds],
        )
        for use in found
    ]


def invite(view: InviteView) -> account_schemas.Invite:
    """Return the view of an invite link, its owner's name and picture and the free slots (R27)."""
    return account_schemas.Invite(
        host=account_schemas.Host(view.host.name, shown_photo_url(view.host.photo_url)),
        slots=[serializers.slot(offered) for offered in view.slots],
        sessions=UNSET if view.sessions is None else [serializers.session(each) for each in view.sessions],
    )


def invite_page(view: InviteView, language: str) -> dict[str, Any]:
    """Return the template values of the invite page, with the slots by UTC day."""
    days = [(day_text(language, day), list(slots)) for day, slots in groupby(view.slots, lambda slot: slot.date)]
    name, photo_url = view.host.name, shown_photo_url(view.host.photo_url)
    return {"name": name, "initial": display_text.initial(name), "photo_url": photo_url, "days": days}


def export(stored: Export, *, is_staff: bool = False) -> account_schemas.Export:
    """Return all data that is stored about the caller (R33)."""
    deleted_at = stored.member.profile.deleted_at
    return account_schemas.Export(
        user=serializers.own_profile(stored.member, is_staff=is_staff),
        earlier_account_deleted_at=serializers.instant_text(deleted_at) if deleted_at else None,
        sessions=[_exported_session(view) for view in stored.sessions],
        repeats=export_serializers.repeats(stored.documents),
        people=[_exported_person(view) for view in stored.people],
        invite_links=[_exported_link(link) for link in stored.links],
        api_keys=[_exported_key(key) for key in stored.keys],
        uses=uses(stored.uses),
        notices=export_serializers.notices(stored.documents),
        reports=export_serializers.reports(stored.documents),
    )


def _exported_session(view: SessionView) -> account_schemas.ExportedSession:
    shown = serializers.session(view)
    return account_schemas.ExportedSession(**asdict(shown), preferred_partner_id=view.booking.preference.named)


def _exported_person(view: PersonView) -> account_schemas.ExportedPerson:
    relation = view.relation
    return account_schemas.ExportedPerson(
        **asdict(serializers.person(view.member_id, view.profile)),
        favorite=relation.favorite,
        snoozed_until=serializers.instant_text(relation.snoozed_until) if relation.snoozed_until else None,
        blocked=relation.blocked,
        watched=view.watched,
    )


def _exported_link(link: InviteLink) -> account_schemas.ExportedInviteLink:
    return account_schemas.ExportedInviteLink(
        **asdict(invite_link(link)), made_at=serializers.instant_text(link.made_at), made_by=link.made_by
    )


def _exported_key(key: ApiKey) -> account_schemas.ExportedApiKey:
    return account_schemas.ExportedApiKey(**asdict(api_key(key)), made_at=serializers.instant_text(key.made_at))
